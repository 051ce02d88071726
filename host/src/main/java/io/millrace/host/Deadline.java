package io.millrace.host;

import java.time.Duration;

/// A point on the monotonic clock of one host ([Clock#nanos()]) by which something has to have
/// happened.
public record Deadline(long atNanos, boolean isNever) {
  /// The deadline that never passes.
  public static final Deadline NEVER = new Deadline(0, true);

  /// The deadline `duration` after `nowNanos`; a duration beyond some 290 years is [#NEVER].
  public static Deadline after(long nowNanos, Duration duration) {
    if (duration.toSeconds() >= Long.MAX_VALUE / 1_000_000_000L) {
      return NEVER;
    }
    return new Deadline(nowNanos + Math.max(0, duration.toNanos()), false);
  }

  public boolean hasPassed(long nowNanos) {
    return !isNever && nowNanos - atNanos >= 0;
  }

  /// Nanoseconds left, 0 if passed, `Long.MAX_VALUE` if it never passes.
  public long remainingNanos(long nowNanos) {
    return isNever ? Long.MAX_VALUE : Math.max(0, atNanos - nowNanos);
  }

  /// The one of the two that passes first.
  public Deadline earlier(Deadline other) {
    if (isNever) {
      return other;
    }
    return other.isNever || atNanos - other.atNanos <= 0 ? this : other;
  }
}
