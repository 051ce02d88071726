package io.millrace.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The timers of all shards of a coordinator, in the order of their times.
///
/// A timer that is moved to a later time stays where it is in the queue; it is queued anew when its
/// old time has come. So moving is cheap, and a timer may be moved as often as one likes.
final class TimerQueue {
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(
          Comparator.comparingLong((Entry entry) -> entry.queuedAt)
              .thenComparingLong(entry -> entry.number));

  @GuardedBy("lock")
  private long lastNumber;

  TimerQueue(Clock clock) {
    this.clock = clock;
  }

  /// A timer in the queue. Times are monotonic nanoseconds.
  static final class Entry {
    private final Runnable whenDue;
    private long number;

    /// Where it stands in the queue, at or before the time it is set to.
    private long queuedAt;

    private long dueAt;
    private boolean isCancelled;

    /// `whenDue` runs, without locks, on the task that calls [#takeDue].
    Entry(Runnable whenDue) {
      this.whenDue = whenDue;
    }

    void fire() {
      whenDue.run();
    }
  }

  /// Queues an entry that is not in the queue.
  void add(Entry entry, long atNanos) {
    lock.lock();
    try {
      entry.dueAt = atNanos;
      entry.queuedAt = atNanos;
      entry.number = ++lastNumber;
      queue.add(entry);
      if (queue.peek() == entry) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Moves an entry to a later time. Returns whether that could be done: an entry cannot be moved
  /// to an earlier time.
  boolean postpone(Entry entry, long atNanos) {
    lock.lock();
    try {
      if (atNanos - entry.queuedAt < 0) {
        return false;
      }
      entry.dueAt = atNanos;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// When the entry is due.
  long dueAt(Entry entry) {
    lock.lock();
    try {
      return entry.dueAt;
    } finally {
      lock.unlock();
    }
  }

  void cancel(Entry entry) {
    lock.lock();
    try {
      entry.isCancelled = true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next entry that is due and takes it off the queue.
  Entry takeDue() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        Entry head = queue.peek();
        if (head == null) {
          clock.await(lock, changed, Deadline.NEVER);
        } else if (head.isCancelled) {
          queue.poll();
        } else if (head.queuedAt - clock.nanos() > 0) {
          clock.await(lock, changed, new Deadline(head.queuedAt, false));
        } else {
          queue.poll();
          if (head.dueAt - head.queuedAt <= 0) {
            return head;
          }
          head.queuedAt = head.dueAt;
          queue.add(head);
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
