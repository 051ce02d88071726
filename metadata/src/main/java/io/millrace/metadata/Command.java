package io.millrace.metadata;

import io.millrace.protocol.Uuid;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What a controller can be asked to do. `A` is the answer; where a command names several things,
/// each has an outcome of its own, and those that failed leave the others alone.
public sealed interface Command<A> {

  /// A setting and its value.
  record Setting(String name, @Nullable String value) {}

  /// Creates topics. With `validateOnly` nothing is created, and the answer is the same.
  record CreateTopics(List<NewTopic> topics, boolean validateOnly)
      implements Command<List<CreatedTopic>> {}

  /// A topic to create: either `partitions` and `replicationFactor`, each -1 for the default, or
  /// both -1 and an assignment of replicas for each partition.
  record NewTopic(
      String name,
      int partitions,
      int replicationFactor,
      List<ManualAssignment> assignments,
      List<Setting> settings) {}

  /// The brokers that are to hold a partition, the preferred leader first.
  record ManualAssignment(int partition, List<Integer> brokers) {}

  /// Outcome for a topic to create; `topic` and its `settings` are there if it was (or would be)
  /// created.
  record CreatedTopic(
      String name, Outcome outcome, Optional<Topic> topic, SortedMap<String, String> settings) {}

  /// Deletes topics, named or by id.
  record DeleteTopics(List<TopicRef> topics) implements Command<List<DeletedTopic>> {}

  /// A topic by its name, or by its id if the name is null.
  record TopicRef(@Nullable String name, Uuid id) {}

  /// Outcome for a topic to delete, with both name and id where they are known.
  record DeletedTopic(@Nullable String name, Uuid id, Outcome outcome) {}

  /// Adds partitions to topics.
  record CreatePartitions(List<MorePartitions> topics, boolean validateOnly)
      implements Command<List<TopicOutcome>> {}

  /// The number of partitions that a topic is to have, and, if not null, the brokers for each one
  /// that is new.
  record MorePartitions(String topic, int count, @Nullable List<List<Integer>> assignments) {}

  /// Outcome for a topic.
  record TopicOutcome(String topic, Outcome outcome) {}

  /// Replaces all settings of resources: those not named go back to their defaults.
  record AlterConfigs(List<NewConfig> resources, boolean validateOnly)
      implements Command<List<ConfigOutcome>> {}

  /// All settings that a resource is to have.
  record NewConfig(ConfigResource resource, List<Setting> settings) {}

  /// Changes single settings of resources.
  record IncrementalAlterConfigs(List<ConfigChange> resources, boolean validateOnly)
      implements Command<List<ConfigOutcome>> {}

  /// Changes to the settings of a resource.
  record ConfigChange(ConfigResource resource, List<Edit> edits) {}

  /// A change to a setting. The value of a removal means nothing.
  record Edit(String name, EditKind kind, @Nullable String value) {}

  /// What is done to a setting; the order is that of the protocol's ids.
  enum EditKind {
    SET,
    DELETE,
    APPEND,
    SUBTRACT
  }

  /// Outcome for a resource whose settings were to change.
  record ConfigOutcome(ConfigResource resource, Outcome outcome) {}

  /// Reserves the next block of producer ids for a broker.
  record AllocateProducerIds(int brokerId, long brokerEpoch) implements Command<ProducerIdBlock> {}

  /// `count` producer ids from `first` on that nobody else has or will get.
  record ProducerIdBlock(Outcome outcome, long first, int count) {}

  /// Makes a broker known, or known anew after a restart (another `incarnationId`).
  record RegisterBroker(
      int brokerId,
      Uuid incarnationId,
      List<Broker.Endpoint> endpoints,
      Optional<String> rack,
      List<Uuid> logDirs)
      implements Command<Registration> {}

  /// The epoch under which a broker is registered.
  record Registration(Outcome outcome, long brokerEpoch) {}

  /// Sets the levels of features that have none yet.
  record FinalizeFeatures(SortedMap<String, Short> levels) implements Command<Outcome> {}
}
