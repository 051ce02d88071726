package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Members of a consumer group that speak the classic protocol, in the course of a migration: for
/// them, the member epoch is the generation. A heartbeat tells them that a rebalance is on when
/// there is something new for them; JoinGroup takes them a step towards their target, and SyncGroup
/// tells them what they have.
final class ClassicProtocolMembers {
  /// From this version on a new member has to come again with the id that it was given (KIP-394).
  private static final short MEMBER_ID_REQUIRED_VERSION = 4;

  private final ConsumerGroups groups;

  ClassicProtocolMembers(ConsumerGroups groups) {
    this.groups = groups;
  }

  Decision<JoinGroupResponse> join(
      ConsumerGroup group, JoinGroupRequest request, Caller caller, Now now) {
    ErrorCode error = groups.machine.classic.checkJoin(request);
    if (error != ErrorCode.NONE) {
      return refuseJoin(request.memberId(), error);
    }
    return group.isEmpty()
        ? joinInstead(group, request, caller, now)
        : joinMembers(group, request, caller, now);
  }

  /// A group without members is a classic one again with the first that joins it so.
  @SuppressWarnings("ReferenceEquality") // a group that was replaced has the same id
  private Decision<JoinGroupResponse> joinInstead(
      ConsumerGroup group, JoinGroupRequest request, Caller caller, Now now) {
    Decision<JoinGroupResponse> joined = groups.machine.classic.join(request, caller, now);
    if (groups.machine.groups.find(group.id()) == group) {
      return joined;
    }
    List<StateRecord> records = new ArrayList<>(group.tombstones());
    records.addAll(joined.records());
    Answer<JoinGroupResponse> later = joined.later();
    JoinGroupResponse response = joined.value();
    if (later != null) {
      return Decision.later(records, later);
    }
    return response == null ? joined : Decision.of(records, response);
  }

  private Decision<JoinGroupResponse> joinMembers(
      ConsumerGroup group, JoinGroupRequest request, Caller caller, Now now) {
    boolean isNew = request.memberId().isEmpty();
    String instanceId = request.groupInstanceId();
    String memberId =
        isNew
            ? (instanceId == null ? caller.clientId() : instanceId) + "-" + caller.freshId()
            : request.memberId();
    ConsumerMember known = instanceId == null ? null : group.staticMember(instanceId);
    ErrorCode error = checkJoin(group, request, memberId, known);
    if (error != ErrorCode.NONE) {
      return refuseJoin(request.memberId(), error);
    }
    if (isNew && instanceId == null && caller.version() >= MEMBER_ID_REQUIRED_VERSION) {
      return refuseJoin(memberId, ErrorCode.MEMBER_ID_REQUIRED);
    }
    ConsumerProtocolSubscription subscription =
        EmbeddedProtocol.subscription(request.protocols().getFirst().metadata());
    if (subscription == null) {
      return refuseJoin(request.memberId(), ErrorCode.INVALID_REQUEST);
    }
    boolean isDowngrade =
        isNew && known != null && groups.migration.isDowngradedReplacing(group, known);
    GroupDraft draft = new GroupDraft(group);
    ConsumerMember before = group.member(memberId);
    if (known != null) {
      before = isNew ? groups.replaceStatic(draft, known, memberId) : known;
    } else if (before == null) {
      before = ConsumerMember.joining(memberId);
    }
    ConsumerMember updated = updated(before, request, caller, subscription);
    groups.update(draft, before, updated, now);
    if (!isDowngrade) {
      groups.updateTarget(draft, now);
    }
    ConsumerMember after =
        groups.reconcile(draft, updated, EmbeddedProtocol.owned(subscription, groups.image()));
    JoinGroupResponse response =
        JoinGroupResponse.builder()
            .memberId(after.id())
            .generationId(after.epoch())
            .protocolType(ClassicGroup.CONSUMER_PROTOCOL)
            .protocolName(request.protocols().getFirst().name())
            .build();
    if (isDowngrade) {
      draft.writeForeign(groups.migration.downgrade(draft.group(), List.of(), now));
    } else {
      groups.timers.cancelJoin(group.id(), after.id());
      groups.timers.awaitHeartbeat(group.id(), after);
      groups.timers.awaitSync(group.id(), after);
    }
    return Decision.of(draft.records(), response);
  }

