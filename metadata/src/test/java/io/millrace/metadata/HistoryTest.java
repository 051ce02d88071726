package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Command.ConfigChange;
import io.millrace.metadata.Command.Edit;
import io.millrace.metadata.Command.EditKind;
import io.millrace.metadata.Command.MorePartitions;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.Command.TopicRef;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Random histories of commands: what the live image became is what replay, a snapshot and a
/// comparison of images give.
class HistoryTest {
  private static final int SEEDS = 60;
  private static final int COMMANDS = 60;

  @Test
  void replaySnapshotAndDeltaAgreeWithWhatHappened() {
    for (long seed = 0; seed < SEEDS; seed++) {
      run(seed);
    }
  }

  private static void run(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Controller controller = new Controller(Clusters.DEFAULTS);
    ClusterImage live = ClusterImage.EMPTY;
    List<MetadataRecord> history = new ArrayList<>();
    for (int i = 0; i < COMMANDS; i++) {
      Command<?> command = randomCommand(random);
      long draw = random.nextLong();
      ClusterImage before = live;
      List<MetadataRecord> twin = before.toRecords();
      Decision<?> decision = controller.decide(before, command, new SeededEntropy(draw));
      Decision<?> again = controller.decide(before, command, new SeededEntropy(draw));
      assertThat(again).as("decided twice, seed %d", seed).isEqualTo(decision);
      assertThat(before.toRecords()).as("decided, seed %d", seed).isEqualTo(twin);

      ImageDelta.Builder delta = new ImageDelta.Builder(before);
      for (MetadataRecord record : decision.records()) {
        delta.apply(delta.build().after().offset() + 1, 1, record);
      }
      live = delta.build().after();
      history.addAll(decision.records());
      checkDelta(delta.build(), seed);
    }
    List<MetadataRecord> stored =
        history.stream().map(RecordFrame::frame).map(RecordFrame::unframe).toList();
    assertThat(stored).as("stored records, seed %d", seed).isEqualTo(history);
    assertThat(Clusters.apply(ClusterImage.EMPTY, stored))
        .as("replay, seed %d", seed)
        .isEqualTo(live);
    ClusterImage restored = Clusters.apply(ClusterImage.EMPTY, live.toRecords());
    assertThat(restored.at(live.offset(), live.epoch()))
        .as("snapshot, seed %d", seed)
        .isEqualTo(live);
  }

  /// Noting what records touch finds at least what differs, and the same topics come and go.
  private static void checkDelta(ImageDelta noted, long seed) {
    ImageDelta compared = ImageDelta.between(noted.before(), noted.after());
    assertThat(noted.changedTopics()).as("seed %d", seed).containsAll(compared.changedTopics());
    assertThat(noted.changedBrokers()).as("seed %d", seed).containsAll(compared.changedBrokers());
    assertThat(noted.changedConfigs()).as("seed %d", seed).containsAll(compared.changedConfigs());
    assertThat(noted.createdTopics()).as("seed %d", seed).isEqualTo(compared.createdTopics());
    assertThat(noted.deletedTopics()).as("seed %d", seed).isEqualTo(compared.deletedTopics());
  }

  private static Command<?> randomCommand(SplittableRandom random) {
    String name = "t" + random.nextInt(6);
    return switch (random.nextInt(8)) {
      case 0 ->
          Clusters.broker(random.nextInt(4), random.nextBoolean() ? "" : "r" + random.nextInt(3));
      case 1, 2 ->
          Clusters.create(
              Clusters.topic(
                  name,
                  random.nextInt(-1, 5),
                  random.nextInt(-1, 4),
                  new Setting("retention.ms", Integer.toString(random.nextInt(-3, 100)))),
              Clusters.topic("t" + random.nextInt(6), 1, 1));
      case 3 ->
          new Command.DeleteTopics(
              List.of(new TopicRef(name, Uuid.ZERO), new TopicRef("t0", Uuid.ZERO)));
      case 4 ->
          new Command.CreatePartitions(
              List.of(new MorePartitions(name, random.nextInt(8), null)), random.nextInt(4) == 0);
      case 5, 6 -> randomEdits(random, name);
      default ->
          random.nextBoolean()
              ? new Command.AllocateProducerIds(random.nextInt(4), random.nextInt(10))
              : new Command.FinalizeFeatures(
                  new TreeMap<>(Map.of("f" + random.nextInt(3), (short) random.nextInt(3))));
    };
  }

  private static Command<?> randomEdits(SplittableRandom random, String topic) {
    ConfigResource resource =
        switch (random.nextInt(3)) {
          case 0 -> ConfigResource.topic(topic);
          case 1 -> ConfigResource.broker(random.nextInt(4));
          default -> ConfigResource.ALL_BROKERS;
        };
    String[] names = {"retention.ms", "cleanup.policy", "max.connections", "log.cleanup.policy"};
    String[] values = {"1", "compact", "delete", "x"};
    EditKind kind =
        List.of(EditKind.SET, EditKind.DELETE, EditKind.APPEND, EditKind.SUBTRACT)
            .get(random.nextInt(4));
    return new Command.IncrementalAlterConfigs(
        List.of(
            new ConfigChange(
                resource,
                List.of(new Edit(names[random.nextInt(4)], kind, values[random.nextInt(4)])))),
        random.nextInt(5) == 0);
  }
}
