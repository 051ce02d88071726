package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.GroupMetadataKey;
import io.millrace.coordinator.group.record.GroupMetadataValue;
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
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The classic group protocol: members join, their leader computes the assignment.
///
/// Hard state is what was last written of each group; the groups themselves ([ClassicGroup]) are
/// that plus the rebalance that runs.
final class ClassicGroups {
  private static final Logger LOG = LoggerFactory.getLogger(ClassicGroups.class);

  /// From this version on a member says what it believes the protocol to be (KIP-559).
  private static final short SYNC_NAMES_PROTOCOL_VERSION = 5;

  final GroupMachine machine;
  final ClassicTimers timers;
  final ClassicRebalance rebalance;
  private final ClassicJoin joining;
  private final TreeMap<String, GroupMetadataValue> written = new TreeMap<>();

  /// Whether the log has been read: records that come now were decided here.
  private boolean hasBegun;

  ClassicGroups(GroupMachine machine) {
    this.machine = machine;
    this.timers = new ClassicTimers(machine);
    this.rebalance = new ClassicRebalance(machine, timers);
    this.joining = new ClassicJoin(machine, rebalance, timers);
  }

  void apply(GroupMetadataKey key, @Nullable GroupMetadataValue value) {
    String groupId = key.group();
    Group found = machine.groups.find(groupId);
    if (value == null) {
      written.remove(groupId);
      if (found instanceof ClassicGroup group) {
        timers.cancelAll(group);
        machine.groups.remove(groupId);
      }
    } else if (hasBegun && found instanceof ClassicGroup) {
      written.put(groupId, value);
    } else {
      ClassicGroup loaded = ClassicGroup.load(groupId, value);
      machine.groups.put(loaded);
      written.put(groupId, loaded.value());
    }
  }

  /// What the log says of classic groups.
  Map<String, GroupMetadataValue> hardState() {
    return written;
  }

  void begin(Now now) {
    hasBegun = true;
    int maxSize = machine.settings.broker().intValue("group.max.size");
    for (Group each : List.copyOf(machine.groups.all())) {
      if (each instanceof ClassicGroup group) {
        group.members().forEach(member -> timers.awaitHeartbeat(group, member));
        if (group.size() > maxSize) {
          // Writes nothing: no member has joined again yet.
          List<StateRecord> records =
              rebalance.prepare(group, "it has more members than group.max.size allows", now);
          if (!records.isEmpty()) {
            throw new IllegalStateException("a rebalance ended as it began: " + group);
          }
        }
      }
    }
  }

  /// The group of that id, which is not of the other protocol; new and empty if there is none.
  ClassicGroup findOrCreate(String groupId) {
    if (machine.groups.find(groupId) instanceof ClassicGroup group) {
      return group;
    }
    ClassicGroup created = new ClassicGroup(groupId);
    machine.groups.put(created);
    return created;
  }

  /// Forgets a group of which nothing was written and nobody came.
  void dropIfUnused(ClassicGroup group) {
    if (group.isEmpty()
        && group.pendingCount() == 0
        && !written.containsKey(group.id())
        && !machine.offsets.has(group.id())) {
      machine.groups.remove(group.id());
    }
  }

  /// Ends what members wait for and what is expected of them, as the group changes its protocol.
  void retire(ClassicGroup group) {
    for (ClassicMember member : group.members()) {
      rebalance.answerJoin(
          group, member, ClassicRebalance.joinError(member.id(), ErrorCode.REBALANCE_IN_PROGRESS));
      member.completeSync(ClassicRebalance.syncError(ErrorCode.REBALANCE_IN_PROGRESS));
    }
    timers.cancelAll(group);
  }

  /// Takes over a group that converts to the classic protocol, as soft state; the record of it has
  /// to be among those that are decided. Returns what else is to be written.
  List<StateRecord> adopt(ClassicGroup group, Now now) {
    machine.groups.put(group);
    group.members().forEach(member -> timers.awaitHeartbeat(group, member));
    return rebalance.prepare(group, "it changes to the classic protocol", now);
  }

  Decision<JoinGroupResponse> join(JoinGroupRequest request, Caller caller, Now now) {
    return joining.join(request, caller, now);
  }

  /// What is wrong with a JoinGroup whatever the group is.
  ErrorCode checkJoin(JoinGroupRequest request) {
    return joining.check(request);
  }

