package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Group commit for a log directory: one task that flushes the logs that have something to flush,
/// one after the other. All that is appended to a log while it waits for its turn becomes durable
/// at once. A log is queued at most once: it sees to that itself.
final class Flusher {
  /// The least time from the start of one round to the start of the next. It costs a single append
  /// nothing; under load it lets more appends share a round, each of which takes the file system a
  /// commit of its journal per log.
  private static final Duration PACE = Duration.ofMillis(1);

  /// The next round waits for as many times the duration of the last, so that flushing many logs,
  /// one after the other, takes at most a third of the time...
  private static final int REST = 3;

  /// ... and no append waits for longer than this for its round to start.
  private static final Duration LONGEST_PACE = Duration.ofMillis(10);

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Tasks.Task task;

  @GuardedBy("lock")
  private final ArrayDeque<PartitionLog> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean isWaiting;

  @GuardedBy("lock")
  private boolean isStopping;

  /// Before this no round starts.
  @GuardedBy("lock")
  private Deadline nextRound;

  Flusher(Clock clock, Tasks tasks) {
    this.clock = clock;
    nextRound = clock.deadlineIn(Duration.ZERO);
    task = tasks.startDedicated("log-flusher", this::run);
  }

  /// Has a log flushed soon. May be called under the lock of the log.
  void enqueue(PartitionLog log) {
    lock.lock();
    try {
      queue.add(log);
      if (isWaiting) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() throws InterruptedException {
    List<PartitionLog> batch = new ArrayList<>();
    while (take(batch)) {
      long start = clock.nanos();
      for (PartitionLog log : batch) {
        log.flushQueued();
      }
      batch.clear();
      rest(start);
    }
  }

  /// Waits for logs to flush and takes them all. False after [#stop] once there are none.
  private boolean take(List<PartitionLog> batch) throws InterruptedException {
    lock.lock();
    try {
      while (queue.isEmpty() && !isStopping) {
        isWaiting = true;
        work.await();
        isWaiting = false;
      }
      while (!clock.isPast(nextRound) && !isStopping) {
        clock.await(lock, work, nextRound);
      }
      batch.addAll(queue);
      queue.clear();
      return !batch.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Sets when the round after the one that began at `start` may.
  private void rest(long start) {
    long pace = REST * (clock.nanos() - start);
    pace = Math.clamp(pace, PACE.toNanos(), LONGEST_PACE.toNanos());
    lock.lock();
    try {
      nextRound = Deadline.after(start, Duration.ofNanos(pace));
    } finally {
      lock.unlock();
    }
  }

  /// Flushes what is queued, and ends.
  void stop() throws IOException {
    lock.lock();
    try {
      isStopping = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    join(task);
  }

  static void join(Tasks.Task task) throws IOException {
    try {
      task.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + task.name());
    }
  }
}
