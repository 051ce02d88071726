package io.millrace.metadata;

import io.millrace.host.Entropy;
import io.millrace.metadata.Command.CreatedTopic;
import io.millrace.metadata.Command.DeletedTopic;
import io.millrace.metadata.Command.ManualAssignment;
import io.millrace.metadata.Command.MorePartitions;
import io.millrace.metadata.Command.NewTopic;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.Command.TopicOutcome;
import io.millrace.metadata.Command.TopicRef;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.InvalidConfigException;
import io.millrace.metadata.config.TopicConfigs;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decides about creating and deleting topics and partitions.
final class TopicDecisions {
  /// The most partitions that one command may make: all its records go into one batch of the log.
  static final int MAX_NEW_PARTITIONS = 10_000;

  private final Config started;

  TopicDecisions(Config started) {
    this.started = started;
  }

  private Config brokerConfig(ClusterImage image) {
    return BrokerConfigs.effective(
        started, image.config(ConfigResource.ALL_BROKERS), new TreeMap<>());
  }

  // --- Creating topics

  Decision<List<CreatedTopic>> create(
      ClusterImage image, Command.CreateTopics command, Entropy entropy) {
    Creation creation = new Creation(image, brokerConfig(image), entropy);
    Set<String> twice = duplicates(command.topics().stream().map(NewTopic::name).toList());
    List<CreatedTopic> answers = new ArrayList<>();
    twice.forEach(name -> answers.add(notCreated(name, duplicate(name))));
    for (NewTopic topic : command.topics()) {
      if (!twice.contains(topic.name())) {
        answers.add(creation.create(topic));
      }
    }
    return new Decision<>(command.validateOnly() ? List.of() : creation.records, answers);
  }

  private static CreatedTopic notCreated(String name, Outcome outcome) {
    return new CreatedTopic(name, outcome, Optional.empty(), new TreeMap<>());
  }

  private static Outcome duplicate(String name) {
    return Outcome.failed(
        ErrorCode.INVALID_REQUEST, "The request names topic '" + name + "' more than once");
  }