  Decision<SyncGroupResponse> sync(SyncGroupRequest request, Now now) {
    if (!(machine.groups.find(request.groupId()) instanceof ClassicGroup group)) {
      return refuseSync(ErrorCode.UNKNOWN_MEMBER_ID);
    }
    ErrorCode error = checkSync(group, request);
    ClassicMember member = group.member(request.memberId());
    if (error != ErrorCode.NONE || member == null) {
      return refuseSync(error);
    }
    return switch (group.classicState()) {
      case EMPTY -> refuseSync(ErrorCode.UNKNOWN_MEMBER_ID);
      case PREPARING_REBALANCE -> refuseSync(ErrorCode.REBALANCE_IN_PROGRESS);
      case COMPLETING_REBALANCE -> {
        rebalance.syncReceived(group, member.id());
        rebalance.answerSync(
            group, member, ClassicRebalance.syncError(ErrorCode.REBALANCE_IN_PROGRESS));
        Answer<SyncGroupResponse> answer = machine.context.answers().open();
        member.awaitingSync = answer;
        yield Decision.later(
            group.isLeader(member.id()) ? assign(group, request, now) : List.of(), answer);
      }
      case STABLE -> {
        rebalance.syncReceived(group, member.id());
        // A sign of life: the member counts its session from here, too.
        timers.awaitHeartbeat(group, member);
        yield Decision.reply(synced(group, member));
      }
    };
  }

  static boolean namesProtocol(SyncGroupRequest request, short version) {
    return version < SYNC_NAMES_PROTOCOL_VERSION
        || (request.protocolType() != null && request.protocolName() != null);
  }

