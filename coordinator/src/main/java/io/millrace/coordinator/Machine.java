package io.millrace.coordinator;

import io.millrace.metadata.ImageDelta;

/// A state machine whose state is what the records of one partition of an internal topic make it.
///
/// It has two kinds of state. **Hard state** is in the log: it changes in [#apply] and
/// [#applyMarker] only, the same way whether the records are new or read back. **Soft state**
/// (sessions, timers, who waits for what) belongs to the node that leads the partition and is gone
/// with its leadership; commands change it as they decide.
///
/// Commands ([Command]) look at the state and return a [Decision]: the records that change hard
/// state, and the answer. An append that fails ends the leadership and drops the machine, so soft
/// state never has to be undone.
///
/// All methods run under the lock of the machine's [Shard]: a machine has no locks, waits for
/// nothing, and keeps no reference to a buffer of a request.
public interface Machine {
  /// Takes in a record. Cannot fail: what a command decided is a fact.
  void apply(StateRecord record, Provenance provenance);

  /// Takes in the end of a producer's transaction in this partition.
  default void applyMarker(EndMarker marker, long offset) {}

  /// All records of the log have been applied and this node leads the partition: sets up the soft
  /// state, such as timers.
  void begin(Now now);

  /// The cluster's topics, brokers or settings have changed.
  default Decision<?> onMetadata(ImageDelta delta, Now now) {
    return Decision.none();
  }

  /// Where a record stands.
  ///
  /// @param offset in the partition; grows from record to record, not always by one
  /// @param producerId -1 unless the record belongs to a transaction, in which case it counts only
  ///   once the transaction's marker says so
  record Provenance(long offset, long producerId, short producerEpoch) {
    public boolean isTransactional() {
      return producerId >= 0;
    }
  }

  /// The end of a transaction, as a control record tells it.
  record EndMarker(long producerId, short producerEpoch, int coordinatorEpoch, boolean isCommit) {}
}
