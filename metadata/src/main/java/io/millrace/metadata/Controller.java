package io.millrace.metadata;

import io.millrace.host.Entropy;
import io.millrace.metadata.config.Config;

/// Decides what becomes of commands. It has no state: everything it looks at is in the image and in
/// the settings that the node was started with, and all that it does is to say which records make
/// the change. Applying those is the image's part ([ClusterImage#apply]); writing them is the
/// runtime's.
///
/// Errors are those that Kafka answers for the same mistakes.
public final class Controller {
  private final TopicDecisions topics;
  private final ConfigDecisions configs;
  private final BrokerDecisions brokers = new BrokerDecisions();

  /// A controller on a node that was started with these settings.
  public Controller(Config started) {
    this.topics = new TopicDecisions(started);
    this.configs = new ConfigDecisions(started);
  }

  /// What becomes of `command` in a cluster that looks like `image`. Changes nothing; equal
  /// arguments and equal draws from `entropy` (ids of topics, where placement starts) give equal
  /// decisions.
  @SuppressWarnings("unchecked") // Each command is decided into its own type of answer.
  public <A> Decision<A> decide(ClusterImage image, Command<A> command, Entropy entropy) {
    return (Decision<A>)
        switch ((Command<?>) command) {
          case Command.CreateTopics create -> topics.create(image, create, entropy);
          case Command.DeleteTopics delete -> topics.delete(image, delete);
          case Command.CreatePartitions create -> topics.addPartitions(image, create, entropy);
          case Command.AlterConfigs alter -> configs.replace(image, alter);
          case Command.IncrementalAlterConfigs alter -> configs.change(image, alter);
          case Command.AllocateProducerIds allocate -> brokers.allocateProducerIds(image, allocate);
          case Command.RegisterBroker register -> brokers.register(image, register);
          case Command.FinalizeFeatures features -> brokers.finalizeFeatures(image, features);
        };
  }
}
