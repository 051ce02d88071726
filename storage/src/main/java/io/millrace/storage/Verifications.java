package io.millrace.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The verifications of a log's producers that have begun (KIP-890): one for each producer that is
/// about to open a transaction. Guarded by the lock of the log.
///
/// There are at most `maxProducers`: beyond that the oldest is forgotten, whose batch is refused
/// then.
final class Verifications {
  /// `lowestSequence`: of the batches that wait for it, so that the first one is appended first.
  private record Verification(
      VerificationGuard guard, short epoch, int lowestSequence, long begunMs) {}

  private final int maxProducers;

  /// By producer id, in the order they began; made with the first.
  private @Nullable LinkedHashMap<Long, Verification> pending;

  Verifications(int maxProducers) {
    this.maxProducers = maxProducers;
  }

  /// The guard for all batches of the producer that come before its transaction is open.
  VerificationGuard begin(long producerId, short epoch, int baseSequence, long nowMs) {
    LinkedHashMap<Long, Verification> all = pending;
    if (all == null) {
      all = pending = new LinkedHashMap<>();
    }
    Verification known = all.get(producerId);
    if (known != null && known.epoch() > epoch) {
      // Of a producer that was fenced: it opens nothing.
      return new VerificationGuard();
    }
    Verification now =
        known != null && known.epoch() == epoch
            ? new Verification(
                known.guard(), epoch, Math.min(known.lowestSequence(), baseSequence), nowMs)
            : new Verification(new VerificationGuard(), epoch, baseSequence, nowMs);
    all.remove(producerId);
    all.put(producerId, now);
    if (all.size() > maxProducers) {
      all.pollFirstEntry();
    }
    return now.guard();
  }

  boolean isValid(long producerId, short epoch, VerificationGuard guard) {
    Verification known = get(producerId);
    return known != null && known.guard() == guard && known.epoch() == epoch;
  }

  /// The lowest sequence that waits, -1 if none does.
  int lowestSequence(long producerId) {
    Verification known = get(producerId);
    return known == null ? -1 : known.lowestSequence();
  }

  private @Nullable Verification get(long producerId) {
    Map<Long, Verification> all = pending;
    return all == null ? null : all.get(producerId);
  }

  /// Makes the producer's guard worthless.
  void end(long producerId) {
    if (pending != null) {
      pending.remove(producerId);
    }
  }

  void expire(long nowMs, long expirationMs) {
    if (pending != null) {
      pending.values().removeIf(known -> nowMs - known.begunMs() >= expirationMs);
    }
  }

  void clear() {
    pending = null;
  }
}
