package io.millrace.storage;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.InvalidBatchException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The idempotent producers of a log, in the order of their last append. Guarded by the lock of the
/// log.
///
/// There are at most `maxProducers`: beyond that the one that has been silent longest is forgotten,
/// so that a client that makes up producer ids cannot fill the memory.
final class ProducerStates {
  private static final float LOAD_FACTOR = 0.75f;

  private final int maxProducers;

  /// In access order; made with the first producer, since most logs never see one.
  private @Nullable LinkedHashMap<Long, ProducerState> states;

  /// The one that appended last, which mostly is the one that appends next.
  private @Nullable ProducerState last;

  ProducerStates(int maxProducers) {
    this.maxProducers = maxProducers;
  }

  boolean isEmpty() {
    return states == null || states.isEmpty();
  }

  /// From the longest silent to the one that appended last.
  Collection<ProducerState> all() {
    return states == null ? List.of() : states.values();
  }

  @Nullable ProducerState get(long producerId) {
    ProducerState recent = last;
    if (recent != null && recent.producerId() == producerId) {
      return recent;
    }
    return states == null ? null : states.get(producerId);
  }

  /// Checks that a client's batch follows the last one of its producer. Returns its state and the
  /// slot of the batch in it if it was appended before; -1 if it is new.
  ///
  /// The rules are those of Kafka's brokers: a producer without state may begin anywhere, a new
  /// epoch begins with sequence 0.
  int check(BatchCursor batch) {
    ProducerState state = get(batch.producerId());
    if (state == null) {
      return -1;
    }
    short epoch = batch.producerEpoch();
    int slot = state.findDuplicate(epoch, batch.baseSequence(), batch.lastSequence());
    if (slot >= 0) {
      return slot;
    }
    if (epoch < state.epoch()) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_PRODUCER_EPOCH,
          "producer "
              + batch.producerId()
              + " sent epoch "
              + epoch
              + ", which is below its last one, "
              + state.epoch());
    }
    if (!state.isNext(epoch, batch.baseSequence())) {
      throw new InvalidBatchException(
          ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
          "producer "
              + batch.producerId()
              + " sent sequence "
              + batch.baseSequence()
              + " of epoch "
              + epoch
              + ", which does not follow the last one, "
              + state.lastSequence()
              + " of epoch "
              + state.epoch());
    }
    return -1;
  }

  /// Takes in a batch that was appended or is read back, by its header at `at`: its offsets are
  /// assigned. A batch without a producer is passed over.
  void add(ByteBuffer batch, int at, long nowMs) {
    if (!BatchHeader.hasProducerId(batch, at)) {
      return;
    }
    add(
        BatchHeader.producerId(batch, at),
        BatchHeader.producerEpoch(batch, at),
        BatchHeader.isControl(batch, at)
            ? ProducerState.NO_SEQUENCE
            : BatchHeader.lastSequence(batch, at),
        BatchHeader.lastOffset(batch, at),
        BatchHeader.lastOffsetDelta(batch, at),
        BatchHeader.maxTimestamp(batch, at),
        nowMs);
  }

  private void add(
      long producerId,
      short epoch,
      int lastSequence,
      long lastOffset,
      int offsetDelta,
      long timestamp,
      long nowMs) {
    ProducerState state = get(producerId);
    if (state == null) {
      state = new ProducerState(producerId, epoch);
      put(state);
    }
    if (lastSequence != ProducerState.NO_SEQUENCE) {
      state.add(epoch, lastSequence, lastOffset, offsetDelta, timestamp);
    } else {
      state.setLastTimestamp(timestamp);
    }
    state.seenAt(nowMs);
    last = state;
  }

  /// Adds the state of a producer that is not there yet.
  void put(ProducerState state) {
    Map<Long, ProducerState> all = states;
    if (all == null) {
      all = states = new LinkedHashMap<>(4, LOAD_FACTOR, true);
    }
    all.put(state.producerId(), state);
    if (all.size() > maxProducers) {
      Iterator<Long> oldest = all.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /// Forgets producers that were silent for `expirationMs`, unless they are in a transaction.
  /// Returns how many.
  int expire(long nowMs, long expirationMs) {
    if (states == null) {
      return 0;
    }
    int before = states.size();
    states
        .values()
        .removeIf(
            state ->
                state.currentTransactionFirstOffset() < 0
                    && nowMs - state.lastSeenMs() >= expirationMs);
    int expired = before - states.size();
    if (expired > 0) {
      last = null;
    }
    return expired;
  }

  void clear() {
    states = null;
    last = null;
  }
}
