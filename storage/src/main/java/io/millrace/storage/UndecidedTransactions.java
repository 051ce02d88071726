package io.millrace.storage;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Which transactions readers of committed data may not pass: those that are open, and those that
/// have ended but whose markers are not committed yet, so that a crash could open them again.
///
/// Changed under the lock of the log; [#firstOffset] is read without. It is published before the
/// log end offset passes the first record of a transaction: who reads the high watermark first and
/// then this, sees every undecided transaction below that high watermark.
final class UndecidedTransactions {
  /// There is none.
  static final long NONE = Long.MAX_VALUE;

  private final ProducerStates producers;

  /// In the order of their markers; made with the first, since most logs never see one.
  private @Nullable ArrayDeque<EndedTransaction> ended;

  private volatile long firstOffset;

  UndecidedTransactions(ProducerStates producers) {
    this.producers = producers;
    publish();
  }

  /// The first offset of the earliest undecided transaction, [#NONE] if there is none.
  long firstOffset() {
    return firstOffset;
  }

  /// After a batch that may have opened a transaction.
  void noteAppended() {
    // Whatever began now begins above the others.
    if (firstOffset == NONE && producers.hasOpenTransactions()) {
      publish();
    }
  }

  void noteEnded(EndedTransaction transaction, long highWatermark) {
    ArrayDeque<EndedTransaction> all = ended;
    if (all == null) {
      all = ended = new ArrayDeque<>();
    }
    // Without a moment at which it is neither open nor here. The first offset stays what it is.
    all.add(transaction);
    noteCommitted(highWatermark);
  }

  /// Everything below `highWatermark` is committed.
  void noteCommitted(long highWatermark) {
    ArrayDeque<EndedTransaction> all = ended;
    if (all == null || all.isEmpty() || all.getFirst().markerOffset() >= highWatermark) {
      return;
    }
    while (!all.isEmpty() && all.getFirst().markerOffset() < highWatermark) {
      all.removeFirst();
    }
    publish();
  }

  /// The log ends at `endOffset` now, and the producers are as they were then.
  void noteTruncated(long endOffset) {
    if (ended != null) {
      ended.removeIf(transaction -> transaction.markerOffset() >= endOffset);
    }
    publish();
  }

  private void publish() {
    long first = producers.firstOpenOffset();
    if (ended != null) {
      for (EndedTransaction transaction : ended) {
        first = Math.min(first, transaction.firstOffset());
      }
    }
    firstOffset = first;
  }
}
