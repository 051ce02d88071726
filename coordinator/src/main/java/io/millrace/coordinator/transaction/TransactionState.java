package io.millrace.coordinator.transaction;

import java.util.Optional;

/// Where the transaction of a transactional id stands (KIP-98).
///
/// The numbers and names are Kafka's, as they are in `__transaction_state` and in what tools show.
public enum TransactionState {
  /// The producer has its id and epoch and has begun nothing.
  EMPTY(0, "Empty"),
  /// Partitions have been added.
  ONGOING(1, "Ongoing"),
  /// It is decided that the transaction commits; markers are being written.
  PREPARE_COMMIT(2, "PrepareCommit"),
  /// It is decided that the transaction aborts; markers are being written.
  PREPARE_ABORT(3, "PrepareAbort"),
  /// All markers of a commit are written.
  COMPLETE_COMMIT(4, "CompleteCommit"),
  /// All markers of an abort are written.
  COMPLETE_ABORT(5, "CompleteAbort"),
  /// Kafka's mark, in memory only, of an id that is being forgotten. Not used here.
  DEAD(6, "Dead"),
  /// Kafka's mark, in memory only, of a producer that is being fenced. Not used here.
  PREPARE_EPOCH_FENCE(7, "PrepareEpochFence");

  private final byte id;
  private final String title;

  TransactionState(int id, String title) {
    this.id = (byte) id;
    this.title = title;
  }

  public byte id() {
    return id;
  }

  /// As tools show it.
  public String title() {
    return title;
  }

  static TransactionState of(byte id) {
    for (TransactionState state : values()) {
      if (state.id == id) {
        return state;
      }
    }
    throw new IllegalStateException("there is no state " + id + " of a transaction");
  }

  static Optional<TransactionState> named(String title) {
    for (TransactionState state : values()) {
      if (state.title.equals(title)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /// Whether the end is decided and markers are being written.
  public boolean isPreparing() {
    return this == PREPARE_COMMIT || this == PREPARE_ABORT;
  }

  /// Whether no transaction is open, so that the next may begin.
  public boolean isIdle() {
    return this == EMPTY || this == COMPLETE_COMMIT || this == COMPLETE_ABORT;
  }

  /// Whether the transaction's end is, or is going to be, a commit (an abort).
  boolean isEnding(boolean commit) {
    return switch (this) {
      case PREPARE_COMMIT, COMPLETE_COMMIT -> commit;
      case PREPARE_ABORT, COMPLETE_ABORT -> !commit;
      case EMPTY, ONGOING, DEAD, PREPARE_EPOCH_FENCE -> false;
    };
  }

  /// The legal transitions.
  boolean mayFollow(TransactionState previous) {
    return switch (this) {
      case EMPTY -> previous.isIdle();
      case ONGOING -> previous.isIdle() || previous == ONGOING;
      case PREPARE_COMMIT -> previous == ONGOING;
      // With transactions of version 2 a producer may abort what it has not begun (KIP-890).
      case PREPARE_ABORT -> previous == ONGOING || previous.isIdle();
      case COMPLETE_COMMIT -> previous == PREPARE_COMMIT;
      case COMPLETE_ABORT -> previous == PREPARE_ABORT;
      case DEAD, PREPARE_EPOCH_FENCE -> false;
    };
  }
}
