package io.millrace.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.storage.AbortedTransaction;
import io.millrace.storage.ActiveProducer;
import io.millrace.storage.AppendOrigin;
import io.millrace.storage.AppendResult;
import io.millrace.storage.Durability;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.VerificationGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A partition that this broker leads: its log, its leader epoch and its high watermark.
///
/// The high watermark is the offset below which records are committed: shown to consumers and
/// acknowledged to producers that asked for `acks=all`. With one replica it follows what that
/// replica may promise: the flushed offset where the topic's durability is `fsync`, the log end
/// offset where it is `replicated`.
///
/// Appends are serialised by the log. [#lock] guards the high watermark's advance and its waiters
/// only; reads of it are volatile. [Watcher]s are called without any lock of the partition held.
public final class Partition {
  private static final Watcher[] NO_WATCHERS = {};

  private final Clock clock;
  private final PartitionLog log;
  private final int leaderEpoch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition advanced = lock.newCondition();

  private volatile long highWatermark;

  /// The high watermark of which the watchers have been told. Producers are answered by this one:
  /// who has an answer finds the records with any fetch.
  private volatile long announced;

  private volatile int minInsyncReplicas;
  private volatile boolean closed;

  private final ReentrantLock watchersLock = new ReentrantLock();

  /// Replaced, never changed, under [#watchersLock].
  private volatile Watcher[] watchers = NO_WATCHERS;

  /// Takes over the leadership of a log whose every record is on stable storage, as it is after
  /// opening.
  public Partition(Clock clock, PartitionLog log, int leaderEpoch, int minInsyncReplicas) {
    this.clock = clock;
    this.log = log;
    this.leaderEpoch = leaderEpoch;
    this.minInsyncReplicas = minInsyncReplicas;
    this.highWatermark = log.logEndOffset();
    this.announced = highWatermark;
    log.setFlushListener(this::advance);
    log.setRetentionBound(this::highWatermark);
  }

  public TopicPartition name() {
    return log.partition();
  }

  public Uuid topicId() {
    return log.topicId();
  }

  public PartitionLog log() {
    return log;
  }

  public int leaderEpoch() {
    return leaderEpoch;
  }

  /// Sets how many replicas have to be in sync for an `acks=all` append to be accepted.
  public void updateMinInsyncReplicas(int count) {
    minInsyncReplicas = count;
  }

  /// Whether as many replicas are in sync as an `acks=all` append needs. The leader is the only
  /// one.
  public boolean hasEnoughReplicas() {
    return minInsyncReplicas <= 1;
  }

  /// The offset after the last committed record.
  public long highWatermark() {
    return highWatermark;
  }

  /// The offset below which every transaction has ended and its end is committed (KIP-98): the high
  /// watermark, unless a transaction is undecided.
  public long lastStableOffset() {
    // In this order: what is undecided below this high watermark shows in the second.
    long committed = highWatermark;
    return Math.min(committed, log.firstUnstableOffset());
  }

  /// The aborted transactions of which there may be records from `fetchOffset` up to `upperBound`.
  public List<AbortedTransaction> abortedTransactions(long fetchOffset, long upperBound)
      throws IOException {
    return log.abortedTransactions(fetchOffset, upperBound);
  }

  /// The producers that the log knows (KIP-664).
  public List<ActiveProducer> activeProducers() {
    return log.activeProducers();
  }

  /// The end of what a fetch may see.
  public long readableEnd(IsolationLevel isolation) {
    return switch (isolation) {
      case READ_UNCOMMITTED -> highWatermark;
      case READ_COMMITTED -> lastStableOffset();
    };
  }

  public boolean isClosed() {
    return closed;
  }

  /// Appends what a producer sent: see [PartitionLog#append]. It is committed once
  /// [#awaitCommitted] says so. It belongs to no transaction, or to one that is open in the log.
  public AppendResult append(ByteBuffer batches) throws IOException {
    return append(batches, VerificationGuard.NONE);
  }

  /// The same for a batch that may open a transaction, which was verified under `guard`.
  ///
  /// Throws [io.millrace.protocol.record.InvalidBatchException] with `INVALID_TXN_STATE` if it
  /// needs a guard and this one is worthless: its transaction has ended meanwhile.
  public AppendResult append(ByteBuffer batches, VerificationGuard guard) throws IOException {
    return appended(log.append(batches, leaderEpoch, AppendOrigin.CLIENT, guard));
  }

  /// Appends what a coordinator of this node wrote; it is trusted to have verified what belongs to
  /// a transaction.
  public AppendResult appendRecords(ByteBuffer batches) throws IOException {
    return appended(log.append(batches, leaderEpoch, AppendOrigin.COORDINATOR));
  }

  /// Whether a transactional batch of this producer has to be verified with the transaction
  /// coordinator before it may be appended (KIP-890): no transaction of it, at this epoch, is open
  /// in the log.
  public boolean needsVerification(long producerId, short producerEpoch) {
    return log.needsVerification(producerId, producerEpoch);
  }

