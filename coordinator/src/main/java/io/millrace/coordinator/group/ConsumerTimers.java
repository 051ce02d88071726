package io.millrace.coordinator.group;

import io.millrace.coordinator.Command;
import io.millrace.coordinator.Decision;
import java.time.Duration;
import java.util.TreeSet;

/// What consumer groups wait for: heartbeats, revocations, and of members that speak the classic
/// protocol, that they join and sync.
final class ConsumerTimers {
  private enum Kind {
    SESSION,
    REBALANCE,
    JOIN,
    SYNC
  }

  private final GroupMachine machine;

  /// Members that were told to join again and did not yet.
  private final TreeSet<String> awaitedJoins = new TreeSet<>();

  ConsumerTimers(GroupMachine machine) {
    this.machine = machine;
  }

  /// Expects a sign of life within the session timeout.
  void awaitHeartbeat(String groupId, ConsumerMember member) {
    var classic = member.classic();
    int timeoutMs =
        classic == null ? machine.consumers.sessionTimeoutMs(groupId) : classic.sessionTimeoutMs();
    set(Kind.SESSION, groupId, member.id(), timeoutMs, "was not heard of in its session timeout");
  }

  /// Expects a member to give up what it has to, within its rebalance timeout.
  void awaitRevocation(String groupId, ConsumerMember member) {
    int epoch = member.epoch();
    String memberId = member.id();
    Command<GroupMachine, Void> command =
        (same, now) -> {
          ConsumerMember found = same.consumers.findMember(groupId, memberId);
          return found != null && found.epoch() == epoch
              ? same.consumers.fence(
                  groupId, memberId, "did not give up its partitions in time", now)
              : Decision.none();
        };
    machine
        .context
        .timers()
        .set(
            name(Kind.REBALANCE, groupId, memberId),
            Duration.ofMillis(Math.max(0, member.metadata().rebalanceTimeoutMs())),
            command);
  }

  void cancelRevocation(String groupId, String memberId) {
    cancel(Kind.REBALANCE, groupId, memberId);
  }

  /// Expects a member of the classic protocol, which is told that a rebalance is on, to join again;
  /// the first call counts.
  void awaitJoin(String groupId, ConsumerMember member) {
    String name = name(Kind.JOIN, groupId, member.id());
    if (awaitedJoins.add(name)) {
      int timeoutMs = member.metadata().rebalanceTimeoutMs();
      set(Kind.JOIN, groupId, member.id(), timeoutMs, "did not join again in time");
    }
  }

  void cancelJoin(String groupId, String memberId) {
    awaitedJoins.remove(name(Kind.JOIN, groupId, memberId));
    cancel(Kind.JOIN, groupId, memberId);
  }

  /// Expects a member of the classic protocol that has joined to ask for its assignment.
  void awaitSync(String groupId, ConsumerMember member) {
    int timeoutMs = member.metadata().rebalanceTimeoutMs();
    set(Kind.SYNC, groupId, member.id(), timeoutMs, "did not sync in time");
  }

  void cancelSync(String groupId, String memberId) {
    cancel(Kind.SYNC, groupId, memberId);
  }

  /// Nothing more is expected of a member that is gone.
  void cancelAll(String groupId, String memberId) {
    cancel(Kind.SESSION, groupId, memberId);
    cancelRevocation(groupId, memberId);
    cancelJoin(groupId, memberId);
    cancelSync(groupId, memberId);
  }

  /// Has the target computed that had to wait for the group's assignment interval.
  void awaitAssignment(String groupId, long delayMs) {
    Command<GroupMachine, Void> command = (same, now) -> same.consumers.assign(groupId, now);
    machine
        .context
        .timers()
        .set("consumer-assign:" + groupId, Duration.ofMillis(Math.max(0, delayMs)), command);
  }

  private void set(Kind kind, String groupId, String memberId, int timeoutMs, String reason) {
    Command<GroupMachine, Void> command =
        (same, now) -> same.consumers.fence(groupId, memberId, reason, now);
    machine
        .context
        .timers()
        .set(name(kind, groupId, memberId), Duration.ofMillis(Math.max(0, timeoutMs)), command);
  }

  private void cancel(Kind kind, String groupId, String memberId) {
    machine.context.timers().cancel(name(kind, groupId, memberId));
  }

  /// Ids of groups and members may have any characters in them: the length keeps names apart.
  private static String name(Kind kind, String groupId, String memberId) {
    return "consumer-" + kind + ":" + groupId.length() + ":" + groupId + ":" + memberId;
  }
}
