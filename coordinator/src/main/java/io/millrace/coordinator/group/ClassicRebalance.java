package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a classic group from one generation to the next.
///
/// ```
///   Empty ──────────► PreparingRebalance ◄───────── Stable
///     ▲  first join      │         ▲   somebody       ▲
///     │                  │ all     │   joins, leaves, │ the leader's
///     │ nobody is left   │ joined  │   fails          │ assignment
///     └──────────────────┤         │                  │
///                        └──► CompletingRebalance ────┘
/// ```
///
/// Methods return the records to write; answers they give leave once those are committed.
final class ClassicRebalance {
  private static final Logger LOG = LoggerFactory.getLogger(ClassicRebalance.class);

  private final GroupMachine machine;
  private final ClassicTimers timers;

  ClassicRebalance(GroupMachine machine, ClassicTimers timers) {
    this.machine = machine;
    this.timers = timers;
  }

  /// Has a member wait for the rebalance to get on.
  void awaitJoin(ClassicGroup group, ClassicMember member, Answer<JoinGroupResponse> answer) {
    // Of two requests of a member the later one counts.
    answerJoin(group, member, joinError(member.id(), ErrorCode.REBALANCE_IN_PROGRESS));
    member.awaitingJoin = answer;
    group.joinAwaited(1);
  }

  void answerJoin(ClassicGroup group, ClassicMember member, JoinGroupResponse response) {
    if (member.completeJoin(response)) {
      group.joinAwaited(-1);
    }
  }

  static JoinGroupResponse joinError(String memberId, ErrorCode error) {
    return JoinGroupResponse.builder().memberId(memberId).errorCode(error.code()).build();
  }

  static SyncGroupResponse syncError(ErrorCode error) {
    return SyncGroupResponse.builder().errorCode(error.code()).build();
  }

  /// What a member learns about the generation that it belongs to.
  JoinGroupResponse joined(ClassicGroup group, ClassicMember member) {
    return joined(group, member.id(), group.isLeader(member.id()), false);
  }

  JoinGroupResponse joined(
      ClassicGroup group, String memberId, boolean withMembers, boolean skipAssignment) {
    List<JoinGroupResponse.JoinGroupResponseMember> members = new ArrayList<>();
    if (withMembers) {
      for (ClassicMember each : group.members()) {
        members.add(
            JoinGroupResponse.JoinGroupResponseMember.builder()
                .memberId(each.id())
                .groupInstanceId(each.instanceId())
                .metadata(ByteBuffer.wrap(each.metadata(group.protocolName())))
                .build());
      }
    }
    String leader = group.leaderId();
    return JoinGroupResponse.builder()
        .members(members)
        .memberId(memberId)
        .generationId(group.generation())
        .protocolType(group.protocolTypeOrNull())
        .protocolName(group.protocolName())
        .leader(leader == null ? "" : leader)
        .skipAssignment(skipAssignment)
        .build();
  }

  /// Something has changed that the assignment depends on.
  List<StateRecord> prepareOrComplete(ClassicGroup group, String reason, Now now) {
    return group.is(ClassicState.PREPARING_REBALANCE)
        ? completeIfAllJoined(group, now)
        : prepare(group, reason, now);
  }

  /// Has all members join again.
  List<StateRecord> prepare(ClassicGroup group, String reason, Now now) {
    if (group.is(ClassicState.COMPLETING_REBALANCE)) {
      cancelAssignment(group, ErrorCode.REBALANCE_IN_PROGRESS);
    }
    group.clearPendingSyncs();
    timers.cancelSyncs(group);
    boolean isInitial = group.isEmpty();
    group.transitionTo(ClassicState.PREPARING_REBALANCE, now.wallMs());
    LOG.info("Rebalancing {}: {}", group, reason);
    if (isInitial) {
      int delayMs = initialDelayMs();
      return delayMs == 0
          ? complete(group, now)
          : awaitMoreMembers(group, delayMs, Math.max(group.rebalanceTimeoutMs() - delayMs, 0));
    }
    if (group.haveAllJoined()) {
      return complete(group, now);
    }
    timers.awaitJoins(group, group.rebalanceTimeoutMs(), this::complete);
    return List.of();
  }

  private int initialDelayMs() {
    return Math.max(machine.settings.broker().intValue("group.initial.rebalance.delay.ms"), 0);
  }