  private static ErrorCode checkSync(ClassicGroup group, SyncGroupRequest request) {
    if (group.isEmpty()) {
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    ErrorCode error = group.checkMember(request.memberId(), request.groupInstanceId());
    if (error != ErrorCode.NONE) {
      return error;
    } else if (request.generationId() != group.generation()) {
      return ErrorCode.ILLEGAL_GENERATION;
    } else if (differs(request.protocolType(), group.protocolTypeOrNull())
        || differs(request.protocolName(), group.protocolName())) {
      return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }
    return ErrorCode.NONE;
  }

  private static boolean differs(@Nullable String said, @Nullable String is) {
    return said != null && !said.equals(is);
  }

  private static Decision<SyncGroupResponse> refuseSync(ErrorCode error) {
    return Decision.reply(ClassicRebalance.syncError(error));
  }

  private static SyncGroupResponse synced(ClassicGroup group, ClassicMember member) {
    return SyncGroupResponse.builder()
        .protocolType(group.protocolTypeOrNull())
        .protocolName(group.protocolName())
        .assignment(ByteBuffer.wrap(member.assignment()))
        .build();
  }

  /// The leader has sent the assignment: the generation is written down, and those that wait for
  /// their part get it once it is.
  private List<StateRecord> assign(ClassicGroup group, SyncGroupRequest request, Now now) {
    for (SyncGroupRequest.SyncGroupRequestAssignment each : request.assignments()) {
      ClassicMember member = group.member(each.memberId());
      if (member != null) {
        member.assign(Bytes.copy(each.assignment()));
      }
    }
    if (RecordSizes.of(group) > RecordSizes.limit(machine.settings.broker())) {
      LOG.warn(
          "The subscriptions and assignments of {} take {} bytes, more than message.max.bytes"
              + " allows: raise it, or let the members subscribe to less",
          group,
          RecordSizes.of(group));
      rebalance.cancelAssignment(group, ErrorCode.UNKNOWN_SERVER_ERROR);
      return rebalance.prepare(group, "its assignment is too large", now);
    }
    group.transitionTo(ClassicState.STABLE, now.wallMs());
    for (ClassicMember member : group.members()) {
      rebalance.answerSync(group, member, synced(group, member));
    }
    return List.of(group.record());
  }

  Decision<HeartbeatResponse> heartbeat(HeartbeatRequest request) {
    ErrorCode error = ErrorCode.UNKNOWN_MEMBER_ID;
    if (machine.groups.find(request.groupId()) instanceof ClassicGroup group) {
      error = group.checkMember(request.memberId(), request.groupInstanceId());
      ClassicMember member = group.member(request.memberId());
      if (error == ErrorCode.NONE && member != null) {
        error = heartbeat(group, member, request.generationId());
      }
    }
    return Decision.reply(HeartbeatResponse.builder().errorCode(error.code()).build());
  }

  private ErrorCode heartbeat(ClassicGroup group, ClassicMember member, int generation) {
    if (generation != group.generation()) {
      return ErrorCode.ILLEGAL_GENERATION;
    }
    timers.awaitHeartbeat(group, member);
    return group.is(ClassicState.PREPARING_REBALANCE)
        ? ErrorCode.REBALANCE_IN_PROGRESS
        : ErrorCode.NONE;
  }

  /// A commit of a member shows that it is alive.
  void commitReceived(ClassicGroup group, String memberId) {
    ClassicMember member = group.member(memberId);
    if (member != null && !group.is(ClassicState.COMPLETING_REBALANCE)) {
      timers.awaitHeartbeat(group, member);
    }
  }

  /// A session has run out.
  List<StateRecord> onSilence(ClassicGroup group, String memberId, Now now) {
    if (group.isPending(memberId)) {
      group.remove(memberId);
      if (group.isEmpty()) {
        dropIfUnused(group);
        return List.of();
      }
      return group.is(ClassicState.PREPARING_REBALANCE)
          ? rebalance.afterRemoval(group, null, now)
          : List.of();
    }
    ClassicMember member = group.member(memberId);
    if (member == null || member.mayBeSilent()) {
      return List.of();
    }
    LOG.info("Member {} of {} has not been heard of in its session timeout", memberId, group);
    rebalance.remove(group, member);
    return rebalance.afterRemoval(group, memberId + " is silent", now);
  }

  Decision<LeaveGroupResponse> leave(LeaveGroupRequest request, Now now) {
    if (!(machine.groups.find(request.groupId()) instanceof ClassicGroup group)) {
      return Decision.reply(nobodyLeft(request));
    }
    List<LeaveGroupResponse.MemberResponse> responses = new ArrayList<>();
    boolean hasLeft = false;
    for (LeaveGroupRequest.MemberIdentity identity : request.members()) {
      ErrorCode error = leave(group, identity);
      hasLeft |= error == ErrorCode.NONE;
      responses.add(left(identity, error));
    }
    List<StateRecord> records = List.of();
    if (hasLeft) {
      records =
          switch (group.classicState()) {
            case STABLE, COMPLETING_REBALANCE -> rebalance.prepare(group, "members left", now);
            case PREPARING_REBALANCE ->
                group.size() == 0
                    ? rebalance.afterRemoval(group, null, now)
                    : rebalance.completeIfAllJoined(group, now);
            case EMPTY -> List.of();
          };
      dropIfUnused(group);
    }
    return Decision.of(records, LeaveGroupResponse.builder().members(responses).build());
  }

  /// The group does not exist, so nobody is in it.
  static LeaveGroupResponse nobodyLeft(LeaveGroupRequest request) {
    return LeaveGroupResponse.builder()
        .members(
            request.members().stream()
                .map(identity -> left(identity, ErrorCode.UNKNOWN_MEMBER_ID))
                .toList())
        .build();
  }

  private static LeaveGroupResponse.MemberResponse left(
      LeaveGroupRequest.MemberIdentity identity, ErrorCode error) {
    return LeaveGroupResponse.MemberResponse.builder()
        .memberId(identity.memberId())
        .groupInstanceId(identity.groupInstanceId())
        .errorCode(error.code())
        .build();
  }

  private ErrorCode leave(ClassicGroup group, LeaveGroupRequest.MemberIdentity identity) {
    String memberId = identity.memberId();
    String instanceId = identity.groupInstanceId();
    if (memberId.isEmpty()) {
      // An administrator removes a static member by the name that the user gave it.
      String current = instanceId == null ? null : group.memberIdOf(instanceId);
      if (current == null) {
        return ErrorCode.UNKNOWN_MEMBER_ID;
      }
      memberId = current;
    } else if (group.isPending(memberId)) {
      group.remove(memberId);
      timers.cancelHeartbeat(group, memberId);
      return ErrorCode.NONE;
    }
    ErrorCode error = group.checkMember(memberId, instanceId);
    ClassicMember member = group.member(memberId);
    if (error == ErrorCode.NONE && member != null) {
      LOG.info("Member {} leaves {}", memberId, group);
      rebalance.remove(group, member);
    }
    return error;
  }
}
