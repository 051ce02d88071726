package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.coordinator.MachineFactory;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.RecordSchemas;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentKey;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupPartitionMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMemberKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataKey;
import io.millrace.coordinator.group.record.CoordinatorKey;
import io.millrace.coordinator.group.record.CoordinatorValue;
import io.millrace.coordinator.group.record.GroupMetadataKey;
import io.millrace.coordinator.group.record.GroupMetadataValue;
import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The groups of one partition of `__consumer_offsets`, and what they have committed.
///
/// This class finds the group that a command is for and sends the command to the protocol that the
/// group speaks; it takes the records apart likewise.
public final class GroupMachine implements Machine {
  /// The records of `__consumer_offsets`.
  public static final RecordSchemas SCHEMAS =
      new RecordSchemas() {
        @Override
        public ApiMessage readKey(short type, MessageReader reader) {
          return CoordinatorKey.read(type, CoordinatorKey.highestVersion(type), reader);
        }

        @Override
        public ApiMessage readValue(short type, short version, MessageReader reader) {
          return CoordinatorValue.read(type, version, reader);
        }
      };

  final MachineFactory.Context<GroupMachine> context;
  final GroupSettings settings;
  final Supplier<ClusterImage> image;
  final Groups groups = new Groups();
  final Offsets offsets;
  final ClassicGroups classic;
  final ConsumerGroups consumers;

  public GroupMachine(
      MachineFactory.Context<GroupMachine> context,
      GroupSettings settings,
      Supplier<ClusterImage> image) {
    this.context = context;
    this.settings = settings;
    this.image = image;
    this.offsets = new Offsets(this);
    this.classic = new ClassicGroups(this);
    this.consumers = new ConsumerGroups(this);
  }

  @Override
  public void apply(StateRecord record, Provenance provenance) {
    switch ((CoordinatorKey) record.key()) {
      case OffsetCommitKey key ->
          offsets.apply(key, (@Nullable OffsetCommitValue) record.value(), provenance);
      case GroupMetadataKey key ->
          classic.apply(key, (@Nullable GroupMetadataValue) record.value());
      case ConsumerGroupMetadataKey _,
          ConsumerGroupPartitionMetadataKey _,
          ConsumerGroupMemberMetadataKey _,
          ConsumerGroupTargetAssignmentMetadataKey _,
          ConsumerGroupTargetAssignmentMemberKey _,
          ConsumerGroupCurrentMemberAssignmentKey _,
          ConsumerGroupRegularExpressionKey _ ->
          consumers.apply(
              (CoordinatorKey) record.key(), (@Nullable CoordinatorValue) record.value());
      // Share and streams groups, and the offsets of Kafka before 0.9, are not kept here.
      default -> {}
    }
  }

  @Override
  public void applyMarker(EndMarker marker, long offset) {
    offsets.applyMarker(marker, offset);
  }

  @Override
  public void begin(Now now) {
    offsets.begin(now);
    classic.begin(now);
    consumers.begin(now);
  }

  @Override
  public Decision<?> onMetadata(ImageDelta delta, Now now) {
    offsets.onMetadata(delta);
    return consumers.onMetadata(delta, now);
  }

  /// ConsumerGroupHeartbeat: a member joins, says what it has, learns what it is to have, or
  /// leaves.
  public Decision<ConsumerGroupHeartbeatResponse> consumerGroupHeartbeat(
      ConsumerGroupHeartbeatRequest request, Caller caller, Now now) {
    return consumers.heartbeat(request, caller, now);
  }

  /// ConsumerGroupDescribe, for one group.
  public Decision<ConsumerGroupDescribeResponse.DescribedGroup> describeConsumerGroup(
      String groupId) {
    return Decision.reply(consumers.describe(groupId));
  }

  /// A member joins, or comes again because the group rebalances. The answer takes as long as the
  /// rebalance.
  public Decision<JoinGroupResponse> join(JoinGroupRequest request, Caller caller, Now now) {
    ConsumerGroup group = consumers.find(request.groupId());
    return group == null
        ? classic.join(request, caller, now)
        : consumers.classicMembers.join(group, request, caller, now);
  }

