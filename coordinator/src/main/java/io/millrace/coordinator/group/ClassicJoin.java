package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// JoinGroup to a classic group: new members, members that come again, and static members that come
/// back under a new id (KIP-345).
final class ClassicJoin {
  /// Clients know a handful.
  static final int MAX_PROTOCOLS = 1_000;

  /// From this version on a new member has to come again with the id that it was given (KIP-394).
  private static final short MEMBER_ID_REQUIRED_VERSION = 4;

  /// From this version on a leader can be told to keep the assignment as it is (KIP-814).
  private static final short SKIP_ASSIGNMENT_VERSION = 9;

  /// How long a new member's JoinGroup may wait: nobody would notice that the client is gone.
  private static final int NEW_MEMBER_TIMEOUT_MS = 5 * 60 * 1000;

  private final GroupMachine machine;
  private final ClassicRebalance rebalance;
  private final ClassicTimers timers;

  ClassicJoin(GroupMachine machine, ClassicRebalance rebalance, ClassicTimers timers) {
    this.machine = machine;
    this.rebalance = rebalance;
    this.timers = timers;
  }

  /// A JoinGroup with its bytes copied and its defaults filled in.
  private record Join(
      JoinGroupRequest request,
      Caller caller,
      int rebalanceTimeoutMs,
      List<ClassicMember.Protocol> protocols) {
    static Join of(JoinGroupRequest request, Caller caller) {
      List<ClassicMember.Protocol> protocols = new ArrayList<>(request.protocols().size());
      for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols()) {
        protocols.add(new ClassicMember.Protocol(protocol.name(), Bytes.copy(protocol.metadata())));
      }
      int rebalanceTimeoutMs =
          caller.version() == 0 ? request.sessionTimeoutMs() : request.rebalanceTimeoutMs();
      return new Join(request, caller, rebalanceTimeoutMs, protocols);
    }

