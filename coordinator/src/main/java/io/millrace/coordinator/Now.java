package io.millrace.coordinator;

import java.time.Duration;

/// When a command is decided.
///
/// @param wallMs milliseconds since the Unix epoch, for what is written down; it may jump
/// @param nanos on the host's monotonic clock, for sessions and everything else that times out
public record Now(long wallMs, long nanos) {
  /// The monotonic time `duration` from now.
  public long nanosIn(Duration duration) {
    return nanos + duration.toNanos();
  }

  public boolean isPast(long deadlineNanos) {
    return nanos - deadlineNanos >= 0;
  }
}