  /// A member asks for its assignment; the leader brings those of all.
  public Decision<SyncGroupResponse> sync(SyncGroupRequest request, short version, Now now) {
    if (!GroupIds.isValid(request.groupId())) {
      return Decision.reply(ClassicRebalance.syncError(ErrorCode.INVALID_GROUP_ID));
    }
    if (!ClassicGroups.namesProtocol(request, version)) {
      return Decision.reply(ClassicRebalance.syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL));
    }
    ConsumerGroup group = consumers.find(request.groupId());
    return group == null
        ? classic.sync(request, now)
        : consumers.classicMembers.sync(group, request);
  }

  /// A member is alive.
  public Decision<HeartbeatResponse> heartbeat(HeartbeatRequest request, Now now) {
    if (!GroupIds.isValid(request.groupId())) {
      return Decision.reply(
          HeartbeatResponse.builder().errorCode(ErrorCode.INVALID_GROUP_ID.code()).build());
    }
    ConsumerGroup group = consumers.find(request.groupId());
    return group == null
        ? classic.heartbeat(request)
        : consumers.classicMembers.heartbeat(group, request);
  }

  /// Members leave; before version 3 it is one member, which the caller puts into the list.
  public Decision<LeaveGroupResponse> leave(LeaveGroupRequest request, Now now) {
    if (!GroupIds.isValid(request.groupId())) {
      return Decision.reply(
          LeaveGroupResponse.builder().errorCode(ErrorCode.INVALID_GROUP_ID.code()).build());
    }
    ConsumerGroup group = consumers.find(request.groupId());
    return group == null
        ? classic.leave(request, now)
        : consumers.classicMembers.leave(group, request, now);
  }

  /// Describes a classic group.
  public Decision<DescribeGroupsResponse.DescribedGroup> describe(String groupId, short version) {
    return Decision.reply(GroupListing.describe(groups, groupId, version));
  }

  /// Lists the groups that the request's filters let through.
  public Decision<List<ListGroupsResponse.ListedGroup>> list(ListGroupsRequest request) {
    return Decision.reply(GroupListing.list(groups, request));
  }

  /// Deletes a group without members, and its offsets.
  public Decision<ErrorCode> delete(String groupId) {
    return offsets.removal.deleteGroup(groupId);
  }

  public Decision<OffsetCommitResponse> commit(
      OffsetCommitRequest request, short version, Now now) {
    return offsets.commits.commit(request, version, now);
  }

  /// Announces that offsets are to be committed in a transaction of that producer, once it is known
  /// that the transaction is open. Answers with a number for [#commitInTransaction], which is void
  /// as soon as a transaction of the producer ends here.
  public Decision<Long> beginVerification(long producerId) {
    return Decision.reply(offsets.verifications.begin(producerId));
  }

  /// Whether [#commitInTransaction] would still take it.
  public Decision<Boolean> isVerificationGood(long verification) {
    return Decision.reply(offsets.verifications.isGood(verification));
  }

  /// Nothing will be committed after all.
  public Decision<Void> endVerification(long verification) {
    offsets.verifications.end(verification);
    return Decision.none();
  }

  /// Commits offsets with the transaction of a producer.
  ///
  /// @param verification from [#beginVerification]
  public Decision<TxnOffsetCommitResponse> commitInTransaction(
      TxnOffsetCommitRequest request, short version, long verification, Now now) {
    return offsets.verifications.end(verification)
        ? offsets.commits.commitInTransaction(request, version, now)
        : Decision.reply(OffsetCommits.failed(request, ErrorCode.INVALID_TXN_STATE));
  }

  /// The response that says `error` of every partition.
  public static OffsetCommitResponse failed(OffsetCommitRequest request, ErrorCode error) {
    return OffsetCommits.failed(request, error);
  }

  /// The response that says `error` of every partition.
  public static TxnOffsetCommitResponse failed(TxnOffsetCommitRequest request, ErrorCode error) {
    return OffsetCommits.failed(request, error);
  }

  /// Says what a group has committed.
  ///
  /// @param requireStable whether to refuse partitions for which an open transaction wants to
  ///   commit
  public Decision<OffsetFetchResponse.OffsetFetchResponseGroup> fetch(
      OffsetFetchRequest.OffsetFetchRequestGroup request, boolean requireStable, short version) {
    return offsets.fetches.fetch(request, requireStable, version);
  }

  /// Deletes offsets of topics that no member reads.
  public Decision<OffsetDeleteResponse> deleteOffsets(OffsetDeleteRequest request) {
    return offsets.removal.deleteOffsets(request);
  }

  /// What the log says: equal after equal logs.
  public List<Object> hardState() {
    return List.of(classic.hardState(), consumers.hardState(), offsets.hardState());
  }
}
