package io.millrace.coordinator;

/// Makes the machine of a partition, empty, when this node becomes its leader.
@FunctionalInterface
public interface MachineFactory<M extends Machine> {
  M create(Context<M> context);

  /// What a machine has besides its state.
  ///
  /// @param partition of the internal topic
  /// @param leaderEpoch in which this node leads it
  record Context<M extends Machine>(
      int partition, int leaderEpoch, Timers<M> timers, Answers answers) {}
}
