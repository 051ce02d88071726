package io.millrace.metadata;

import io.millrace.protocol.Uuid;
import java.util.List;

/// The state of a partition that the controller owns.
///
/// @param replicas the brokers that hold it, the preferred leader first
/// @param directories the log directory of each replica, in the order of `replicas`
/// @param isr the replicas that are in sync
/// @param removing replicas that a reassignment takes away
/// @param adding replicas that a reassignment adds
/// @param leader the broker that leads, [#NO_LEADER] if none does
/// @param leaderEpoch grows with every change of leader, [#leader] or ISR election
/// @param partitionEpoch grows with every change
public record Partition(
    List<Integer> replicas,
    List<Uuid> directories,
    List<Integer> isr,
    List<Integer> removing,
    List<Integer> adding,
    int leader,
    int leaderEpoch,
    int partitionEpoch) {
  public static final int NO_LEADER = -1;

  public boolean hasLeader() {
    return leader != NO_LEADER;
  }

  /// Whether `broker` holds a replica.
  public boolean isOn(int broker) {
    return replicas.contains(broker);
  }
}
