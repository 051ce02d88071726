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
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataValue;
import io.millrace.coordinator.group.record.CoordinatorKey;
import io.millrace.coordinator.group.record.CoordinatorValue;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// The hard state of a group that speaks the consumer protocol (KIP-848): an immutable value.
/// [#with] gives the value that the next record makes of it, so that a command can see what its own
/// records will make of the group before they are applied.
///
/// @param epoch grows with every change of members, subscriptions or topics
/// @param metadataHash of the topics that the members subscribed to, as of `epoch`
/// @param hasPartitionMetadata whether a record of Kafka before 4.1 is to be removed
/// @param regexes what the regular expressions of members stand for
/// @param index of the members; follows from them
record ConsumerGroup(
    String id,
    int epoch,
    long metadataHash,
    boolean hasPartitionMetadata,
    PSortedMap<String, ConsumerMember> members,
    Target target,
    PSortedMap<String, ConsumerGroupRegularExpressionValue> regexes,
    MemberIndex index)
    implements Group {

  /// What members are to have.
  ///
  /// @param epoch of the group for which it was computed
  /// @param computedMs when that was; 0 if there is none
  record Target(int epoch, long computedMs, PSortedMap<String, Assignment> byMember) {
    static final Target NONE = new Target(0, 0, TreePMap.empty());
  }

  static ConsumerGroup empty(String id) {
    return new ConsumerGroup(
        id, 0, 0, false, TreePMap.empty(), Target.NONE, TreePMap.empty(), MemberIndex.EMPTY);
  }

  /// The group after a record; null if the record removes it.
  @Nullable ConsumerGroup with(CoordinatorKey key, @Nullable CoordinatorValue value) {
    return switch (key) {
      case ConsumerGroupMetadataKey _ -> withEpoch((@Nullable ConsumerGroupMetadataValue) value);
      case ConsumerGroupPartitionMetadataKey _ -> withPartitionMetadata(value != null);
      case ConsumerGroupMemberMetadataKey member ->
          withMetadata(member.memberId(), (@Nullable ConsumerGroupMemberMetadataValue) value);
      case ConsumerGroupTargetAssignmentMetadataKey _ ->
          withTargetEpoch((@Nullable ConsumerGroupTargetAssignmentMetadataValue) value);
      case ConsumerGroupTargetAssignmentMemberKey member ->
          withTarget(member.memberId(), (@Nullable ConsumerGroupTargetAssignmentMemberValue) value);
      case ConsumerGroupCurrentMemberAssignmentKey member ->
          withCurrent(
              member.memberId(), (@Nullable ConsumerGroupCurrentMemberAssignmentValue) value);
      case ConsumerGroupRegularExpressionKey regex ->
          withRegex(
              regex.regularExpression(), (@Nullable ConsumerGroupRegularExpressionValue) value);
      default -> this;
    };
  }

  private @Nullable ConsumerGroup withEpoch(@Nullable ConsumerGroupMetadataValue value) {
    return value == null
        ? null
        : new ConsumerGroup(
            id,
            value.epoch(),
            value.metadataHash(),
            hasPartitionMetadata,
            members,
            target,
            regexes,
            index);
  }

  private ConsumerGroup withPartitionMetadata(boolean has) {
    return has == hasPartitionMetadata
        ? this
        : new ConsumerGroup(id, epoch, metadataHash, has, members, target, regexes, index);
  }

  private ConsumerGroup withMetadata(
      String memberId, @Nullable ConsumerGroupMemberMetadataValue value) {
    ConsumerMember before = members.get(memberId);
    if (value == null) {
      return before == null
          ? this
          : withMembers(members.minus(memberId), index.changed(before, null));
    }
    ConsumerMember after =
        (before == null ? ConsumerMember.joining(memberId) : before)
            .with(ConsumerMember.copied(value));
    return withMembers(members.plus(memberId, after), index.changed(before, after));
  }

  private ConsumerGroup withCurrent(
      String memberId, @Nullable ConsumerGroupCurrentMemberAssignmentValue value) {
    ConsumerMember before = members.get(memberId);
    if (before == null && value == null) {
      return this;
    }
    ConsumerMember after =
        (before == null ? ConsumerMember.joining(memberId) : before)
            .with(value == null ? ConsumerMember.Current.NEW : ConsumerMember.Current.of(value));
    return withMembers(members.plus(memberId, after), index.changed(before, after));
  }

  private ConsumerGroup withMembers(
      PSortedMap<String, ConsumerMember> newMembers, MemberIndex newIndex) {
    return new ConsumerGroup(
        id, epoch, metadataHash, hasPartitionMetadata, newMembers, target, regexes, newIndex);
  }

  private ConsumerGroup withTargetEpoch(
      @Nullable ConsumerGroupTargetAssignmentMetadataValue value) {
    return with(
        value == null
            ? Target.NONE
            : new Target(value.assignmentEpoch(), value.assignmentTimestamp(), target.byMember()));
  }

  private ConsumerGroup withTarget(
      String memberId, @Nullable ConsumerGroupTargetAssignmentMemberValue value) {
    PSortedMap<String, Assignment> byMember =
        value == null
            ? target.byMember().minus(memberId)
            : target.byMember().plus(memberId, ConsumerRecords.assignment(value));
    return with(new Target(target.epoch(), target.computedMs(), byMember));
  }

  private ConsumerGroup with(Target newTarget) {
    return new ConsumerGroup(
        id, epoch, metadataHash, hasPartitionMetadata, members, newTarget, regexes, index);
  }

  private ConsumerGroup withRegex(
      String regex, @Nullable ConsumerGroupRegularExpressionValue value) {
    return new ConsumerGroup(
        id,
        epoch,
        metadataHash,
        hasPartitionMetadata,
        members,
        target,
        value == null ? regexes.minus(regex) : regexes.plus(regex, value),
        index);
  }

  @Nullable ConsumerMember member(String memberId) {
    return members.get(memberId);
  }

  /// The member of that instance id.
  @Nullable ConsumerMember staticMember(String instanceId) {
    String memberId = index.byInstance().get(instanceId);
    return memberId == null ? null : members.get(memberId);
  }

  Assignment targetOf(String memberId) {
    Assignment found = target.byMember().get(memberId);
    return found == null ? Assignment.EMPTY : found;
  }

  /// Whether a member other than `memberId` has the partition, or may still have it.
  boolean isOwnedByAnother(String memberId, Uuid topic, int partition) {
    String owner = index.ownerOf(topic, partition);
    return owner != null && !owner.equals(memberId);
  }

  /// Whether a member waits for partitions that others have not released.
  boolean isWaitingForOthers(ConsumerMember member) {
    Assignment wanted = targetOf(member.id());
    for (int i = 0; i < wanted.topicCount(); i++) {
      for (int j = 0; j < wanted.partitionCount(i); j++) {
        if (isOwnedByAnother(member.id(), wanted.topic(i), wanted.partition(i, j))) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether `member` subscribed to the topic, by name or by regular expression.
  boolean isSubscribed(ConsumerMember member, String topic) {
    if (member.topicNames().contains(topic)) {
      return true;
    }
    ConsumerGroupRegularExpressionValue regex = regexes.get(member.regex());
    return regex != null && regex.topics().contains(topic);
  }

  /// The names of all topics that members subscribed to.
  SortedSet<String> subscribedTopics() {
    TreeSet<String> names = new TreeSet<>();
    for (ConsumerMember member : members.values()) {
      names.addAll(member.topicNames());
      ConsumerGroupRegularExpressionValue regex = regexes.get(member.regex());
      if (regex != null) {
        names.addAll(regex.topics());
      }
    }
    return names;
  }

  /// How many members subscribed by that regular expression.
  int subscribersOf(String regex) {
    int count = 0;
    for (ConsumerMember member : members.values()) {
      if (member.regex().equals(regex)) {
        count++;
      }
    }
    return count;
  }

  /// The assignor that most members ask for; of equals, the first by name. Null if none asks.
  @Nullable String preferredAssignor() {
    TreeMap<String, Integer> votes = new TreeMap<>();
    for (ConsumerMember member : members.values()) {
      String assignor = member.metadata().serverAssignor();
      if (assignor != null) {
        votes.merge(assignor, 1, Integer::sum);
      }
    }
    String preferred = null;
    int most = 0;
    for (Map.Entry<String, Integer> entry : votes.entrySet()) {
      if (entry.getValue() > most) {
        most = entry.getValue();
        preferred = entry.getKey();
      }
    }
    return preferred;
  }

  @Override
  public String type() {
    return "Consumer";
  }

  @Override
  public String state() {
    if (members.isEmpty()) {
      return "Empty";
    }
    if (epoch > target.epoch()) {
      return "Assigning";
    }
    for (ConsumerMember member : members.values()) {
      if (!member.isReconciledTo(target.epoch())) {
        return "Reconciling";
      }
    }
    return "Stable";
  }

  @Override
  public String protocolType() {
    return "consumer";
  }

  @Override
  public boolean isEmpty() {
    return members.isEmpty();
  }

  @Override
  public boolean isSubscribedTo(String topic) {
    for (ConsumerMember member : members.values()) {
      if (isSubscribed(member, topic)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public ErrorCode checkOffsetCommit(
      String memberId,
      @Nullable String instanceId,
      int generationOrEpoch,
      boolean isTransactional,
      short version) {
    if (generationOrEpoch < 0 && members.isEmpty()) {
      return ErrorCode.NONE;
    }
    if (isTransactional && generationOrEpoch == -1 && memberId.isEmpty() && instanceId == null) {
      return ErrorCode.NONE;
    }
    ConsumerMember member = members.get(memberId);
    if (member == null) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    if (!isTransactional && !member.usesClassicProtocol() && version < 9) {
      return ErrorCode.UNSUPPORTED_VERSION;
    }
    return generationOrEpoch > member.epoch() ? staleError(member) : ErrorCode.NONE;
  }

  /// A member may commit with an older epoch than it has what it had in that epoch and has kept
  /// (KIP-1251): the answer that told it of the newer epoch may still be on its way.
  @Override
  public ErrorCode checkPartitionCommit(
      String memberId, int generationOrEpoch, Uuid topic, int partition) {
    ConsumerMember member = members.get(memberId);
    if (member == null || generationOrEpoch < 0 || generationOrEpoch == member.epoch()) {
      return ErrorCode.NONE;
    }
    int gotIn = member.epochOf(topic, partition);
    return gotIn < 0 || generationOrEpoch < gotIn ? staleError(member) : ErrorCode.NONE;
  }

  private static ErrorCode staleError(ConsumerMember member) {
    return member.usesClassicProtocol()
        ? ErrorCode.ILLEGAL_GENERATION
        : ErrorCode.STALE_MEMBER_EPOCH;
  }

  @Override
  public ErrorCode checkOffsetFetch(@Nullable String memberId, int memberEpoch) {
    if (memberId == null && memberEpoch < 0) {
      return ErrorCode.NONE;
    }
    ConsumerMember member = memberId == null ? null : members.get(memberId);
    if (member == null) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    return memberEpoch == member.epoch() ? ErrorCode.NONE : staleError(member);
  }

  @Override
  public List<StateRecord> tombstones() {
    return ConsumerRecords.tombstones(this);
  }
}
