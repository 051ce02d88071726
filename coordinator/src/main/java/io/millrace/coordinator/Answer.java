package io.millrace.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The answer to a command. It is *given* by a machine, *settled* when its shard knows what has to
/// be committed for it to be true, and leaves when that is committed.
///
/// [#complete] is for machines, under the lock of their shard; [#await] is for whoever asked.
public final class Answer<A> {
  private final Clock clock;
  private final @Nullable Partition partition;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private boolean isGiven;

  @GuardedBy("lock")
  private @Nullable A value;

  /// What has to be committed; -1 as long as that is not known.
  private volatile long endOffset = -1;

  private volatile @Nullable CoordinatorException failure;
  private final Completion completion;

  /// Is told, under the shard's lock, that an answer was given.
  @FunctionalInterface
  interface Completion {
    void onGiven(Answer<?> answer);
  }

  Answer(Clock clock, @Nullable Partition partition, Completion completion) {
    this.clock = clock;
    this.partition = partition;
    this.completion = completion;
  }

  /// Gives the answer; only the first time counts.
  public void complete(A answer) {
    lock.lock();
    try {
      if (isGiven) {
        return;
      }
      isGiven = true;
      value = answer;
    } finally {
      lock.unlock();
    }
    completion.onGiven(this);
  }

  /// Whether [#complete] was called.
  public boolean isGiven() {
    lock.lock();
    try {
      return isGiven;
    } finally {
      lock.unlock();
    }
  }

  void settle(long newEndOffset) {
    lock.lock();
    try {
      endOffset = newEndOffset;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void fail(CoordinatorException why) {
    lock.lock();
    try {
      if (endOffset < 0) {
        failure = why;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether [#await] need not wait.
  public boolean isReady() {
    long end = endOffset;
    return failure != null || (end >= 0 && (partition == null || partition.isCommitted(end)));
  }

  /// Waits until the answer is given, however long that takes, and then at most `commitLimit` until
  /// it is committed.
  ///
  /// Throws [CoordinatorException] with `NOT_COORDINATOR` if the leadership ends before that, and
  /// with `COORDINATOR_NOT_AVAILABLE` if the commit takes too long: what was decided may still take
  /// effect in both cases.
  public A await(Duration commitLimit) throws CoordinatorException, InterruptedException {
    A given = awaitSettled();
    if (partition != null && !partition.isCommitted(endOffset)) {
      Deadline deadline = clock.deadlineIn(commitLimit);
      ErrorCode outcome = partition.awaitCommitted(endOffset, deadline);
      if (outcome == ErrorCode.REQUEST_TIMED_OUT) {
        throw new CoordinatorException(
            ErrorCode.COORDINATOR_NOT_AVAILABLE,
            "what was decided is not committed after " + commitLimit);
      } else if (outcome != ErrorCode.NONE) {
        throw new CoordinatorException(
            ErrorCode.NOT_COORDINATOR, partition.name() + " is not led here any more");
      }
    }
    return given;
  }

  // The value of an answer may be null (a Decision without one); its type says so where it matters.
  @SuppressWarnings("NullAway")
  private A awaitSettled() throws CoordinatorException, InterruptedException {
    lock.lock();
    try {
      while (endOffset < 0) {
        CoordinatorException why = failure;
        if (why != null) {
          throw new CoordinatorException(why.error(), String.valueOf(why.getMessage()));
        }
        changed.await();
      }
      return value;
    } finally {
      lock.unlock();
    }
  }

  /// Ends every [#await], running or to come, because nobody wants the answer any more.
  public void abandon() {
    fail(new CoordinatorException(ErrorCode.REQUEST_TIMED_OUT, "the client is gone"));
  }
}