  private static Set<String> duplicates(List<String> names) {
    Set<String> seen = new HashSet<>();
    Set<String> twice = new TreeSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        twice.add(name);
      }
    }
    return twice;
  }

  /// The topics of one command, created one after the other.
  private static final class Creation {
    private final ClusterImage image;
    private final Config broker;
    private final Entropy entropy;
    private final ReplicaPlacer placer;
    private final List<MetadataRecord> records = new ArrayList<>();
    private final List<String> createdNames = new ArrayList<>();
    private int partitionCount;

    Creation(ClusterImage image, Config broker, Entropy entropy) {
      this.image = image;
      this.broker = broker;
      this.entropy = entropy;
      this.placer = new ReplicaPlacer(image.brokers().values());
    }

    CreatedTopic create(NewTopic wanted) {
      Outcome outcome = checkName(wanted.name());
      if (outcome.isDone()) {
        outcome = checkSettings(wanted.settings());
      }
      if (outcome.isDone()) {
        outcome = wanted.assignments().isEmpty() ? checkCounts(wanted) : checkAssignments(wanted);
      }
      if (!outcome.isDone()) {
        return notCreated(wanted.name(), outcome);
      }
      return write(wanted, replicas(wanted));
    }

    private Outcome checkName(String name) {
      Optional<String> complaint = TopicNames.complaint(name);
      if (complaint.isPresent()) {
        return invalidName(complaint.get());
      }
      if (name.equals(TopicNames.CLUSTER_METADATA)) {
        return invalidName("'" + name + "' is the cluster's own log and cannot be a topic");
      }
      if (image.topic(name).isPresent()) {
        return Outcome.failed(
            ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists");
      }
      if (TopicNames.hasCollisionCharacter(name)) {
        for (Iterable<String> others : List.of(image.topics().keySet(), createdNames)) {
          for (String other : others) {
            if (TopicNames.collide(name, other)) {
              return invalidName(
                  "Topic '%s' collides with topic '%s': '.' and '_' count as equal"
                      .formatted(name, other));
            }
          }
        }
      }
      return Outcome.DONE;
    }

    private static Outcome invalidName(String message) {
      return Outcome.failed(ErrorCode.INVALID_TOPIC_EXCEPTION, message);
    }

    private Outcome checkSettings(List<Setting> settings) {
      SortedMap<String, String> values = new TreeMap<>();
      for (Setting setting : settings) {
        @Nullable String value = setting.value();
        if (value == null) {
          return Outcome.failed(
              ErrorCode.INVALID_CONFIG, "Setting " + setting.name() + " has no value");
        }
        values.put(setting.name(), value);
      }
      if (values.isEmpty()) {
        return Outcome.DONE;
      }
      try {
        TopicConfigs.check(values, broker);
        return Outcome.DONE;
      } catch (InvalidConfigException e) {
        return Outcome.failed(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
      }
    }

    private Outcome checkCounts(NewTopic wanted) {
      if (wanted.replicationFactor() == 0 || wanted.replicationFactor() < -1) {
        return Outcome.failed(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "Replication factor %d must be at least 1, or -1 for the default"
                .formatted(wanted.replicationFactor()));
      }
      if (wanted.partitions() == 0 || wanted.partitions() < -1) {
        return Outcome.failed(
            ErrorCode.INVALID_PARTITIONS,
            "Number of partitions %d must be at least 1, or -1 for the default"
                .formatted(wanted.partitions()));
      }
      Outcome outcome = checkReplicationFactor(placer, replicationFactor(wanted));
      return outcome.isDone() ? checkLimit(partitions(wanted)) : outcome;
    }

    private Outcome checkLimit(int partitions) {
      if (partitions > MAX_NEW_PARTITIONS - partitionCount) {
        return Outcome.failed(
            ErrorCode.INVALID_PARTITIONS,
            "%d more partitions are too many: one request can create at most %d"
                .formatted(partitions, MAX_NEW_PARTITIONS));
      }
      return Outcome.DONE;
    }

    private int partitions(NewTopic wanted) {
      return wanted.partitions() == -1 ? broker.intValue("num.partitions") : wanted.partitions();
    }

    private int replicationFactor(NewTopic wanted) {
      return wanted.replicationFactor() == -1
          ? broker.intValue("default.replication.factor")
          : wanted.replicationFactor();
    }

    private Outcome checkAssignments(NewTopic wanted) {
      if (wanted.replicationFactor() != -1 || wanted.partitions() != -1) {
        return Outcome.failed(
            ErrorCode.INVALID_REQUEST,
            "A topic with assigned replicas needs a replication factor and a number of partitions"
                + " of -1");
      }
      List<ManualAssignment> assignments = wanted.assignments();
      Set<Integer> indexes =
          assignments.stream().map(ManualAssignment::partition).collect(Collectors.toSet());
      boolean areConsecutive =
          indexes.size() == assignments.size()
              && indexes.stream().allMatch(index -> index >= 0 && index < assignments.size());
      if (!areConsecutive) {
        return Outcome.failed(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "Assigned partitions must be numbered from 0 on, each one once");
      }
      int replicationFactor = assignments.getFirst().brokers().size();
      for (ManualAssignment each : assignments) {
        Outcome outcome =
            Assignments.check(image, each.partition(), each.brokers(), replicationFactor);
        if (!outcome.isDone()) {
          return outcome;
        }
      }
      return checkLimit(assignments.size());
    }

    private List<List<Integer>> replicas(NewTopic wanted) {
      if (wanted.assignments().isEmpty()) {
        return placer.place(partitions(wanted), replicationFactor(wanted), entropy);
      }
      return wanted.assignments().stream()
          .sorted(Comparator.comparingInt(ManualAssignment::partition))
          .map(each -> List.copyOf(each.brokers()))
          .toList();
    }

    private CreatedTopic write(NewTopic wanted, List<List<Integer>> replicas) {
      Uuid id = newId(entropy);
      records.add(TopicRecord.builder().name(wanted.name()).topicId(id).build());
      SortedMap<String, String> settings = new TreeMap<>();
      for (Setting setting : wanted.settings()) {
        settings.put(setting.name(), Objects.requireNonNull(setting.value()));
      }
      ConfigResource resource = ConfigResource.topic(wanted.name());
      settings.forEach((name, value) -> records.add(ImageRecords.config(resource, name, value)));
      Topic topic = Topic.empty(wanted.name(), id);
      for (int index = 0; index < replicas.size(); index++) {
        Partition partition = Assignments.newPartition(image, replicas.get(index));
        records.add(ImageRecords.record(id, index, partition));
        topic = topic.with(index, partition);
      }
      createdNames.add(wanted.name());
      partitionCount += replicas.size();
      return new CreatedTopic(wanted.name(), Outcome.DONE, Optional.of(topic), settings);
    }
  }

  private static Outcome checkReplicationFactor(ReplicaPlacer placer, int replicationFactor) {
    if (replicationFactor > placer.brokerCount()) {
      return Outcome.failed(
          ErrorCode.INVALID_REPLICATION_FACTOR,
          "Replication factor %d needs as many brokers, but %d are registered"
              .formatted(replicationFactor, placer.brokerCount()));
    }
    return placer.hasLeaders()
        ? Outcome.DONE
        : Outcome.failed(
            ErrorCode.INVALID_REPLICATION_FACTOR, "All brokers are fenced or shutting down");
  }

  /// A random id that is not one of the protocol's reserved ones, whose first half is zero, and
  /// whose text does not begin with a dash, which command lines would take for an option.
  private static Uuid newId(Entropy entropy) {
    while (true) {
      Uuid id = new Uuid(entropy.nextLong(), entropy.nextLong());
      if (id.mostSignificantBits() != 0 && !id.toString().startsWith("-")) {
        return id;
      }
    }
  }

  // --- Deleting topics

  Decision<List<DeletedTopic>> delete(ClusterImage image, Command.DeleteTopics command) {
    List<MetadataRecord> records = new ArrayList<>();
    List<DeletedTopic> answers = new ArrayList<>();
    Set<Uuid> wanted = new HashSet<>();
    Set<Uuid> twice = new HashSet<>();
    for (TopicRef ref : command.topics()) {
      find(image, ref).filter(topic -> !wanted.add(topic.id())).ifPresent(t -> twice.add(t.id()));
    }
    Set<Uuid> answered = new HashSet<>();
    for (TopicRef ref : command.topics()) {
      Optional<Topic> topic = find(image, ref);
      if (topic.isEmpty()) {
        answers.add(new DeletedTopic(ref.name(), ref.id(), unknown(ref)));
      } else if (answered.add(topic.get().id())) {
        answers.add(delete(topic.get(), twice.contains(topic.get().id()), records));
      }
    }
    return new Decision<>(records, answers);
  }

  private DeletedTopic delete(Topic topic, boolean isTwice, List<MetadataRecord> records) {
    Outcome outcome = Outcome.DONE;
    if (!started.booleanValue("delete.topic.enable")) {
      outcome =
          Outcome.failed(
              ErrorCode.TOPIC_DELETION_DISABLED,
              "Topics cannot be deleted: delete.topic.enable is false");
    } else if (isTwice) {
      outcome = duplicate(topic.name());
    } else {
      records.add(RemoveTopicRecord.builder().topicId(topic.id()).build());
    }
    return new DeletedTopic(topic.name(), topic.id(), outcome);
  }

  private static Optional<Topic> find(ClusterImage image, TopicRef ref) {
    @Nullable String name = ref.name();
    return name == null ? image.topic(ref.id()) : image.topic(name);
  }

  private static Outcome unknown(TopicRef ref) {
    @Nullable String name = ref.name();
    return name == null
        ? Outcome.failed(ErrorCode.UNKNOWN_TOPIC_ID, "There is no topic with id " + ref.id())
        : unknownTopic(name);
  }

  private static Outcome unknownTopic(String name) {
    return Outcome.failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic '" + name + "'");
  }

  // --- Adding partitions

  Decision<List<TopicOutcome>> addPartitions(
      ClusterImage image, Command.CreatePartitions command, Entropy entropy) {
    List<MetadataRecord> records = new ArrayList<>();
    List<TopicOutcome> answers = new ArrayList<>();
    Set<String> twice = duplicates(command.topics().stream().map(MorePartitions::topic).toList());
    twice.forEach(name -> answers.add(new TopicOutcome(name, duplicate(name))));
    ReplicaPlacer placer = new ReplicaPlacer(image.brokers().values());
    int left = MAX_NEW_PARTITIONS;
    for (MorePartitions wanted : command.topics()) {
      if (twice.contains(wanted.topic())) {
        continue;
      }
      Outcome outcome = checkMore(image, wanted, placer, left);
      if (outcome.isDone()) {
        left -= add(image, wanted, placer, entropy, records);
      }
      answers.add(new TopicOutcome(wanted.topic(), outcome));
    }
    return new Decision<>(command.validateOnly() ? List.of() : records, answers);
  }

  private static Outcome checkMore(
      ClusterImage image, MorePartitions wanted, ReplicaPlacer placer, int left) {
    Optional<Topic> topic = image.topic(wanted.topic());
    if (topic.isEmpty()) {
      return unknownTopic(wanted.topic());
    }
    int existing = topic.get().partitionCount();
    int more = wanted.count() - existing;
    if (more <= 0) {
      return Outcome.failed(
          ErrorCode.INVALID_PARTITIONS,
          "Topic '%s' has %d partitions; %d would not be more"
              .formatted(wanted.topic(), existing, wanted.count()));
    }
    if (more > left) {
      return Outcome.failed(
          ErrorCode.INVALID_PARTITIONS,
          "%d more partitions are too many: one request can create at most %d"
              .formatted(more, MAX_NEW_PARTITIONS));
    }
    int replicationFactor = topic.get().replicationFactor();
    @Nullable List<List<Integer>> assignments = wanted.assignments();
    if (assignments == null) {
      return checkReplicationFactor(placer, replicationFactor);
    }
    if (assignments.size() != more) {
      return Outcome.failed(
          ErrorCode.INVALID_REPLICA_ASSIGNMENT,
          "%d partitions are to be added, but replicas are assigned for %d"
              .formatted(more, assignments.size()));
    }
    for (int i = 0; i < more; i++) {
      Outcome outcome =
          Assignments.check(image, existing + i, assignments.get(i), replicationFactor);
      if (!outcome.isDone()) {
        return outcome;
      }
    }
    return Outcome.DONE;
  }

  private static int add(
      ClusterImage image,
      MorePartitions wanted,
      ReplicaPlacer placer,
      Entropy entropy,
      List<MetadataRecord> records) {
    Topic topic = image.topic(wanted.topic()).orElseThrow();
    int existing = topic.partitionCount();
    int more = wanted.count() - existing;
    @Nullable List<List<Integer>> assigned = wanted.assignments();
    List<List<Integer>> replicas =
        assigned != null ? assigned : placer.place(more, topic.replicationFactor(), entropy);
    for (int i = 0; i < more; i++) {
      Partition partition = Assignments.newPartition(image, List.copyOf(replicas.get(i)));
      records.add(ImageRecords.record(topic.id(), existing + i, partition));
    }
    return more;
  }
}
