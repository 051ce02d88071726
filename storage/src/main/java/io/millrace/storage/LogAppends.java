package io.millrace.storage;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.BatchValidator;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The appending side of a log. What a batch alone tells (checksum, records, compression) is
/// checked before the lock of the log is taken; under it come what depends on the producer's last
/// batch, the offset, and one write.
final class LogAppends {
  private final PartitionLog log;
  private final LogDirectory directory;

  LogAppends(PartitionLog log, LogDirectory directory) {
    this.log = log;
    this.directory = directory;
  }

  AppendResult appendClient(ByteBuffer entry, int leaderEpoch, VerificationGuard guard)
      throws IOException {
    AppendRules currentRules = log.rules();
    LogConfig config = log.config();
    long nowMs = directory.host().clock().wallMs();
    BatchCursor batch = BatchValidator.single(entry);
    BatchValidator.validate(batch, currentRules.rules(), nowMs);
    ByteBuffer bytes = currentRules.stored(entry, batch);
    if (config.logAppendTime()) {
      batch.setLogAppendTime(nowMs);
    }
    if (batch.sizeInBytes() > config.segmentBytes()) {
      throw new InvalidBatchException(
          ErrorCode.RECORD_LIST_TOO_LARGE,
          "the batch has "
              + batch.sizeInBytes()
              + " bytes and fits no segment; segment.bytes is "
              + config.segmentBytes());
    }
    log.lock().lock();
    try {
      log.ensureWritable();
      if (batch.hasProducerId()) {
        int slot = ProducerRules.checkClient(log.producers, batch, guard);
        if (slot >= 0) {
          return duplicate(batch.producerId(), slot, config);
        }
      }
      long baseOffset = log.logEndOffset();
      batch.setBaseOffset(baseOffset);
      batch.setPartitionLeaderEpoch(leaderEpoch);
      int size = batch.sizeInBytes();
      write(bytes, size, baseOffset, batch.lastOffset(), batch.maxTimestamp(), nowMs);
      add(bytes, batch.position(), size, config, nowMs);
      long lastOffset = baseOffset + batch.lastOffsetDelta();
      log.finishAppend(lastOffset + 1, config);
      return new AppendResult(
          baseOffset, lastOffset, config.logAppendTime() ? nowMs : -1, log.logStartOffset(), false);
    } finally {
      log.lock().unlock();
    }
  }

  private AppendResult duplicate(long producerId, int slot, LogConfig config) {
    ProducerState state = log.producers.get(producerId);
    if (state == null) {
      throw new IllegalStateException("producer " + producerId + " has no state");
    }
    return new AppendResult(
        state.firstOffsetAt(slot),
        state.lastOffsetAt(slot),
        config.logAppendTime() ? state.timestampAt(slot) : -1,
        log.logStartOffset(),
        true);
  }

  AppendResult appendCoordinator(ByteBuffer batches, int leaderEpoch, VerificationGuard guard)
      throws IOException {
    BatchCursor batch = RecordBatches.over(batches);
    AppendRules.validateTrusted(batches, batch);
    log.lock().lock();
    try {
      log.ensureWritable();
      long nextOffset = log.logEndOffset();
      for (batch.wrap(batches); batch.next(); nextOffset = batch.nextOffset()) {
        if (batch.hasProducerId() && !batch.isControl()) {
          ProducerRules.checkCoordinator(log.producers, batch, guard);
        }
        batch.setBaseOffset(nextOffset);
        batch.setPartitionLeaderEpoch(leaderEpoch);
      }
      return writeAll(batches, batch, log.logEndOffset(), nextOffset);
    } finally {
      log.lock().unlock();
    }
  }

