package io.millrace.simulator;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/// The clocks of a node. They start anywhere, as real ones do, and move with simulated time.
final class SimulatedClock implements Clock {
  /// 2026-01-01T00:00:00Z.
  private static final long WALL_START_MS = 1_767_225_600_000L;

  private final SimulatedHost host;
  private final Scheduler scheduler;
  private final long originNanos;

  SimulatedClock(SimulatedHost host, Scheduler scheduler, long originNanos) {
    this.host = host;
    this.scheduler = scheduler;
    this.originNanos = originNanos;
  }

  @Override
  public long wallMs() {
    return WALL_START_MS + scheduler.nanos() / 1_000_000;
  }

  @Override
  public long nanos() {
    return originNanos + scheduler.nanos();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    scheduler.sleep(host, duration.toNanos());
  }

  /// Waits without a limit, since a limit of the JDK's would be real time; at the deadline a task
  /// of its own wakes all who wait on the condition.
  @Override
  @SuppressWarnings("WaitNotInLoop") // the caller loops
  public boolean await(Lock lock, Condition condition, Deadline deadline)
      throws InterruptedException {
    Scheduler.requireTask();
    if (deadline.isNever()) {
      condition.await();
      return true;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (isPast(deadline)) {
      return false;
    }
    String name = Thread.currentThread().getName();
    Timer timer =
        scheduler.schedule(
            host,
            deadline.remainingNanos(nanos()),
            name,
            () -> scheduler.start(host, "deadline", () -> wake(lock, condition)));
    try {
      condition.await();
    } finally {
      scheduler.cancel(timer);
    }
    return !isPast(deadline);
  }

  private static void wake(Lock lock, Condition condition) {
    lock.lock();
    try {
      condition.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
