package io.millrace.coordinator.group;

import io.millrace.coordinator.Command;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import java.time.Duration;
import java.util.List;

/// What classic groups wait for: heartbeats, members that join, members that sync.
final class ClassicTimers {
  private final GroupMachine machine;

  ClassicTimers(GroupMachine machine) {
    this.machine = machine;
  }

  /// What happens to a group that is still there when its time has come.
  @FunctionalInterface
  interface Event {
    List<StateRecord> happen(ClassicGroup group, Now now);
  }

  /// Expects a sign of life within the member's session timeout.
  void awaitHeartbeat(ClassicGroup group, ClassicMember member) {
    awaitHeartbeat(group, member.id(), member.sessionTimeoutMs());
  }

  void awaitHeartbeat(ClassicGroup group, String memberId, int timeoutMs) {
    set(
        sessionName(group.id(), memberId),
        group.id(),
        timeoutMs,
        (found, now) -> machine.classic.onSilence(found, memberId, now));
  }

  void cancelHeartbeat(ClassicGroup group, String memberId) {
    machine.context.timers().cancel(sessionName(group.id(), memberId));
  }

  void awaitJoins(ClassicGroup group, int timeoutMs, Event event) {
    set("classic-join:" + group.id(), group.id(), timeoutMs, event);
  }

  void cancelJoins(ClassicGroup group) {
    machine.context.timers().cancel("classic-join:" + group.id());
  }

  void awaitSyncs(ClassicGroup group, int timeoutMs, Event event) {
    set("classic-sync:" + group.id(), group.id(), timeoutMs, event);
  }

  void cancelSyncs(ClassicGroup group) {
    machine.context.timers().cancel("classic-sync:" + group.id());
  }

  /// Forgets everything that is awaited from a group.
  void cancelAll(ClassicGroup group) {
    group.members().forEach(member -> cancelHeartbeat(group, member.id()));
    group.pendingJoins().forEach(memberId -> cancelHeartbeat(group, memberId));
    cancelJoins(group);
    cancelSyncs(group);
  }

  /// Ids of groups and members may have any characters in them: the length keeps names apart.
  private static String sessionName(String groupId, String memberId) {
    return "classic-session:" + groupId.length() + ":" + groupId + ":" + memberId;
  }

  private void set(String name, String groupId, int timeoutMs, Event event) {
    Command<GroupMachine, Void> command =
        (same, now) ->
            same.groups.find(groupId) instanceof ClassicGroup found
                ? Decision.write(event.happen(found, now))
                : Decision.none();
    machine.context.timers().set(name, Duration.ofMillis(Math.max(timeoutMs, 0)), command);
  }
}
