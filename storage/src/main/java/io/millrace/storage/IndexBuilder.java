package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Fills the indexes of a segment from its batches, as appending them did.
final class IndexBuilder implements SegmentScanner.Visitor {
  private final OffsetIndex offsets;
  private final TimeIndex times;
  private final int intervalBytes;
  private long maxTimestamp = -1;
  private long offsetOfMaxTimestamp = -1;
  private int bytesSinceEntry;

  IndexBuilder(OffsetIndex offsets, TimeIndex times, int intervalBytes) {
    this.offsets = offsets;
    this.times = times;
    this.intervalBytes = intervalBytes;
  }

  @Override
  public boolean batch(ByteBuffer window, int at, int position, int sizeInBytes)
      throws IOException {
    long lastOffset = BatchHeader.lastOffset(window, at);
    long timestamp = BatchHeader.maxTimestamp(window, at);
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      offsetOfMaxTimestamp = lastOffset;
    }
    if (bytesSinceEntry > intervalBytes) {
      offsets.append(lastOffset, position);
      times.appendIfLater(maxTimestamp, offsetOfMaxTimestamp);
      bytesSinceEntry = 0;
    }
    bytesSinceEntry += sizeInBytes;
    return true;
  }
}
