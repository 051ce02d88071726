package io.millrace.storage;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The log of one partition.
@SuppressWarnings("DoNotCallSuggester") // being written
public final class PartitionLog {
  private static final String MSG = "not yet";

  PartitionLog() {}

  public TopicPartition partition() {
    throw new UnsupportedOperationException(MSG);
  }

  public Uuid topicId() {
    throw new UnsupportedOperationException(MSG);
  }

  public LogConfig config() {
    throw new UnsupportedOperationException(MSG);
  }

  public void updateConfig(LogConfig config) {
    throw new UnsupportedOperationException(MSG);
  }

  public AppendResult append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin)
      throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public long logStartOffset() {
    throw new UnsupportedOperationException(MSG);
  }

  public long logEndOffset() {
    throw new UnsupportedOperationException(MSG);
  }

  public long flushedOffset() {
    throw new UnsupportedOperationException(MSG);
  }

  public void setFlushListener(Runnable listener) {
    throw new UnsupportedOperationException(MSG);
  }

  public void setRetentionBound(LongSupplier highWatermark) {
    throw new UnsupportedOperationException(MSG);
  }

  public LogSlice read(long offset, int maxBytes, long upperBoundOffset, boolean atLeastOneBatch)
      throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public Optional<TimestampAndOffset> offsetForTimestamp(long timestamp, long upperBoundOffset)
      throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public Optional<TimestampAndOffset> offsetOfMaxTimestamp() throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public int latestEpoch() {
    throw new UnsupportedOperationException(MSG);
  }

  public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
    throw new UnsupportedOperationException(MSG);
  }

  public long advanceLogStartOffset(long offset) throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public void truncateTo(long offset) throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public void truncateFullyAndStartAt(long offset) throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public void flush() throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public long sizeInBytes() {
    throw new UnsupportedOperationException(MSG);
  }
}
