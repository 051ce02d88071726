package io.millrace.storage;

import io.millrace.protocol.record.RecordBatches;

/// What a log knows of one idempotent producer: its epoch and its last batches, so that a batch
/// that is sent again can be told from a new one, and the transaction it is in. Guarded by the lock
/// of the log.
final class ProducerState {
  /// Batches that are remembered: as many as an idempotent producer has in flight (KIP-98).
  static final int WINDOW = 5;

  static final short NO_EPOCH = RecordBatches.NO_PRODUCER_EPOCH;
  static final int NO_SEQUENCE = RecordBatches.NO_SEQUENCE;

  private final long producerId;
  private short epoch;
  private int coordinatorEpoch = -1;
  private long currentTransactionFirstOffset = -1;

  /// The maximum timestamp of the last batch.
  private long lastTimestamp = -1;

  /// When this node last appended for the producer, or loaded its state: expiry goes by this, since
  /// timestamps of records are what a client says.
  private long lastSeenMs;

  /// The window: a ring of `count` batches of which the youngest is at `youngest`.
  private final int[] lastSequences = new int[WINDOW];

  private final long[] lastOffsets = new long[WINDOW];
  private final int[] offsetDeltas = new int[WINDOW];
  private final long[] timestamps = new long[WINDOW];
  private int count;
  private int youngest = -1;

  ProducerState(long producerId, short epoch) {
    this.producerId = producerId;
    this.epoch = epoch;
  }

  long producerId() {
    return producerId;
  }

  short epoch() {
    return epoch;
  }

  int coordinatorEpoch() {
    return coordinatorEpoch;
  }

  /// -1 outside of a transaction.
  long currentTransactionFirstOffset() {
    return currentTransactionFirstOffset;
  }

  boolean isInTransaction() {
    return currentTransactionFirstOffset >= 0;
  }

  void beginTransaction(long firstOffset) {
    currentTransactionFirstOffset = firstOffset;
  }

  /// Takes in a marker. With a new epoch the sequences begin anew (KIP-890).
  void endTransaction(EndMarker marker, long timestamp) {
    moveTo(marker.producerEpoch());
    coordinatorEpoch = marker.coordinatorEpoch();
    currentTransactionFirstOffset = -1;
    lastTimestamp = timestamp;
  }

  void restoreTransaction(int epochOfCoordinator, long firstOffset) {
    coordinatorEpoch = epochOfCoordinator;
    currentTransactionFirstOffset = firstOffset;
  }

  long lastTimestamp() {
    return lastTimestamp;
  }

  void setLastTimestamp(long timestamp) {
    lastTimestamp = timestamp;
  }

  long lastSeenMs() {
    return lastSeenMs;
  }

  void seenAt(long nowMs) {
    lastSeenMs = nowMs;
  }

  int batchCount() {
    return count;
  }

  /// -1 if no batch is known, or the last one had none, as those of coordinators.
  int lastSequence() {
    return count == 0 ? NO_SEQUENCE : lastSequences[youngest];
  }

  /// -1 if no batch is known.
  long lastOffset() {
    return count == 0 ? -1 : lastOffsets[youngest];
  }

  /// The slot of batch `index`, 0 being the oldest that is remembered; for the accessors below.
  int slot(int index) {
    return (youngest - (count - 1 - index) + WINDOW) % WINDOW;
  }

  int lastSequenceAt(int slot) {
    return lastSequences[slot];
  }

  long lastOffsetAt(int slot) {
    return lastOffsets[slot];
  }

  int offsetDeltaAt(int slot) {
    return offsetDeltas[slot];
  }

  long timestampAt(int slot) {
    return timestamps[slot];
  }

  long firstOffsetAt(int slot) {
    return lastOffsets[slot] - offsetDeltas[slot];
  }

  /// The slot of a batch of this epoch and exactly these sequences, -1 if it is not remembered.
  int findDuplicate(short batchEpoch, int baseSequence, int lastSequence) {
    if (batchEpoch != epoch) {
      return -1;
    }
    for (int i = 0; i < count; i++) {
      int slot = slot(i);
      if (lastSequences[slot] == lastSequence
          && RecordBatches.incrementSequence(baseSequence, offsetDeltas[slot]) == lastSequence) {
        return slot;
      }
    }
    return -1;
  }

  /// Whether a batch of this epoch that begins with `baseSequence` follows the last one. As in
  /// Kafka, any sequence will do for a producer whose epoch is unknown.
  boolean isNext(short batchEpoch, int baseSequence) {
    if (epoch == NO_EPOCH) {
      return true;
    }
    if (batchEpoch != epoch) {
      return baseSequence == 0;
    }
    int last = lastSequence();
    return baseSequence == (last == NO_SEQUENCE ? 0 : RecordBatches.incrementSequence(last, 1));
  }

  /// Takes in a batch. A new epoch starts with an empty window.
  void add(short batchEpoch, int lastSequence, long lastOffset, int offsetDelta, long timestamp) {
    moveTo(batchEpoch);
    youngest = (youngest + 1) % WINDOW;
    count = Math.min(count + 1, WINDOW);
    lastSequences[youngest] = lastSequence;
    lastOffsets[youngest] = lastOffset;
    offsetDeltas[youngest] = offsetDelta;
    timestamps[youngest] = timestamp;
    lastTimestamp = timestamp;
  }

  private void moveTo(short newEpoch) {
    if (newEpoch != epoch) {
      epoch = newEpoch;
      count = 0;
    }
  }
}
