package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Members that leave a consumer group, or are taken out of it.
final class ConsumerLeave {
  private final ConsumerGroups groups;
  private final Now now;

  ConsumerLeave(ConsumerGroups groups, Now now) {
    this.groups = groups;
    this.now = now;
  }

  Decision<ConsumerGroupHeartbeatResponse> leave(ConsumerGroupHeartbeatRequest request) {
    return switch (groups.open(request.groupId(), false)) {
      case ConsumerGroups.Opened.Refused(Refusal refusal) -> ConsumerHeartbeat.refuse(refusal);
      case ConsumerGroups.Opened.Draft(GroupDraft draft, _) -> leave(draft, request);
    };
  }

  private Decision<ConsumerGroupHeartbeatResponse> leave(
      GroupDraft draft, ConsumerGroupHeartbeatRequest request) {
    ConsumerGroup group = draft.group();
    String instanceId = request.instanceId();
    ConsumerMember member =
        instanceId == null ? group.member(request.memberId()) : group.staticMember(instanceId);
    Refusal refusal =
        instanceId == null ? null : checkStatic(member, request.memberId(), instanceId);
    if (refusal != null) {
      return ConsumerHeartbeat.refuse(refusal);
    }
    if (member == null) {
      return ConsumerHeartbeat.refuse(unknownMember(request.memberId(), group.id()));
    }
    ConsumerGroupHeartbeatResponse response =
        ConsumerGroupHeartbeatResponse.builder()
            .memberId(member.id())
            .memberEpoch(request.memberEpoch())
            .build();
    if (request.memberEpoch() == ConsumerMember.LEAVE_STATIC_EPOCH) {
      return Decision.of(List.of(setAside(group, member)), response);
    }
    return Decision.of(remove(group, List.of(member)), response);
  }

  /// A static member leaves and is expected back within its session timeout: its partitions stay
  /// its own.
  private StateRecord setAside(ConsumerGroup group, ConsumerMember member) {
    groups.timers.cancelRevocation(group.id(), member.id());
    return ConsumerRecords.current(
        group.id(),
        member.id(),
        new ConsumerMember.Current(
            ConsumerMember.LEAVE_STATIC_EPOCH,
            member.current().previousEpoch(),
            member.current().state(),
            member.current().assigned().withoutEpochs(),
            OwnedPartitions.NONE));
  }

  /// Removes members; the others get what they had. If all others speak the classic protocol, the
  /// group does so from then on.
  List<StateRecord> remove(ConsumerGroup group, Collection<ConsumerMember> members) {
    if (members.isEmpty()) {
      return List.of();
    }
    members.forEach(member -> groups.timers.cancelAll(group.id(), member.id()));
    if (groups.migration.isDowngradedWithout(group, members)) {
      return groups.migration.downgrade(group, members, now);
    }
    GroupDraft draft = new GroupDraft(group);
    members.forEach(member -> draft.write(ConsumerRecords.noMember(group.id(), member.id())));
    for (ConsumerMember member : members) {
      String regex = member.regex();
      if (draft.group().regexes().containsKey(regex) && draft.group().subscribersOf(regex) == 0) {
        draft.write(ConsumerRecords.noRegex(group.id(), regex));
      }
    }
    groups.updateEpoch(draft, true);
    if (draft.group().isEmpty()) {
      // Nobody has to wait for an interval that began with those who are gone.
      draft.write(ConsumerRecords.targetEpoch(group.id(), draft.group().epoch(), 0));
    }
    return draft.records();
  }

  /// Why a request that names a static member cannot be from it; null if it can.
  static @Nullable Refusal checkStatic(
      @Nullable ConsumerMember known, String memberId, String instanceId) {
    if (known == null) {
      return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, "Instance id " + instanceId + " is unknown.");
    }
    if (!known.id().equals(memberId)) {
      return new Refusal(
          ErrorCode.FENCED_INSTANCE_ID,
          String.format(
              "Static member %s with instance id %s was fenced by member %s.",
              memberId, instanceId, known.id()));
    }
    return null;
  }

  static Refusal unknownMember(String memberId, String groupId) {
    return new Refusal(
        ErrorCode.UNKNOWN_MEMBER_ID,
        String.format("Member %s is not a member of group %s.", memberId, groupId));
  }
}
