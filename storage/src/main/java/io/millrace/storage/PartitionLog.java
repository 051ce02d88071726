package io.millrace.storage;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.record.InvalidBatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The log of one partition: an append-only sequence of record batches with ascending offsets.
///
/// Appends, and all else that changes the log, run under its lock; what a batch alone tells
/// (checksum, records, compression) is checked before. Reads take no lock. Flushes run on the
/// flusher of the directory. No method calls out to other code while it holds the lock.
public final class PartitionLog {
  private final LogDirectory directory;
  private final TopicPartition partition;
  private final Uuid topicId;
  private final Path path;
  private final Set<RecoveryCase> recoveryCases;
  private final LookUps lookUps;
  private final ReentrantLock lock = new ReentrantLock();
  final LogSegments segments;
  final LeaderEpochs epochs;

  /// Guarded by the lock.
  final ProducerStates producers;

  final UndecidedTransactions undecided;
  private final LogAppends appends;
  private final LogFlush flush;

  private volatile LogConfig config;
  private volatile AppendRules rules;

  /// Taken off `segment.ms`, so that not all logs of a topic roll at once.
  private volatile long rollJitterMs;

  private volatile long logStartOffset;
  private volatile long logEndOffset;
  private volatile FlushPoint flushPoint;
  private volatile boolean isClosed;
  private volatile @Nullable Runnable flushListener;
  private volatile @Nullable LongSupplier retentionBound;

  PartitionLog(
      LogDirectory directory,
      TopicPartition partition,
      Uuid topicId,
      Path path,
      LogConfig config,
      LogRecovery.Opened opened,
      boolean isNew) {
    this.directory = directory;
    this.partition = partition;
    this.topicId = topicId;
    this.path = path;
    this.config = config;
    this.rules = AppendRules.of(config);
    this.rollJitterMs = jitter(config);
    this.recoveryCases = Set.copyOf(opened.cases());
    this.segments = new LogSegments(opened.segments());
    this.epochs = opened.epochs();
    this.producers = opened.producers();
    this.undecided = new UndecidedTransactions(producers);
    this.appends = new LogAppends(this, directory);
    this.logStartOffset = opened.logStartOffset();
    this.logEndOffset = opened.endOffset();
    this.flushPoint = FlushPoint.atEndOf(segments.active());
    this.flush = new LogFlush(this, directory, path, isNew, opened.snapshotOffset());
    this.lookUps = new LookUps(this, path);
  }

  private long jitter(LogConfig newConfig) {
    long range = Math.min(newConfig.segmentJitterMs(), newConfig.segmentMs());
    return range <= 0 ? 0 : Math.floorMod(directory.host().entropy().nextLong(), range);
  }

  public TopicPartition partition() {
    return partition;
  }

  public Uuid topicId() {
    return topicId;
  }

  public LogConfig config() {
    return config;
  }

  AppendRules rules() {
    return rules;
  }

  long rollJitterMs() {
    return rollJitterMs;
  }

  /// Takes effect with the next append, flush and retention run.
  public void updateConfig(LogConfig newConfig) {
    AppendRules newRules = AppendRules.of(newConfig);
    lock.lock();
    try {
      config = newConfig;
      rules = newRules;
      rollJitterMs = jitter(newConfig);
      flush.requestIfDue(newConfig);
    } finally {
      lock.unlock();
    }
  }

  /// In which states the log was found when it was opened.
  public Set<RecoveryCase> recoveryCases() {
    return recoveryCases;
  }

  /// The offset of the first record that may be read.
  public long logStartOffset() {
    return logStartOffset;
  }

  /// The offset that the next record gets.
  public long logEndOffset() {
    return logEndOffset;
  }

  /// All records below this offset are on stable storage.
  public long flushedOffset() {
    return flushPoint.offset();
  }

  /// Has `listener` called, on the flusher's thread, each time [#flushedOffset] has advanced.
  public void setFlushListener(Runnable listener) {
    flushListener = listener;
  }

  /// Where retention ends: segments with records at or above this offset stay. Unless set, it is
  /// [#flushedOffset] with [Durability#FSYNC], else [#logEndOffset]. It is read under the lock of
  /// the log, so it takes none.
  public void setRetentionBound(LongSupplier highWatermark) {
    retentionBound = highWatermark;
  }

  long retentionBound() {
    LongSupplier bound = retentionBound;
    if (bound != null) {
      return bound.getAsLong();
    }
    return config.durability() == Durability.FSYNC ? flushedOffset() : logEndOffset;
  }

  /// Of all segments.
  public long sizeInBytes() {
    return segments.sizeInBytes();
  }

