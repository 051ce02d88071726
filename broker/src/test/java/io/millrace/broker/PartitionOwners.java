package io.millrace.broker;

import io.millrace.simulator.Simulation;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Who believes to own which partition of a group, and until when: nobody may come to own one that
/// somebody else still does.
final class PartitionOwners {
  private final Simulation simulation;
  private final Duration session;
  private final Map<String, Ownership> byMember = new TreeMap<>();

  private record Ownership(Set<Integer> partitions, long untilNanos) {}

  /// @param session after how long without a heartbeat a member gives up what it owns
  PartitionOwners(Simulation simulation, Duration session) {
    this.simulation = simulation;
    this.session = session;
  }

  long now() {
    return simulation.nanos();
  }

  /// A member was told that it owns these, in answer to what it sent at `sentNanos`.
  void own(String member, Set<Integer> partitions, long sentNanos) {
    for (Map.Entry<String, Ownership> other : byMember.entrySet()) {
      Ownership theirs = other.getValue();
      if (!other.getKey().equals(member) && theirs.untilNanos() > now()) {
        for (int partition : partitions) {
          if (theirs.partitions().contains(partition)) {
            throw new AssertionError(
                "partition %d was given to %s while %s owns it"
                    .formatted(partition, member, other.getKey()));
          }
        }
      }
    }
    byMember.put(member, new Ownership(Set.copyOf(partitions), sentNanos + session.toNanos()));
  }

  /// Whether a member's ownership has not ended without a heartbeat.
  boolean isCurrent(String member) {
    Ownership own = byMember.get(member);
    return own != null && own.untilNanos() > now();
  }

  /// A member gives up everything, or is dead.
  void release(String member) {
    byMember.remove(member);
  }
}
