package io.millrace.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The idempotent producers of a log, in the order of their last append, and the transactions they
/// have open. Guarded by the lock of the log.
///
/// There are at most `maxProducers`: beyond that the one that has been silent longest is forgotten,
/// so that a client that makes up producer ids cannot fill the memory. One in a transaction is not,
/// since its records would then count as committed: who begins one has been verified.
final class ProducerStates {
  private static final float LOAD_FACTOR = 0.75f;

  /// How many producers in transactions are passed over in search of one to forget.
  private static final int MAX_PASSED_OVER = 16;

  private final int maxProducers;
  private final Verifications verifications;

  /// In access order; made with the first producer, since most logs never see one.
  private @Nullable LinkedHashMap<Long, ProducerState> states;

  /// The producers of the open transactions by first offset; made with the first.
  private @Nullable TreeMap<Long, Long> open;

  /// The one that appended last, which mostly is the one that appends next.
  private @Nullable ProducerState last;

  ProducerStates(int maxProducers) {
    this.maxProducers = maxProducers;
    this.verifications = new Verifications(maxProducers);
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

  Verifications verifications() {
    return verifications;
  }

  boolean hasOpenTransactions() {
    return open != null && !open.isEmpty();
  }

  /// The first offset of the open transactions, [UndecidedTransactions#NONE] if there is none.
  long firstOpenOffset() {
    return open == null || open.isEmpty() ? UndecidedTransactions.NONE : open.firstKey();
  }

  /// Whether a transaction of this producer is open that its batches of this epoch belong to.
  boolean isInTransaction(long producerId, short epoch) {
    ProducerState state = get(producerId);
    return state != null && state.isInTransaction() && state.epoch() == epoch;
  }

  /// Takes in a batch that was appended or is read back, by its header at `at` (a marker by all of
  /// it): its offsets are assigned. A batch without a producer is passed over. Returns the
  /// transaction that ended with it, null if none did.
  @Nullable EndedTransaction add(ByteBuffer batch, int at, long nowMs) {
    if (!BatchHeader.hasProducerId(batch, at)) {
      return null;
    }
    if (BatchHeader.isControl(batch, at)) {
      EndMarker marker = EndMarker.read(batch, at);
      return marker == null
          ? null
          : end(
              marker,
              BatchHeader.baseOffset(batch, at),
              BatchHeader.maxTimestamp(batch, at),
              nowMs);
    }
    ProducerState state =
        touch(BatchHeader.producerId(batch, at), BatchHeader.producerEpoch(batch, at), nowMs);
    state.add(
        BatchHeader.producerEpoch(batch, at),
        BatchHeader.lastSequence(batch, at),
        BatchHeader.lastOffset(batch, at),
        BatchHeader.lastOffsetDelta(batch, at),
        BatchHeader.maxTimestamp(batch, at));
    if (BatchHeader.isTransactional(batch, at)) {
      verifications.end(state.producerId());
      if (!state.isInTransaction()) {
        state.beginTransaction(BatchHeader.baseOffset(batch, at));
        noteOpen(state);
      }
    }
    return null;
  }

  private @Nullable EndedTransaction end(
      EndMarker marker, long offset, long timestamp, long nowMs) {
    ProducerState state = touch(marker.producerId(), marker.producerEpoch(), nowMs);
    verifications.end(state.producerId());
    long first = state.currentTransactionFirstOffset();
    state.endTransaction(marker, timestamp);
    if (first < 0) {
      return null;
    }
    if (open != null) {
      open.remove(first);
    }
    long lastStableOffset = hasOpenTransactions() ? firstOpenOffset() : offset + 1;
    return new EndedTransaction(
        state.producerId(), first, offset, !marker.isCommit(), lastStableOffset);
  }

  private ProducerState touch(long producerId, short epoch, long nowMs) {
    ProducerState state = get(producerId);
    if (state == null) {
      state = new ProducerState(producerId, epoch);
      put(state);
    }
    state.seenAt(nowMs);
    last = state;
    return state;
  }

  private void noteOpen(ProducerState state) {
    TreeMap<Long, Long> all = open;
    if (all == null) {
      all = open = new TreeMap<>();
    }
    all.put(state.currentTransactionFirstOffset(), state.producerId());
  }

  /// Adds the state of a producer that is not there yet.
  void put(ProducerState state) {
    Map<Long, ProducerState> all = states;
    if (all == null) {
      all = states = new LinkedHashMap<>(4, LOAD_FACTOR, true);
    }
    all.put(state.producerId(), state);
    if (state.isInTransaction()) {
      noteOpen(state);
    }
    if (all.size() > maxProducers) {
      forgetSilent(all);
    }
  }

  private void forgetSilent(Map<Long, ProducerState> all) {
    // The last one is new, and about to append.
    int others = all.size() - 1;
    for (int i = 0; i < Math.min(MAX_PASSED_OVER, others) && all.size() > maxProducers; i++) {
      Map.Entry<Long, ProducerState> eldest = all.entrySet().iterator().next();
      if (!eldest.getValue().isInTransaction()) {
        all.remove(eldest.getKey());
      } else {
        // Goes to the other end, so that the next search begins behind it.
        all.put(eldest.getKey(), eldest.getValue());
      }
    }
  }

  /// Forgets producers that were silent for `expirationMs`, unless they are in a transaction.
  /// Returns how many.
  int expire(long nowMs, long expirationMs) {
    verifications.expire(nowMs, expirationMs);
    if (states == null) {
      return 0;
    }
    int before = states.size();
    states
        .values()
        .removeIf(state -> !state.isInTransaction() && nowMs - state.lastSeenMs() >= expirationMs);
    int expired = before - states.size();
    if (expired > 0) {
      last = null;
    }
    return expired;
  }

  List<ActiveProducer> active() {
    List<ActiveProducer> active = new ArrayList<>();
    for (ProducerState state : all()) {
      active.add(
          new ActiveProducer(
              state.producerId(),
              state.epoch(),
              state.lastSequence(),
              state.lastTimestamp(),
              state.coordinatorEpoch(),
              state.currentTransactionFirstOffset()));
    }
    return active;
  }

  void clear() {
    states = null;
    open = null;
    last = null;
    verifications.clear();
  }
}
