package io.millrace.coordinator.group;

import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentValue;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.millrace.protocol.Uuid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A member of a consumer group. Immutable.
///
/// @param metadata what it told of itself
/// @param current where it stands
record ConsumerMember(String id, ConsumerGroupMemberMetadataValue metadata, Current current) {
  /// The epoch with which a member joins.
  static final int JOIN_EPOCH = 0;

  /// The epoch with which a member leaves.
  static final int LEAVE_EPOCH = -1;

  /// The epoch with which a static member leaves to come back.
  static final int LEAVE_STATIC_EPOCH = -2;

  static final ConsumerGroupMemberMetadataValue NO_METADATA =
      ConsumerGroupMemberMetadataValue.builder()
          .instanceId(null)
          .rackId(null)
          .subscribedTopicRegex(null)
          .serverAssignor(null)
          .classicMemberMetadata(null)
          .build();

  /// What a member has and what it is to give up.
  ///
  /// @param epoch up to which it follows the group's assignments
  /// @param previousEpoch that it had before: it may not have heard of `epoch` yet
  /// @param assigned what it was told to read
  /// @param pendingRevocation what it was told to give up and may still read
  record Current(
      int epoch,
      int previousEpoch,
      MemberState state,
      OwnedPartitions assigned,
      OwnedPartitions pendingRevocation) {
    static final Current NEW =
        new Current(0, -1, MemberState.STABLE, OwnedPartitions.NONE, OwnedPartitions.NONE);

    static Current of(ConsumerGroupCurrentMemberAssignmentValue value) {
      return new Current(
          value.memberEpoch(),
          value.previousMemberEpoch(),
          MemberState.forCode(value.state()),
          OwnedPartitions.of(value.assignedPartitions()),
          OwnedPartitions.of(value.partitionsPendingRevocation()));
    }

    Current withEpochs(int newEpoch, int newPreviousEpoch) {
      return new Current(newEpoch, newPreviousEpoch, state, assigned, pendingRevocation);
    }
  }

  static ConsumerMember joining(String id) {
    return new ConsumerMember(id, NO_METADATA, Current.NEW);
  }

  /// The same without references to the buffers that it was read from.
  static ConsumerGroupMemberMetadataValue copied(ConsumerGroupMemberMetadataValue value) {
    ClassicMemberMetadata classic = value.classicMemberMetadata();
    if (classic == null) {
      return value;
    }
    List<ClassicProtocol> protocols = new ArrayList<>();
    for (ClassicProtocol protocol : classic.supportedProtocols()) {
      protocols.add(
          protocol.toBuilder().metadata(ByteBuffer.wrap(Bytes.copy(protocol.metadata()))).build());
    }
    return value.toBuilder()
        .classicMemberMetadata(classic.toBuilder().supportedProtocols(protocols).build())
        .build();
  }

  ConsumerMember with(ConsumerGroupMemberMetadataValue newMetadata) {
    return new ConsumerMember(id, newMetadata, current);
  }

  ConsumerMember with(Current newCurrent) {
    return new ConsumerMember(id, metadata, newCurrent);
  }

  int epoch() {
    return current.epoch();
  }

  @Nullable String instanceId() {
    return metadata.instanceId();
  }

  List<String> topicNames() {
    return metadata.subscribedTopicNames();
  }

  /// What it subscribes to by a regular expression; empty if by names only.
  String regex() {
    String regex = metadata.subscribedTopicRegex();
    return regex == null ? "" : regex;
  }

  /// What it told if it speaks the classic protocol.
  @Nullable ClassicMemberMetadata classic() {
    return metadata.classicMemberMetadata();
  }

  boolean usesClassicProtocol() {
    return metadata.classicMemberMetadata() != null;
  }

  boolean isReconciledTo(int assignmentEpoch) {
    return current.state() == MemberState.STABLE && current.epoch() == assignmentEpoch;
  }

  /// The epoch in which it got a partition that it has or is to give up, -1 if it does not have it.
  int epochOf(Uuid topic, int partition) {
    int epoch = current.assigned().epochOf(topic, partition);
    return epoch >= 0 ? epoch : current.pendingRevocation().epochOf(topic, partition);
  }
}
