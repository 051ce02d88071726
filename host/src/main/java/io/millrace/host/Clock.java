package io.millrace.host;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/// Time, and every wait that has a limit.
public interface Clock {
  /// Milliseconds since the Unix epoch. May jump; nothing about safety may depend on it.
  long wallMs();

  /// Nanoseconds on a monotonic clock of unspecified origin: only differences mean something.
  long nanos();

  /// Waits for `duration` to pass.
  void sleep(Duration duration) throws InterruptedException;

  /// Waits on `condition` until it is signalled or `deadline` passes. The caller holds `lock`,
  /// which `condition` belongs to, and checks its predicate in a loop: wake-ups without a signal
  /// are allowed.
  ///
  /// Returns false if the deadline had passed when the wait ended.
  boolean await(Lock lock, Condition condition, Deadline deadline) throws InterruptedException;

  /// The deadline `duration` from now.
  default Deadline deadlineIn(Duration duration) {
    return Deadline.after(nanos(), duration);
  }

  /// Whether `deadline` has passed by now.
  default boolean isPast(Deadline deadline) {
    return deadline.hasPassed(nanos());
  }
}