  /// Begins a verification of a batch that begins with this sequence. Who has verified appends with
  /// the guard. Of several batches that wait for a verification, the one with the lowest sequence
  /// is accepted first, and the others only behind it.
  public VerificationGuard beginVerification(
      long producerId, short producerEpoch, int baseSequence) {
    return log.beginVerification(producerId, producerEpoch, baseSequence);
  }

  /// Whether a batch may still open a transaction under `guard`: no marker and no newer epoch of
  /// the producer was written since it was made.
  public boolean isGood(VerificationGuard guard, long producerId, short producerEpoch) {
    return log.isGood(guard, producerId, producerEpoch);
  }

  /// Writes the marker that ends a producer's transaction: see [PartitionLog#appendMarker]. With
  /// `transactionVersion` 2 a late marker cannot end the producer's next transaction.
  public AppendResult appendMarker(
      long producerId,
      short producerEpoch,
      int coordinatorEpoch,
      boolean isCommit,
      short transactionVersion)
      throws IOException {
    return appended(
        log.appendMarker(
            producerId,
            producerEpoch,
            coordinatorEpoch,
            isCommit,
            transactionVersion,
            leaderEpoch));
  }

  private AppendResult appended(AppendResult result) {
    if (log.config().durability() == Durability.REPLICATED) {
      advance();
    }
    return result;
  }

  /// Waits until everything below `endOffset` is committed.
  ///
  /// Returns `NONE`, `REQUEST_TIMED_OUT` once `deadline` has passed, or `NOT_LEADER_OR_FOLLOWER` if
  /// the partition stopped being led here; in both cases the records may still be committed later.
  public ErrorCode awaitCommitted(long endOffset, Deadline deadline) throws InterruptedException {
    if (isCommitted(endOffset)) {
      return ErrorCode.NONE;
    }
    lock.lock();
    try {
      while (!isCommitted(endOffset)) {
        if (closed) {
          return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        if (clock.isPast(deadline)) {
          return ErrorCode.REQUEST_TIMED_OUT;
        }
        clock.await(lock, advanced, deadline);
      }
      return ErrorCode.NONE;
    } finally {
      lock.unlock();
    }
  }

  /// Checks the leader epoch that a client believes in (KIP-320). -1 stands for "no belief".
  public ErrorCode checkLeaderEpoch(int clientEpoch) {
    if (clientEpoch < 0 || clientEpoch == leaderEpoch) {
      return ErrorCode.NONE;
    }
    return clientEpoch < leaderEpoch
        ? ErrorCode.FENCED_LEADER_EPOCH
        : ErrorCode.UNKNOWN_LEADER_EPOCH;
  }

  /// Moves the log start offset up (KIP-107) and tells the watchers, whose next fetch reports it.
  ///
  /// `offset` is at most the high watermark. Returns the new log start offset.
  public long deleteRecordsBefore(long offset) throws IOException {
    long start = log.advanceLogStartOffset(offset);
    notifyWatchers();
    return start;
  }

  /// Registers somebody to be told when there is more to read, or when the partition closes.
  public void watch(Watcher watcher) {
    watchersLock.lock();
    try {
      Watcher[] more = Arrays.copyOf(watchers, watchers.length + 1);
      more[watchers.length] = watcher;
      watchers = more;
    } finally {
      watchersLock.unlock();
    }
    if (closed) {
      watcher.onChange();
    }
  }

  /// Undoes one [#watch].
  public void unwatch(Watcher watcher) {
    watchersLock.lock();
    try {
      Watcher[] current = watchers;
      for (int i = 0; i < current.length; i++) {
        if (current[i].equals(watcher)) {
          Watcher[] fewer = Arrays.copyOf(current, current.length - 1);
          System.arraycopy(current, i + 1, fewer, i, current.length - 1 - i);
          watchers = fewer.length == 0 ? NO_WATCHERS : fewer;
          return;
        }
      }
    } finally {
      watchersLock.unlock();
    }
  }

  /// Ends the leadership: waiters are answered and watchers told. The log itself stays open.
  public void close() {
    lock.lock();
    try {
      closed = true;
      advanced.signalAll();
    } finally {
      lock.unlock();
    }
    notifyWatchers();
  }

  /// Whether everything below `endOffset` is committed, so that [#awaitCommitted] need not wait.
  public boolean isCommitted(long endOffset) {
    return announced >= endOffset;
  }

  private void advance() {
    long raisedTo;
    lock.lock();
    try {
      if (!raiseHighWatermark()) {
        return;
      }
      raisedTo = highWatermark;
    } finally {
      lock.unlock();
    }
    log.noteCommitted(raisedTo);
    notifyWatchers();
    lock.lock();
    try {
      announced = Math.max(announced, raisedTo);
      advanced.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean raiseHighWatermark() {
    long promised =
        log.config().durability() == Durability.FSYNC ? log.flushedOffset() : log.logEndOffset();
    if (promised <= highWatermark) {
      return false;
    }
    highWatermark = promised;
    return true;
  }

  private void notifyWatchers() {
    for (Watcher watcher : watchers) {
      watcher.onChange();
    }
  }

  /// Is told when a partition has more to read, a new log start offset, or is closed.
  @FunctionalInterface
  public interface Watcher {
    /// Returns quickly: it runs on the task that flushed or appended.
    void onChange();
  }
}