    String because() {
      String reason = request.reason();
      return reason == null || reason.isEmpty() ? "" : " (" + reason + ")";
    }
  }

  Decision<JoinGroupResponse> join(JoinGroupRequest request, Caller caller, Now now) {
    ErrorCode error = check(request);
    if (error != ErrorCode.NONE) {
      return refuse(request.memberId(), error);
    }
    String memberId = request.memberId();
    Group found = machine.groups.find(request.groupId());
    if (found == null && !memberId.isEmpty()) {
      return refuse(memberId, ErrorCode.UNKNOWN_MEMBER_ID);
    }
    ClassicGroup group = machine.classic.findOrCreate(request.groupId());
    if (!accepts(group, memberId)) {
      ClassicMember last = group.member(memberId);
      if (last != null) {
        rebalance.remove(group, last);
      } else {
        group.remove(memberId);
      }
      return refuse("", ErrorCode.GROUP_MAX_SIZE_REACHED);
    }
    Join join = Join.of(request, caller);
    if (!group.supports(request.protocolType(), join.protocols())) {
      machine.classic.dropIfUnused(group);
      return refuse(memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }
    return memberId.isEmpty() ? joinNew(group, join, now) : joinAgain(group, join, now);
  }

  /// What is wrong with the request whatever the group is.
  ErrorCode check(JoinGroupRequest request) {
    Config config = machine.settings.broker();
    long bytes = 0;
    for (JoinGroupRequest.JoinGroupRequestProtocol protocol : request.protocols()) {
      bytes += protocol.name().length() + protocol.metadata().remaining();
    }
    if (!GroupIds.isValid(request.groupId())) {
      return ErrorCode.INVALID_GROUP_ID;
    } else if (request.sessionTimeoutMs() < config.intValue("group.min.session.timeout.ms")
        || request.sessionTimeoutMs() > config.intValue("group.max.session.timeout.ms")) {
      return ErrorCode.INVALID_SESSION_TIMEOUT;
    } else if (request.protocols().size() > MAX_PROTOCOLS || bytes > RecordSizes.limit(config)) {
      return ErrorCode.INVALID_REQUEST;
    }
    return ErrorCode.NONE;
  }

  private static Decision<JoinGroupResponse> refuse(String memberId, ErrorCode error) {
    return Decision.reply(ClassicRebalance.joinError(memberId, error));
  }

  /// Whether there is room. While a group rebalances, those that joined count: the group may have
  /// more members than are allowed, and the last to join have to go.
  private boolean accepts(ClassicGroup group, String memberId) {
    int max = machine.settings.broker().intValue("group.max.size");
    ClassicMember member = group.member(memberId);
    return switch (group.classicState()) {
      case EMPTY -> true;
      case PREPARING_REBALANCE ->
          (member != null && member.awaitingJoin != null) || group.awaitingJoins() < max;
      case COMPLETING_REBALANCE, STABLE -> member != null || group.size() < max;
    };
  }

  private Decision<JoinGroupResponse> joinNew(ClassicGroup group, Join join, Now now) {
    Caller caller = join.caller();
    String instanceId = join.request().groupInstanceId();
    String newId = (instanceId == null ? caller.clientId() : instanceId) + "-" + caller.freshId();
    if (instanceId != null) {
      String currentId = group.memberIdOf(instanceId);
      ClassicMember current = currentId == null ? null : group.member(currentId);
      return current == null
          ? add(group, join, newId, now)
          : replaceStatic(group, join, current, newId, now);
    }
    if (caller.version() >= MEMBER_ID_REQUIRED_VERSION) {
      group.addPending(newId);
      timers.awaitHeartbeat(group, newId, join.request().sessionTimeoutMs());
      return refuse(newId, ErrorCode.MEMBER_ID_REQUIRED);
    }
    return add(group, join, newId, now);
  }

  private Decision<JoinGroupResponse> joinAgain(ClassicGroup group, Join join, Now now) {
    String memberId = join.request().memberId();
    String instanceId = join.request().groupInstanceId();
    if (group.isPending(memberId) && instanceId == null) {
      return add(group, join, memberId, now);
    }
    ErrorCode error = group.checkMember(memberId, instanceId);
    ClassicMember member = group.member(memberId);
    if (error != ErrorCode.NONE || member == null) {
      return refuse(memberId, error);
    }
    boolean isUnchanged = member.matches(join.protocols());
    return switch (group.classicState()) {
      case PREPARING_REBALANCE -> update(group, join, member, now);
      // The answer to the first JoinGroup may have been lost.
      case COMPLETING_REBALANCE ->
          isUnchanged
              ? Decision.reply(rebalance.joined(group, member))
              : update(group, join, member, now);
      // A leader that joins again wants a new assignment: topics may have changed.
      case STABLE ->
          isUnchanged && !group.isLeader(memberId)
              ? Decision.reply(rebalance.joined(group, member))
              : update(group, join, member, now);
      case EMPTY -> refuse(memberId, ErrorCode.UNKNOWN_MEMBER_ID);
    };
  }

  private Decision<JoinGroupResponse> add(ClassicGroup group, Join join, String memberId, Now now) {
    JoinGroupRequest request = join.request();
    ClassicMember member =
        new ClassicMember(
            new ClassicMember.Identity(
                memberId,
                request.groupInstanceId(),
                join.caller().clientId(),
                join.caller().clientHost()),
            join.rebalanceTimeoutMs(),
            request.sessionTimeoutMs(),
            join.protocols());
    member.isNew = true;
    if (group.isInitialRebalance()) {
      group.newMemberAdded = true;
    }
    if (group.size() == 0) {
      group.become(request.protocolType());
    }
    group.add(member);
    Answer<JoinGroupResponse> answer = machine.context.answers().open();
    rebalance.awaitJoin(group, member, answer);
    timers.awaitHeartbeat(group, memberId, NEW_MEMBER_TIMEOUT_MS);
    return Decision.later(
        rebalance.prepareOrComplete(group, memberId + " is new" + join.because(), now), answer);
  }

  private Decision<JoinGroupResponse> update(
      ClassicGroup group, Join join, ClassicMember member, Now now) {
    Answer<JoinGroupResponse> answer = updateAndAwait(group, join, member);
    return Decision.later(
        rebalance.prepareOrComplete(group, member.id() + " joins again" + join.because(), now),
        answer);
  }

  private Answer<JoinGroupResponse> updateAndAwait(
      ClassicGroup group, Join join, ClassicMember member) {
    group.update(
        member, join.rebalanceTimeoutMs(), join.request().sessionTimeoutMs(), join.protocols());
    Answer<JoinGroupResponse> answer = machine.context.answers().open();
    rebalance.awaitJoin(group, member, answer);
    return answer;
  }

  /// A static member has restarted: it gets a new id and keeps its assignment, without a rebalance
  /// if it can.
  private Decision<JoinGroupResponse> replaceStatic(
      ClassicGroup group, Join join, ClassicMember old, String newId, Now now) {
    String leaderBefore = group.leaderId();
    rebalance.answerJoin(
        group, old, ClassicRebalance.joinError(old.id(), ErrorCode.FENCED_INSTANCE_ID));
    old.completeSync(ClassicRebalance.syncError(ErrorCode.FENCED_INSTANCE_ID));
    timers.cancelHeartbeat(group, old.id());
    ClassicMember member = group.rename(old, newId);
    Answer<JoinGroupResponse> answer = updateAndAwait(group, join, member);
    timers.awaitHeartbeat(group, member);
    String reason = "static member " + old.instanceId() + " is back as " + newId + join.because();
    List<StateRecord> records =
        switch (group.classicState()) {
          case STABLE -> {
            if (Objects.equals(group.protocolName(), group.selectProtocol())
                && RecordSizes.of(group) <= RecordSizes.limit(machine.settings.broker())) {
              rebalance.answerJoin(group, member, keptAssignment(group, join, newId, leaderBefore));
              yield List.of(group.record());
            }
            yield rebalance.prepare(group, reason, now);
          }
          // The leader may be computing an assignment for the old id.
          case COMPLETING_REBALANCE -> rebalance.prepare(group, reason, now);
          case PREPARING_REBALANCE -> rebalance.completeIfAllJoined(group, now);
          case EMPTY -> throw new IllegalStateException("an empty group with a member: " + group);
        };
    return Decision.later(records, answer);
  }

  /// A leader must not compute a new assignment: it is told so, or, where it cannot be, that
  /// somebody else is the leader.
  private JoinGroupResponse keptAssignment(
      ClassicGroup group, Join join, String memberId, @Nullable String leaderBefore) {
    boolean isLeader = group.isLeader(memberId);
    if (join.caller().version() >= SKIP_ASSIGNMENT_VERSION) {
      return rebalance.joined(group, memberId, isLeader, isLeader);
    }
    return rebalance.joined(group, memberId, false, false).toBuilder()
        .leader(leaderBefore == null ? "" : leaderBefore)
        .build();
  }
}