  /// A group begins with those that come within a delay, which begins anew while more come, but is
  /// never longer in sum than the rebalance timeout.
  private List<StateRecord> awaitMoreMembers(ClassicGroup group, int delayMs, int remainingMs) {
    timers.awaitJoins(
        group,
        delayMs,
        (found, now) -> {
          if (found.newMemberAdded && remainingMs > 0) {
            found.newMemberAdded = false;
            return awaitMoreMembers(
                found, Math.min(initialDelayMs(), remainingMs), Math.max(remainingMs - delayMs, 0));
          }
          return complete(found, now);
        });
    return List.of();
  }

  /// Goes on to the next generation if nobody is waited for.
  List<StateRecord> completeIfAllJoined(ClassicGroup group, Now now) {
    boolean isReady =
        group.is(ClassicState.PREPARING_REBALANCE)
            && !group.isInitialRebalance()
            && group.haveAllJoined();
    return isReady ? complete(group, now) : List.of();
  }

  /// Goes on to the next generation with those that joined. Static members are kept although they
  /// did not: only their session timeout, or a missing sync, removes them.
  private List<StateRecord> complete(ClassicGroup group, Now now) {
    timers.cancelJoins(group);
    for (ClassicMember member : List.copyOf(group.members())) {
      if (member.awaitingJoin == null && !member.isStatic()) {
        LOG.info("Member {} of {} did not join again in time", member.id(), group);
        group.remove(member.id());
        timers.cancelHeartbeat(group, member.id());
      }
    }
    group.newMemberAdded = false;
    if (!group.electLeader() && group.size() > 0) {
      // Nobody joined; session timeouts will clear the group of those that are gone.
      timers.awaitJoins(group, group.rebalanceTimeoutMs(), this::complete);
      return List.of();
    }
    group.nextGeneration(now.wallMs());
    if (group.isEmpty()) {
      LOG.info("Nobody is left in {}", group);
      return List.of(group.record());
    }
    for (ClassicMember member : group.members()) {
      answerJoin(group, member, joined(group, member));
      timers.awaitHeartbeat(group, member);
      member.isNew = false;
      group.awaitSync(member.id());
    }
    int generation = group.generation();
    timers.awaitSyncs(
        group,
        group.rebalanceTimeoutMs(),
        (found, later) -> onSyncTimeout(found, generation, later));
    return List.of();
  }

  private List<StateRecord> onSyncTimeout(ClassicGroup group, int generation, Now now) {
    boolean isAfterJoin =
        group.is(ClassicState.COMPLETING_REBALANCE) || group.is(ClassicState.STABLE);
    if (generation != group.generation() || !isAfterJoin || group.pendingSyncs().isEmpty()) {
      return List.of();
    }
    List<String> missing = List.copyOf(group.pendingSyncs());
    for (String memberId : missing) {
      group.remove(memberId);
      timers.cancelHeartbeat(group, memberId);
    }
    return prepare(group, missing + " did not ask for their assignment in time", now);
  }

  /// A member has its assignment, or has asked for it.
  void syncReceived(ClassicGroup group, String memberId) {
    group.syncReceived(memberId);
    if (group.pendingSyncs().isEmpty()) {
      timers.cancelSyncs(group);
    }
  }

  /// Nobody has an assignment any more; those that wait for one get the error.
  void cancelAssignment(ClassicGroup group, ErrorCode error) {
    for (ClassicMember member : group.members()) {
      member.assign(ClassicMember.NO_BYTES);
      answerSync(group, member, syncError(error));
    }
  }

  void answerSync(ClassicGroup group, ClassicMember member, SyncGroupResponse response) {
    if (member.completeSync(response)) {
      // The session may have run out unnoticed while the member was waiting.
      timers.awaitHeartbeat(group, member);
    }
  }

  /// Removes a member that is gone, and what waits for it.
  void remove(ClassicGroup group, ClassicMember member) {
    timers.cancelHeartbeat(group, member.id());
    answerJoin(group, member, joinError("", ErrorCode.UNKNOWN_MEMBER_ID));
    member.completeSync(syncError(ErrorCode.UNKNOWN_MEMBER_ID));
    group.remove(member.id());
  }

  /// Those that are left share the work anew.
  List<StateRecord> afterRemoval(ClassicGroup group, @Nullable String reason, Now now) {
    return switch (group.classicState()) {
      case STABLE, COMPLETING_REBALANCE -> prepare(group, String.valueOf(reason), now);
      case PREPARING_REBALANCE -> group.haveAllJoined() ? complete(group, now) : List.of();
      case EMPTY -> List.of();
    };
  }
}