  private ErrorCode checkJoin(
      ConsumerGroup group,
      JoinGroupRequest request,
      String memberId,
      @Nullable ConsumerMember known) {
    if (groups.migration.isDisabled()) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (known == null
        && group.member(memberId) == null
        && group.members().size() >= groups.maxSize()) {
      return ErrorCode.GROUP_MAX_SIZE_REACHED;
    }
    if (!supports(group, request)) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (request.groupInstanceId() != null && !request.memberId().isEmpty()) {
      return checkMember(known, request.memberId(), true);
    }
    return ErrorCode.NONE;
  }

  /// Whether all members that speak the classic protocol know one of the protocols.
  private static boolean supports(ConsumerGroup group, JoinGroupRequest request) {
    if (!request.protocolType().equals(ClassicGroup.CONSUMER_PROTOCOL)
        || request.protocols().isEmpty()) {
      return false;
    }
    TreeMap<String, Integer> supporters = new TreeMap<>();
    int classicMembers = 0;
    for (ConsumerMember member : group.members().values()) {
      ClassicMemberMetadata said = member.classic();
      if (said != null) {
        classicMembers++;
        for (ClassicProtocol protocol : said.supportedProtocols()) {
          supporters.merge(protocol.name(), 1, Integer::sum);
        }
      }
    }
    for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols()) {
      if (supporters.getOrDefault(protocol.name(), 0) == classicMembers) {
        return true;
      }
    }
    return false;
  }

  private static ConsumerMember updated(
      ConsumerMember before,
      JoinGroupRequest request,
      Caller caller,
      ConsumerProtocolSubscription subscription) {
    List<ClassicProtocol> protocols = new ArrayList<>();
    for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols()) {
      protocols.add(
          ClassicProtocol.builder()
              .name(protocol.name())
              .metadata(ByteBuffer.wrap(Bytes.copy(protocol.metadata())))
              .build());
    }
    String rack = subscription.rackId();
    int rebalanceTimeoutMs =
        caller.version() == 0 ? request.sessionTimeoutMs() : request.rebalanceTimeoutMs();
    return before.with(
        before.metadata().toBuilder()
            .instanceId(request.groupInstanceId())
            .rackId(rack == null || rack.isEmpty() ? before.metadata().rackId() : rack)
            .clientId(caller.clientId())
            .clientHost(caller.clientHost())
            .subscribedTopicNames(List.copyOf(new TreeSet<>(subscription.topics())))
            .subscribedTopicRegex("")
            .rebalanceTimeoutMs(rebalanceTimeoutMs)
            .classicMemberMetadata(
                ClassicMemberMetadata.builder()
                    .sessionTimeoutMs(request.sessionTimeoutMs())
                    .supportedProtocols(protocols)
                    .build())
            .build());
  }

  private static Decision<JoinGroupResponse> refuseJoin(String memberId, ErrorCode error) {
    return Decision.reply(
        JoinGroupResponse.builder().memberId(memberId).errorCode(error.code()).build());
  }

  Decision<SyncGroupResponse> sync(ConsumerGroup group, SyncGroupRequest request) {
    ConsumerMember member = find(group, request.memberId(), request.groupInstanceId());
    ErrorCode error = check(member, request.memberId(), request.groupInstanceId());
    ClassicMemberMetadata said = member == null ? null : member.classic();
    if (error == ErrorCode.NONE && member != null && said != null) {
      error = checkSync(group, member, said, request);
    }
    if (error != ErrorCode.NONE || member == null || said == null) {
      return Decision.reply(SyncGroupResponse.builder().errorCode(error.code()).build());
    }
    groups.timers.cancelSync(group.id(), member.id());
    groups.timers.awaitHeartbeat(group.id(), member);
    ClassicProtocol protocol = said.supportedProtocols().getFirst();
    byte[] assignment =
        EmbeddedProtocol.write(
            member.current().assigned().toAssignment(), protocol.metadata(), groups.image());
    return Decision.reply(
        SyncGroupResponse.builder()
            .protocolType(ClassicGroup.CONSUMER_PROTOCOL)
            .protocolName(protocol.name())
            .assignment(ByteBuffer.wrap(assignment))
            .build());
  }

  private ErrorCode checkSync(
      ConsumerGroup group,
      ConsumerMember member,
      ClassicMemberMetadata said,
      SyncGroupRequest request) {
    if (request.generationId() != member.epoch()) {
      return ErrorCode.ILLEGAL_GENERATION;
    }
    String type = request.protocolType();
    String name = request.protocolName();
    if ((type != null && !type.equals(ClassicGroup.CONSUMER_PROTOCOL))
        || (name != null && !name.equals(said.supportedProtocols().getFirst().name()))) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (group.target().epoch() > member.epoch()
        && member.current().state() != MemberState.UNREVOKED_PARTITIONS) {
      groups.timers.awaitJoin(group.id(), member);
      return ErrorCode.REBALANCE_IN_PROGRESS;
    }
    return ErrorCode.NONE;
  }

  Decision<HeartbeatResponse> heartbeat(ConsumerGroup group, HeartbeatRequest request) {
    ConsumerMember member = find(group, request.memberId(), request.groupInstanceId());
    ErrorCode error = check(member, request.memberId(), request.groupInstanceId());
    if (error == ErrorCode.NONE && member != null) {
      error = heartbeat(group, member, request.generationId());
    }
    return Decision.reply(HeartbeatResponse.builder().errorCode(error.code()).build());
  }

  private ErrorCode heartbeat(ConsumerGroup group, ConsumerMember member, int generation) {
    if (generation != member.epoch()) {
      return ErrorCode.ILLEGAL_GENERATION;
    }
    groups.timers.awaitHeartbeat(group.id(), member);
    MemberState state = member.current().state();
    if (member.epoch() < group.target().epoch()
        || state == MemberState.UNREVOKED_PARTITIONS
        || (state == MemberState.UNRELEASED_PARTITIONS && !group.isWaitingForOthers(member))) {
      groups.timers.awaitJoin(group.id(), member);
      return ErrorCode.REBALANCE_IN_PROGRESS;
    }
    return ErrorCode.NONE;
  }

  Decision<LeaveGroupResponse> leave(ConsumerGroup group, LeaveGroupRequest request, Now now) {
    TreeMap<String, ConsumerMember> leaving = new TreeMap<>();
    List<LeaveGroupResponse.MemberResponse> responses = new ArrayList<>();
    for (LeaveGroupRequest.MemberIdentity identity : request.members()) {
      String instanceId = identity.groupInstanceId();
      ConsumerMember member = find(group, identity.memberId(), instanceId);
      // An administrator may remove a static member without knowing its id.
      ErrorCode error =
          checkMember(
              member, identity.memberId(), instanceId != null && !identity.memberId().isEmpty());
      if (error == ErrorCode.NONE && member != null) {
        leaving.put(member.id(), member);
      }
      responses.add(
          LeaveGroupResponse.MemberResponse.builder()
              .memberId(identity.memberId())
              .groupInstanceId(instanceId)
              .errorCode(error.code())
              .build());
    }
    return Decision.of(
        new ConsumerLeave(groups, now).remove(group, leaving.values()),
        LeaveGroupResponse.builder().members(responses).build());
  }

  private static @Nullable ConsumerMember find(
      ConsumerGroup group, String memberId, @Nullable String instanceId) {
    return instanceId == null ? group.member(memberId) : group.staticMember(instanceId);
  }

  private static ErrorCode check(
      @Nullable ConsumerMember member, String memberId, @Nullable String instanceId) {
    ErrorCode error = checkMember(member, memberId, instanceId != null);
    return error == ErrorCode.NONE && member != null && !member.usesClassicProtocol()
        ? ErrorCode.UNKNOWN_MEMBER_ID
        : error;
  }

  private static ErrorCode checkMember(
      @Nullable ConsumerMember member, String memberId, boolean isStatic) {
    if (member == null) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    return isStatic && !member.id().equals(memberId)
        ? ErrorCode.FENCED_INSTANCE_ID
        : ErrorCode.NONE;
  }
}
