package io.millrace.coordinator.group;

import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions;
import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// Partitions that a member has, each with the epoch in which it got it (KIP-1251). Immutable.
///
/// @param byTopic epochs by partition; no topic without partitions
record OwnedPartitions(SortedMap<Uuid, SortedMap<Integer, Integer>> byTopic) {
  static final OwnedPartitions NONE = new OwnedPartitions(Collections.emptySortedMap());

  /// All of an assignment, got in `epoch`.
  static OwnedPartitions of(Assignment assignment, int epoch) {
    Builder builder = new Builder();
    assignment
        .toMap()
        .forEach(
            (topic, partitions) -> partitions.forEach(each -> builder.put(topic, each, epoch)));
    return builder.build();
  }

  /// What a record has; partitions without an epoch count as got in epoch 0.
  static OwnedPartitions of(List<TopicPartitions> record) {
    Builder builder = new Builder();
    for (TopicPartitions topic : record) {
      @Nullable List<Integer> epochs = topic.assignmentEpochs();
      for (int i = 0; i < topic.partitions().size(); i++) {
        int epoch = epochs == null || i >= epochs.size() ? 0 : epochs.get(i);
        builder.put(topic.topicId(), topic.partitions().get(i), epoch);
      }
    }
    return builder.build();
  }

  List<TopicPartitions> toRecord() {
    List<TopicPartitions> topics = new ArrayList<>();
    byTopic.forEach(
        (topic, epochs) ->
            topics.add(
                TopicPartitions.builder()
                    .topicId(topic)
                    .partitions(List.copyOf(epochs.keySet()))
                    .assignmentEpochs(List.copyOf(epochs.values()))
                    .build()));
    return topics;
  }

  boolean isEmpty() {
    return byTopic.isEmpty();
  }

  boolean contains(Uuid topic, int partition) {
    return epochOf(topic, partition) >= 0;
  }

  /// The epoch in which the partition was got, -1 if it was not.
  int epochOf(Uuid topic, int partition) {
    @Nullable SortedMap<Integer, Integer> epochs = byTopic.get(topic);
    @Nullable Integer epoch = epochs == null ? null : epochs.get(partition);
    return epoch == null ? -1 : epoch;
  }

  void forEach(ObjIntConsumer<Uuid> consumer) {
    byTopic.forEach(
        (topic, epochs) -> epochs.keySet().forEach(partition -> consumer.accept(topic, partition)));
  }

  /// Whether any of `others` is among these.
  boolean containsAnyOf(Assignment others) {
    for (int i = 0; i < others.topicCount(); i++) {
      for (int j = 0; j < others.partitionCount(i); j++) {
        if (contains(others.topic(i), others.partition(i, j))) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether all of `others` are among these.
  boolean containsAllOf(Assignment others) {
    for (int i = 0; i < others.topicCount(); i++) {
      for (int j = 0; j < others.partitionCount(i); j++) {
        if (!contains(others.topic(i), others.partition(i, j))) {
          return false;
        }
      }
    }
    return true;
  }

  /// The same partitions, regardless of epochs.
  boolean hasSamePartitions(OwnedPartitions other) {
    return toAssignment().equals(other.toAssignment());
  }

  Assignment toAssignment() {
    TreeMap<Uuid, List<Integer>> partitions = new TreeMap<>();
    byTopic.forEach((topic, epochs) -> partitions.put(topic, List.copyOf(epochs.keySet())));
    return Assignment.of(partitions);
  }

  /// The same partitions as got in epoch 0: what a static member that comes back finds.
  OwnedPartitions withoutEpochs() {
    return of(toAssignment(), 0);
  }

  /// Collects partitions.
  static final class Builder {
    private final TreeMap<Uuid, SortedMap<Integer, Integer>> topics = new TreeMap<>();

    Builder putAll(OwnedPartitions owned) {
      owned.byTopic.forEach((topic, epochs) -> topics(topic).putAll(epochs));
      return this;
    }

    void put(Uuid topic, int partition, int epoch) {
      topics(topic).put(partition, epoch);
    }

    private SortedMap<Integer, Integer> topics(Uuid topic) {
      return topics.computeIfAbsent(topic, _ -> new TreeMap<>());
    }

    boolean isEmpty() {
      return topics.isEmpty();
    }

    OwnedPartitions build() {
      return topics.isEmpty() ? NONE : new OwnedPartitions(topics);
    }
  }
}
