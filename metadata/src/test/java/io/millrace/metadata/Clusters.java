package io.millrace.metadata;

import io.millrace.host.Entropy;
import io.millrace.metadata.Command.NewTopic;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.Uuid;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes images and commands for tests.
final class Clusters {
  static final Config DEFAULTS = BrokerConfigs.read(Map.of());

  private Clusters() {}

  static Command.RegisterBroker broker(int id, String rack) {
    return new Command.RegisterBroker(
        id,
        new Uuid(7, id),
        List.of(new Broker.Endpoint("PLAINTEXT", "host" + id, 9092, (short) 0)),
        rack.isEmpty() ? Optional.empty() : Optional.of(rack),
        List.of(new Uuid(9, id)));
  }

  static NewTopic topic(String name, int partitions, int replicationFactor, Setting... settings) {
    return new NewTopic(name, partitions, replicationFactor, List.of(), Arrays.asList(settings));
  }

  static Command.CreateTopics create(NewTopic... topics) {
    return new Command.CreateTopics(Arrays.asList(topics), false);
  }

  static ClusterImage apply(ClusterImage image, List<MetadataRecord> records) {
    ClusterImage next = image;
    for (MetadataRecord record : records) {
      next = next.apply(next.offset() + 1, 1, record);
    }
    return next;
  }

  /// The image after commands that the default controller decides.
  static ClusterImage after(ClusterImage image, Entropy entropy, Command<?>... commands) {
    Controller controller = new Controller(DEFAULTS);
    ClusterImage next = image;
    for (Command<?> command : commands) {
      next = apply(next, controller.decide(next, command, entropy).records());
    }
    return next;
  }

  /// A cluster of one broker, number 1.
  static ClusterImage single() {
    return after(ClusterImage.EMPTY, new SeededEntropy(1), broker(1, ""));
  }
}