  AppendResult appendReplicated(ByteBuffer batches, TopicPartition partition) throws IOException {
    BatchCursor batch = RecordBatches.over(batches);
    AppendRules.validateTrusted(batches, batch);
    log.lock().lock();
    try {
      log.ensureWritable();
      long nextOffset = log.logEndOffset();
      long firstOffset = -1;
      for (batch.wrap(batches); batch.next(); nextOffset = batch.nextOffset()) {
        if (batch.baseOffset() < nextOffset) {
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
      }
      return writeAll(batches, batch, firstOffset, nextOffset);
    } finally {
      log.lock().unlock();
    }
  }

  /// See [PartitionLog#appendMarker].
  AppendResult appendMarker(EndMarker marker, short transactionVersion, int leaderEpoch)
      throws IOException {
    ByteBuffer bytes = marker.toBatch(directory.host().clock().wallMs());
    BatchCursor batch = RecordBatches.over(bytes);
    log.lock().lock();
    try {
      log.ensureWritable();
      long offset = log.logEndOffset();
      if (ProducerRules.checkMarker(log.producers, marker, transactionVersion)) {
        // Not written, but an end all the same of what is being verified.
        log.producers.verifications().end(marker.producerId());
        return new AppendResult(offset - 1, offset - 1, -1, log.logStartOffset(), true);
      }
      batch.next();
      batch.setBaseOffset(offset);
      batch.setPartitionLeaderEpoch(leaderEpoch);
      return writeAll(bytes, batch, offset, offset + 1);
    } finally {
      log.lock().unlock();
    }
  }

  /// Writes batches that have their offsets. Called under the lock.
  private AppendResult writeAll(
      ByteBuffer batches, BatchCursor batch, long firstOffset, long nextOffset) throws IOException {
    LogConfig config = log.config();
    long nowMs = directory.host().clock().wallMs();
    long maxTimestamp = RecordBatches.NO_TIMESTAMP;
    for (batch.wrap(batches); batch.next(); ) {
      maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
    }
    write(batches, batches.remaining(), firstOffset, nextOffset - 1, maxTimestamp, nowMs);
    for (batch.wrap(batches); batch.next(); ) {
      add(batches, batch.position(), batch.sizeInBytes(), config, nowMs);
    }
    log.finishAppend(nextOffset, config);
    return new AppendResult(firstOffset, nextOffset - 1, -1, log.logStartOffset(), false);
  }

  /// Writes batches to the end of the active segment, after rolling it if need be. Called under the
  /// lock.
  private void write(
      ByteBuffer bytes, int size, long firstOffset, long lastOffset, long maxTimestamp, long nowMs)
      throws IOException {
    Segment active = log.segments.active();
    int position = bytes.position();
    try {
      if (active.mustRoll(
          log.config(), log.rollJitterMs(), size, lastOffset, maxTimestamp, nowMs)) {
        active = log.roll(firstOffset, nowMs);
      }
      active.write(bytes);
    } catch (IOException e) {
      throw directory.fail(e);
    } finally {
      bytes.position(position);
    }
  }

  /// Takes in a batch that was written. Called under the lock.
  private void add(ByteBuffer bytes, int at, int size, LogConfig config, long nowMs)
      throws IOException {
    Segment active = log.segments.active();
    try {
      active.add(
          size,
          BatchHeader.lastOffset(bytes, at),
          BatchHeader.maxTimestamp(bytes, at),
          config.indexIntervalBytes());
    } catch (IOException e) {
      throw directory.fail(e);
    }
    int epoch = BatchHeader.leaderEpoch(bytes, at);
    if (epoch > log.epochs.latestEpoch()) {
      log.epochs.assign(epoch, BatchHeader.baseOffset(bytes, at));
      log.flushes().noteEpochsChanged();
    }
    EndedTransaction ended = log.producers.add(bytes, at, nowMs);
    if (ended != null) {
      end(active, ended);
    } else {
      log.undecided.noteAppended();
    }
  }

  private void end(Segment active, EndedTransaction ended) throws IOException {
    if (ended.isAborted()) {
      try {
        active.transactionIndex().append(ended);
      } catch (IOException e) {
        throw directory.fail(e);
      }
    }
    log.undecided.noteEnded(ended, log.retentionBound());
  }
}
