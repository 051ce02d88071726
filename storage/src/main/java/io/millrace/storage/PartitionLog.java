package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.BatchValidator;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
  /// [#flushedOffset] with [Durability#FSYNC], else [#logEndOffset].
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
    return switch (origin) {
      case CLIENT -> appendClient(batches, leaderEpoch);
      case COORDINATOR, REPLICATION -> appendTrusted(batches, leaderEpoch, origin);
    };
  }

  private AppendResult appendClient(ByteBuffer entry, int leaderEpoch) throws IOException {
    AppendRules currentRules = rules;
    LogConfig currentConfig = config;
    long nowMs = directory.host().clock().wallMs();
    BatchCursor batch = BatchValidator.single(entry);
    BatchValidator.validate(batch, currentRules.rules(), nowMs);
    ByteBuffer bytes = currentRules.stored(entry, batch);
    if (currentConfig.logAppendTime()) {
      batch.setLogAppendTime(nowMs);
    }
    if (batch.sizeInBytes() > currentConfig.segmentBytes()) {
      throw new InvalidBatchException(
          ErrorCode.RECORD_LIST_TOO_LARGE,
          "the batch has "
              + batch.sizeInBytes()
              + " bytes and fits no segment; segment.bytes is "
              + currentConfig.segmentBytes());
    }
    lock.lock();
    try {
      ensureWritable();
      if (batch.hasProducerId()) {
        int slot = producers.check(batch);
        if (slot >= 0) {
          return duplicate(batch.producerId(), slot, currentConfig);
        }
      }
      long baseOffset = logEndOffset;
      batch.setBaseOffset(baseOffset);
      batch.setPartitionLeaderEpoch(leaderEpoch);
      int size = batch.sizeInBytes();
      write(bytes, size, baseOffset, batch.lastOffset(), batch.maxTimestamp(), nowMs);
      add(bytes, batch.position(), size, currentConfig, nowMs);
      long lastOffset = baseOffset + batch.lastOffsetDelta();
      finishAppend(lastOffset + 1, currentConfig);
      return new AppendResult(
          baseOffset,
          lastOffset,
          currentConfig.logAppendTime() ? nowMs : -1,
          logStartOffset,
          false);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private AppendResult duplicate(long producerId, int slot, LogConfig currentConfig) {
    ProducerState state = producers.get(producerId);
    if (state == null) {
      throw new IllegalStateException("producer " + producerId + " has no state");
    }
    return new AppendResult(
        state.firstOffsetAt(slot),
        state.lastOffsetAt(slot),
        currentConfig.logAppendTime() ? state.timestampAt(slot) : -1,
        logStartOffset,
        true);
  }

  private AppendResult appendTrusted(ByteBuffer batches, int leaderEpoch, AppendOrigin origin)
      throws IOException {
    LogConfig currentConfig = config;
    long nowMs = directory.host().clock().wallMs();
    BatchCursor batch = RecordBatches.over(batches);
    AppendRules.validateTrusted(batches, batch);
    lock.lock();
    try {
      ensureWritable();
      long nextOffset = logEndOffset;
      long maxTimestamp = RecordBatches.NO_TIMESTAMP;
      long firstOffset = -1;
      for (batch.wrap(batches); batch.next(); nextOffset = batch.nextOffset()) {
        if (origin == AppendOrigin.COORDINATOR) {
          batch.setBaseOffset(nextOffset);
          batch.setPartitionLeaderEpoch(leaderEpoch);
        } else if (batch.baseOffset() < nextOffset) {
          throw new InvalidBatchException(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "the leader sent offset "
                  + batch.baseOffset()
                  + " where "
                  + nextOffset
                  + " or a later one is next in "
                  + partition);
        }
        firstOffset = firstOffset < 0 ? batch.baseOffset() : firstOffset;
        maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
      }
      write(batches, batches.remaining(), firstOffset, nextOffset - 1, maxTimestamp, nowMs);
      for (batch.wrap(batches); batch.next(); ) {
        add(batches, batch.position(), batch.sizeInBytes(), currentConfig, nowMs);
      }
      finishAppend(nextOffset, currentConfig);
      return new AppendResult(firstOffset, nextOffset - 1, -1, logStartOffset, false);
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

  /// Writes batches to the end of the active segment, after rolling it if need be.
  @GuardedBy("lock")
  private void write(
      ByteBuffer bytes, int size, long firstOffset, long lastOffset, long maxTimestamp, long nowMs)
      throws IOException {
    Segment active = segments.active();
    int position = bytes.position();
    try {
      if (active.mustRoll(config, rollJitterMs, size, lastOffset, maxTimestamp, nowMs)) {
        active = roll(firstOffset, nowMs);
      }
      active.write(bytes);
    } catch (IOException e) {
      throw directory.fail(e);
    } finally {
      bytes.position(position);
    }
  }

  /// Takes in a batch that was written.
  @GuardedBy("lock")
  private void add(ByteBuffer bytes, int at, int size, LogConfig currentConfig, long nowMs)
      throws IOException {
    try {
      segments
          .active()
          .add(
              size,
              BatchHeader.lastOffset(bytes, at),
              BatchHeader.maxTimestamp(bytes, at),
              currentConfig.indexIntervalBytes());
    } catch (IOException e) {
      throw directory.fail(e);
    }
    int epoch = BatchHeader.leaderEpoch(bytes, at);
    if (epoch > epochs.latestEpoch()) {
      epochs.assign(epoch, BatchHeader.baseOffset(bytes, at));
      flush.noteEpochsChanged();
    }
    producers.add(bytes, at, nowMs);
  }

  @GuardedBy("lock")
  private void finishAppend(long newLogEndOffset, LogConfig currentConfig) {
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
