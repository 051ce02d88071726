package io.millrace.host.jdk;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/// The clocks of the operating system.
final class JdkClock implements Clock {
  @Override
  public long wallMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration);
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // the caller loops
  public boolean await(Lock lock, Condition condition, Deadline deadline)
      throws InterruptedException {
    if (deadline.isNever()) {
      condition.await();
      return true;
    }
    return condition.awaitNanos(deadline.remainingNanos(System.nanoTime())) > 0;
  }
}
