package io.millrace.coordinator.group;

import java.util.HashMap;
import java.util.Map;

/// Commits in transactions that wait until it is known whether the transaction is open. The end of
/// a transaction that comes in between makes them void: they would open it again, for ever.
///
/// Soft state: what waits when the leadership changes is void too.
final class Verifications {
  /// More than that do not wait at a time; the oldest are given up.
  private static final int LIMIT = 10_000;

  private final Map<Long, Long> producers = new HashMap<>();
  private long last;

  long begin(long producerId) {
    last++;
    producers.put(last, producerId);
    producers.remove(last - LIMIT);
    return last;
  }

  /// Whether [#end] would find it.
  boolean isGood(long verification) {
    return producers.containsKey(verification);
  }

  /// Says whether it was not void.
  boolean end(long verification) {
    return producers.remove(verification) != null;
  }

  void endAll(long producerId) {
    producers.values().removeIf(each -> each == producerId);
  }
}
