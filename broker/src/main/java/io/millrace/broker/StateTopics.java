package io.millrace.broker;

import io.millrace.broker.api.InternalTopics;
import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.CommandFailedException;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the internal topics of the coordinators through the controller.
///
/// They are compacted, and in durability mode `fsync` whatever the broker's default is: a commit
/// that was acknowledged must be found again.
final class StateTopics implements InternalTopics {
  static final String OFFSETS = "__consumer_offsets";
  static final String TRANSACTIONS = "__transaction_state";

  private static final Logger LOG = LoggerFactory.getLogger(StateTopics.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final ControllerRuntime controller;
  private final Config config;
  private final Clock clock;

  StateTopics(ControllerRuntime controller, Config config, Clock clock) {
    this.controller = controller;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public boolean ensure(String topic) throws InterruptedException {
    if (controller.image().topic(topic).isPresent()) {
      return true;
    }
    Command.NewTopic wanted =
        topic.equals(OFFSETS)
            ? newTopic(topic, "offsets.topic", 1)
            : newTopic(
                topic, "transaction.state.log", config.intValue("transaction.state.log.min.isr"));
    try {
      Command.CreatedTopic created =
          controller
              .submit(new Command.CreateTopics(List.of(wanted), false), clock.deadlineIn(TIMEOUT))
              .getFirst();
      ErrorCode error = created.outcome().error();
      if (error != ErrorCode.NONE && error != ErrorCode.TOPIC_ALREADY_EXISTS) {
        LOG.warn("Cannot create the topic {}: {}", topic, created.outcome().message());
        return false;
      }
      return true;
    } catch (CommandFailedException e) {
      LOG.warn("Cannot create the topic {} now: {}", topic, e.getMessage());
      return false;
    }
  }

  private Command.NewTopic newTopic(String topic, String prefix, int minIsr) {
    short factor = replicationFactor(prefix + ".replication.factor");
    return new Command.NewTopic(
        topic,
        config.intValue(prefix + ".num.partitions"),
        factor,
        List.of(),
        List.of(
            new Command.Setting("cleanup.policy", "compact"),
            new Command.Setting("compression.type", "producer"),
            new Command.Setting("durability", "fsync"),
            new Command.Setting("min.insync.replicas", String.valueOf(Math.min(factor, minIsr))),
            new Command.Setting(
                "segment.bytes", String.valueOf(config.intValue(prefix + ".segment.bytes")))));
  }

  /// What was asked for; the default, which is for clusters, at most what there are brokers for.
  private short replicationFactor(String setting) {
    int wanted = config.intValue(setting);
    return (short)
        (config.isGiven(setting)
            ? wanted
            : Math.min(wanted, Math.max(1, controller.image().brokers().size())));
  }
}
