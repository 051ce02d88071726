package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentKey;
import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentValue;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue;
import io.millrace.coordinator.group.record.ConsumerGroupMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupMetadataValue;
import io.millrace.coordinator.group.record.ConsumerGroupPartitionMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionKey;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionValue;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMemberKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMemberValue;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMemberValue.TopicPartition;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataValue;
import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The records of consumer groups, as Kafka 4.4 writes them.
final class ConsumerRecords {
  private ConsumerRecords() {}

  static StateRecord epoch(String group, int epoch, long metadataHash) {
    return StateRecord.of(
        ConsumerGroupMetadataKey.builder().groupId(group).build(),
        ConsumerGroupMetadataValue.builder().epoch(epoch).metadataHash(metadataHash).build(),
        0);
  }

  static StateRecord noPartitionMetadata(String group) {
    return StateRecord.tombstone(
        ConsumerGroupPartitionMetadataKey.builder().groupId(group).build());
  }

  static StateRecord member(
      String group, String member, ConsumerGroupMemberMetadataValue metadata) {
    return StateRecord.of(memberKey(group, member), metadata, 0);
  }

  private static ConsumerGroupMemberMetadataKey memberKey(String group, String member) {
    return ConsumerGroupMemberMetadataKey.builder().groupId(group).memberId(member).build();
  }

  static StateRecord current(String group, String member, ConsumerMember.Current current) {
    return StateRecord.of(
        currentKey(group, member),
        ConsumerGroupCurrentMemberAssignmentValue.builder()
            .memberEpoch(current.epoch())
            .previousMemberEpoch(current.previousEpoch())
            .state(current.state().code())
            .assignedPartitions(current.assigned().toRecord())
            .partitionsPendingRevocation(current.pendingRevocation().toRecord())
            .build(),
        0);
  }

  private static ConsumerGroupCurrentMemberAssignmentKey currentKey(String group, String member) {
    return ConsumerGroupCurrentMemberAssignmentKey.builder()
        .groupId(group)
        .memberId(member)
        .build();
  }

  static StateRecord target(String group, String member, Assignment assignment) {
    List<TopicPartition> topics = new ArrayList<>();
    for (int i = 0; i < assignment.topicCount(); i++) {
      topics.add(
          TopicPartition.builder()
              .topicId(assignment.topic(i))
              .partitions(assignment.partitions(i))
              .build());
    }
    return StateRecord.of(
        targetKey(group, member),
        ConsumerGroupTargetAssignmentMemberValue.builder().topicPartitions(topics).build(),
        0);
  }

  /// What [#target] has written.
  static Assignment assignment(ConsumerGroupTargetAssignmentMemberValue value) {
    TreeMap<Uuid, List<Integer>> topics = new TreeMap<>();
    for (TopicPartition topic : value.topicPartitions()) {
      topics.put(topic.topicId(), topic.partitions());
    }
    return Assignment.of(topics);
  }

  private static ConsumerGroupTargetAssignmentMemberKey targetKey(String group, String member) {
    return ConsumerGroupTargetAssignmentMemberKey.builder().groupId(group).memberId(member).build();
  }

  static StateRecord targetEpoch(String group, int epoch, long computedMs) {
    return StateRecord.of(
        targetEpochKey(group),
        ConsumerGroupTargetAssignmentMetadataValue.builder()
            .assignmentEpoch(epoch)
            .assignmentTimestamp(computedMs)
            .build(),
        0);
  }

  private static ConsumerGroupTargetAssignmentMetadataKey targetEpochKey(String group) {
    return ConsumerGroupTargetAssignmentMetadataKey.builder().groupId(group).build();
  }

  static StateRecord regex(
      String group, String regex, ConsumerGroupRegularExpressionValue resolved) {
    return StateRecord.of(regexKey(group, regex), resolved, 0);
  }

  static StateRecord noRegex(String group, String regex) {
    return StateRecord.tombstone(regexKey(group, regex));
  }

  private static ConsumerGroupRegularExpressionKey regexKey(String group, String regex) {
    return ConsumerGroupRegularExpressionKey.builder()
        .groupId(group)
        .regularExpression(regex)
        .build();
  }

  /// What removes a member: what it has, what it is to have, and last the member itself.
  static List<StateRecord> noMember(String group, String member) {
    return List.of(
        StateRecord.tombstone(currentKey(group, member)),
        StateRecord.tombstone(targetKey(group, member)),
        StateRecord.tombstone(memberKey(group, member)));
  }

  /// What removes a group with its members.
  static List<StateRecord> tombstones(ConsumerGroup group) {
    String id = group.id();
    List<StateRecord> records = new ArrayList<>();
    group.members().keySet().forEach(m -> records.add(StateRecord.tombstone(currentKey(id, m))));
    group.members().keySet().forEach(m -> records.add(StateRecord.tombstone(targetKey(id, m))));
    records.add(StateRecord.tombstone(targetEpochKey(id)));
    group.members().keySet().forEach(m -> records.add(StateRecord.tombstone(memberKey(id, m))));
    group.regexes().keySet().forEach(regex -> records.add(noRegex(id, regex)));
    if (group.hasPartitionMetadata()) {
      records.add(noPartitionMetadata(id));
    }
    records.add(StateRecord.tombstone(ConsumerGroupMetadataKey.builder().groupId(id).build()));
    return records;
  }

  /// What makes a group of nothing.
  static List<StateRecord> all(ConsumerGroup group) {
    String id = group.id();
    List<StateRecord> records = new ArrayList<>();
    group.members().values().forEach(each -> records.add(member(id, each.id(), each.metadata())));
    records.add(epoch(id, group.epoch(), group.metadataHash()));
    group.target().byMember().forEach((each, target) -> records.add(target(id, each, target)));
    records.add(targetEpoch(id, group.target().epoch(), group.target().computedMs()));
    group.members().values().forEach(each -> records.add(current(id, each.id(), each.current())));
    return records;
  }
}