  /// Appends the batches between position and limit of `batches`, which stay where they are; their
  /// bytes are changed in place (offsets, leader epoch, and what the topic's timestamp type asks
  /// for). The caller's `leaderEpoch` is that of the partition; it is ignored for
  /// [AppendOrigin#REPLICATION], where the batches say it.
  ///
  /// Throws [InvalidBatchException] for batches that may not be appended: nothing is then.
  /// [LogDirectoryFailedException] if the directory has failed, perhaps by this very write.
  public AppendResult append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin)
      throws IOException {
    return append(batches, leaderEpoch, origin, VerificationGuard.NONE);
  }

  /// The same with proof that the transaction of the batch was verified. A batch of a producer that
  /// opens a transaction needs it; a coordinator of this node may do without.
  public AppendResult append(
      ByteBuffer batches, int leaderEpoch, AppendOrigin origin, VerificationGuard guard)
      throws IOException {
    return switch (origin) {
      case CLIENT -> appends.appendClient(batches, leaderEpoch, guard);
      case COORDINATOR -> appends.appendCoordinator(batches, leaderEpoch, guard);
      case REPLICATION -> appends.appendReplicated(batches, partition);
    };
  }

  /// Appends the marker that ends a producer's transaction. One that is sent again, with nothing
  /// after it, is not written again: the result says `duplicate` then, and its offset is the last
  /// of the log. With `transactionVersion` 2 a marker has a higher epoch than the data before it
  /// (KIP-890); with 0 and 1 it may have the same.
  ///
  /// Throws [InvalidBatchException] with `INVALID_PRODUCER_EPOCH` for an epoch of the producer that
  /// is too old, and with `TRANSACTION_COORDINATOR_FENCED` for one of the coordinator.
  public AppendResult appendMarker(
      long producerId,
      short producerEpoch,
      int coordinatorEpoch,
      boolean isCommit,
      short transactionVersion,
      int leaderEpoch)
      throws IOException {
    return appends.appendMarker(
        new EndMarker(producerId, producerEpoch, coordinatorEpoch, isCommit),
        transactionVersion,
        leaderEpoch);
  }

  /// Whether a transactional batch of this producer would open a transaction here, so that it needs
  /// a guard.
  public boolean needsVerification(long producerId, short producerEpoch) {
    lock.lock();
    try {
      return !producers.isInTransaction(producerId, producerEpoch);
    } finally {
      lock.unlock();
    }
  }

  /// Begins a verification. All batches of the producer that come before its transaction is open
  /// get the same guard, and the one with the lowest sequence has to be appended first.
  public VerificationGuard beginVerification(
      long producerId, short producerEpoch, int baseSequence) {
    long nowMs = directory.host().clock().wallMs();
    lock.lock();
    try {
      return producers.isInTransaction(producerId, producerEpoch)
          ? VerificationGuard.NONE
          : producers.verifications().begin(producerId, producerEpoch, baseSequence, nowMs);
    } finally {
      lock.unlock();
    }
  }

  /// Whether a batch may still open a transaction under `guard`: nothing has made it worthless.
  public boolean isGood(VerificationGuard guard, long producerId, short producerEpoch) {
    lock.lock();
    try {
      return producers.isInTransaction(producerId, producerEpoch)
          || producers.verifications().isValid(producerId, producerEpoch, guard);
    } finally {
      lock.unlock();
    }
  }

  /// The first offset that belongs to a transaction which is open, or whose end is not committed
  /// yet; `Long.MAX_VALUE` if there is none. Who wants the last stable offset reads the high
  /// watermark first, then this, and takes the lower.
  public long firstUnstableOffset() {
    long first = undecided.firstOffset();
    return first == UndecidedTransactions.NONE ? first : Math.max(first, logStartOffset);
  }

  /// Tells the log that everything below `highWatermark` is committed. Takes the lock only while
  /// there are transactions to decide.
  public void noteCommitted(long highWatermark) {
    if (undecided.firstOffset() == UndecidedTransactions.NONE) {
      return;
    }
    lock.lock();
    try {
      undecided.noteCommitted(highWatermark);
    } finally {
      lock.unlock();
    }
  }

  /// The aborted transactions of which there may be records from `fetchOffset` up to `upperBound`,
  /// in the order of their markers.
  public List<AbortedTransaction> abortedTransactions(long fetchOffset, long upperBound)
      throws IOException {
    return lookUps.aborted(fetchOffset, upperBound);
  }

  /// The producers that the log knows.
  public List<ActiveProducer> activeProducers() {
    lock.lock();
    try {
      return producers.active();
    } finally {
      lock.unlock();
    }
  }

  /// Called under the lock.
  void ensureWritable() throws IOException {
    directory.ensureNotFailed();
    if (isClosed) {
      throw new NoSuchFileException(path.toString(), null, "the log is closed");
    }
  }

  /// Called under the lock.
  void finishAppend(long newLogEndOffset, LogConfig currentConfig) {
    logEndOffset = newLogEndOffset;
    flush.requestIfDue(currentConfig);
  }

  /// Ends the active segment and begins one at `baseOffset`. Called under the lock.
  Segment roll(long baseOffset, long nowMs) throws IOException {
    segments.active().seal();
    flush.writeSnapshot();
    Segment segment = Segment.create(directory.host().disk(), path, baseOffset, nowMs);
    segments.add(segment);
    flush.request();
    return segment;
  }

  /// Whole batches from the one that holds `offset` on, at most `maxBytes` of them and none at or
  /// beyond `upperBoundOffset`; if `atLeastOneBatch`, the first one even if it is larger. They come
  /// from one segment: there may be more than a slice holds. Without bytes if there is nothing
  /// between `offset` and the bound.
  ///
  /// Throws [OffsetOutOfRangeException] if `offset` is not between the log start offset and the log
  /// end offset.
  public LogSlice read(long offset, int maxBytes, long upperBoundOffset, boolean atLeastOneBatch)
      throws IOException {
    return lookUps.read(offset, maxBytes, upperBoundOffset, atLeastOneBatch);
  }

  /// The first record below `upperBoundOffset` whose timestamp is at or after `timestamp`.
  public Optional<TimestampAndOffset> offsetForTimestamp(long timestamp, long upperBoundOffset)
      throws IOException {
    return lookUps.first(timestamp, upperBoundOffset);
  }

  /// The first record that has the largest timestamp in the log.
  public Optional<TimestampAndOffset> offsetOfMaxTimestamp() throws IOException {
    return lookUps.max();
  }

  /// The leader epoch of the last record; -1 if none.
  public int latestEpoch() {
    return epochs.latestEpoch();
  }

  /// The leader epoch of the record at `offset`; -1 if none is known.
  public int epochAt(long offset) {
    return epochs.epochAt(offset);
  }

  /// Where the largest epoch at or below `leaderEpoch` ends (KIP-101, KIP-279).
  public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
    return epochs.endOffset(leaderEpoch, logEndOffset);
  }

  /// Deletes the records below `offset`, for readers at once; their files go with retention. The
  /// new log start offset is durable on return. Returns it: it is above `offset` if it was before.
  ///
  /// Throws [OffsetOutOfRangeException] if `offset` is beyond the log end offset.
  public long advanceLogStartOffset(long offset) throws IOException {
    lock.lock();
    try {
      ensureWritable();
      if (offset > logEndOffset) {
        throw new OffsetOutOfRangeException(
            "offset " + offset + " is beyond the end of " + partition + ", " + logEndOffset);
      }
      if (offset <= logStartOffset) {
        return logStartOffset;
      }
      setLogStartOffset(offset);
    } finally {
      lock.unlock();
    }
    directory.checkpoint();
    return offset;
  }

  /// Called under the lock. Returns the position up to which the segment could be read.
  int rebuildIndexes(Segment segment, boolean isSealed) throws IOException {
    return segment.rebuildIndexes(
        directory.host().disk(), path, config.indexIntervalBytes(), isSealed);
  }

  /// Called under the lock.
  void rebuildTransactionIndexes(int firstSegment) throws IOException {
    new TransactionIndexRebuild(directory.host().disk(), path, directory.host().clock().wallMs())
        .run(segments.all(), firstSegment);
  }

  /// Called under the lock.
  void setLogStartOffset(long offset) {
    logStartOffset = offset;
    epochs.truncateFromStart(offset);
    flush.noteEpochsChanged();
  }

  /// Called under the lock, when all up to the end is on stable storage.
  void setEnd(long offset) {
    logEndOffset = offset;
    flushPoint = FlushPoint.atEndOf(segments.active());
  }

  /// Removes the batch that holds `offset` and all after it, durably: what a follower does whose
  /// log differs from its leader's.
  public void truncateTo(long offset) throws IOException {
    if (offset < logEndOffset) {
      new LogTruncation(this, directory, path).truncateTo(offset);
    }
  }

  /// Removes everything: the log then starts and ends at `offset`.
  public void truncateFullyAndStartAt(long offset) throws IOException {
    new LogTruncation(this, directory, path).startAt(offset);
  }

  /// Makes all that was appended so far durable, on the calling thread.
  public void flush() throws IOException {
    flush.run();
  }

  /// Called by the flusher for a log that was queued.
  void flushQueued() {
    try {
      if (!isClosed) {
        flush.run();
      }
    } catch (LogDirectoryFailedException e) {
      // The directory has told its owner.
    } catch (IOException e) {
      if (!isClosed) {
        directory.fail(e);
      }
    }
  }

  @Nullable Runnable flushListener() {
    return flushListener;
  }

  FlushPoint flushPoint() {
    return flushPoint;
  }

  void setFlushPoint(FlushPoint point) {
    flushPoint = point;
  }

  ReentrantLock lock() {
    return lock;
  }

  Path path() {
    return path;
  }

  LogFlush flushes() {
    return flush;
  }

  LookUps lookUps() {
    return lookUps;
  }

  boolean isClosed() {
    return isClosed;
  }

  /// No appends and no flushes from now on.
  void markClosed() {
    lock.lock();
    try {
      isClosed = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
