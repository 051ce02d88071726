package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds records of a log by their timestamps. Takes no lock.
final class TimeLookup {
  private final LogSegments segments;
  private final LogReader reader;

  TimeLookup(LogSegments segments, LogReader reader) {
    this.segments = segments;
    this.reader = reader;
  }

  /// The first record from `startOffset` on, below `bound`, whose timestamp is at or after
  /// `timestamp`.
  Optional<TimestampAndOffset> first(long timestamp, long startOffset, long bound)
      throws IOException {
    for (Segment segment : segments.all()) {
      if (segment.baseOffset() >= bound) {
        break;
      }
      if (segment.maxTimestamp() < timestamp || segment.nextOffset(segment.end()) <= startOffset) {
        continue;
      }
      TimestampAndOffset found = firstIn(segment, timestamp, startOffset);
      if (found != null) {
        return found.offset() < bound ? Optional.of(found) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private @Nullable TimestampAndOffset firstIn(Segment segment, long timestamp, long startOffset)
      throws IOException {
    // No batch before the one with this entry's offset has a timestamp above the entry's.
    TimeIndex.Entry entry = segment.timeIndex().floor(timestamp);
    long from = Math.max(startOffset, entry.isNone() ? segment.baseOffset() : entry.offset());
    int position = reader.positionOf(segment, from, null);
    while (true) {
      int candidate = nextBatch(segment, position, timestamp);
      ByteBuffer batch = candidate < 0 ? null : LogReader.batchAt(segment, candidate);
      if (batch == null) {
        return null;
      }
      TimestampAndOffset found = firstIn(batch, timestamp, startOffset);
      if (found != null) {
        return found;
      }
      position = candidate + batch.limit();
    }
  }

  /// The position of the first batch from `position` on whose maximum timestamp is at or after
  /// `timestamp`; -1 if there is none.
  private static int nextBatch(Segment segment, int position, long timestamp) throws IOException {
    int size = segment.sizeInBytes();
    if (position >= size) {
      return -1;
    }
    boolean[] isFound = {false};
    SegmentFile owner = segment.file();
    Disk.File file = owner.acquire();
    try {
      int stop =
          new SegmentScanner(file, size)
              .scan(
                  position,
                  size,
                  segment.baseOffset(),
                  false,
                  (window, at, p, bytes) -> {
                    isFound[0] = BatchHeader.maxTimestamp(window, at) >= timestamp;
                    return !isFound[0];
                  });
      if (stop < size && !isFound[0]) {
        throw new CorruptIndexException("no batch at position " + stop + " of " + segment);
      }
      return isFound[0] ? stop : -1;
    } finally {
      owner.release();
    }
  }

  private static @Nullable TimestampAndOffset firstIn(
      ByteBuffer bytes, long timestamp, long startOffset) {
    BatchCursor batch = RecordBatches.over(bytes);
    if (!batch.next()) {
      return null;
    }
    try (RecordCursor records = batch.records(DecompressionLimit.UNLIMITED)) {
      while (records.next()) {
        if (records.timestamp() >= timestamp && records.offset() >= startOffset) {
          return new TimestampAndOffset(
              records.timestamp(), records.offset(), batch.partitionLeaderEpoch());
        }
      }
    }
    return null;
  }

  /// The first record that has the largest timestamp of the log; empty if no record has one.
  Optional<TimestampAndOffset> max() throws IOException {
    Segment newest = null;
    for (Segment segment : segments.all()) {
      if (segment.maxTimestamp() >= 0
          && (newest == null || segment.maxTimestamp() > newest.maxTimestamp())) {
        newest = segment;
      }
    }
    if (newest == null) {
      return Optional.empty();
    }
    long offset = newest.offsetOfMaxTimestamp();
    long timestamp = newest.maxTimestamp();
    ByteBuffer batch = LogReader.batchAt(newest, reader.positionOf(newest, offset, null));
    return batch == null ? Optional.empty() : Optional.ofNullable(firstIn(batch, timestamp, 0));
  }
}
