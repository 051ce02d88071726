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
    return consumers.onMetadata(delta, now);
  }

  /// ConsumerGroupHeartbeat: a member joins, says what it has, learns what it is to have, or leaves.
  public Decision<ConsumerGroupHeartbeatResponse> consumerGroupHeartbeat(
      ConsumerGroupHeartbeatRequest request, Caller caller, Now now) {
    return consumers.heartbeat(request, caller, now);
  }

  /// ConsumerGroupDescribe, for one group.
  public Decision<ConsumerGroupDescribeResponse.DescribedGroup> describeConsumerGroup(
      String groupId) {
    return Decision.reply(consumers.describe(groupId));
  }
}
