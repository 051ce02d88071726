package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Goes over the batches of a segment's file, reading either all of it and checking the checksums,
/// or only the headers. Not for concurrent use.
final class SegmentScanner {
  /// How much is read at a time to get at headers: one that stands alone, or several of small
  /// batches.
  private static final int HEADER_CHUNK = 2 << 10;

  private static final int DATA_CHUNK = 256 << 10;

  /// How many times the size of the file is read at most in search of a valid batch.
  private static final long MAX_REREADS = 8;

  /// Sees a valid batch: its header, or all of it (as of one with an [EndMarker]), is at `at` in
  /// `window`; its first byte is at `position` of the file.
  interface Visitor {
    /// Returns whether to go on.
    boolean batch(ByteBuffer window, int at, int position, int sizeInBytes) throws IOException;
  }

  private final Disk.File file;
  private final int fileSize;
  private final CRC32C checksum = new CRC32C();
  private ByteBuffer window = ByteBuffer.allocate(HEADER_CHUNK).limit(0);
  private int windowPosition;

  /// Bytes whose checksum was computed.
  private long checkedBytes;

  /// The offset that the next batch may begin with at the least.
  private long expectedOffset;

  /// A scanner of the first `fileSize` bytes of a file.
  SegmentScanner(Disk.File file, int fileSize) {
    this.file = file;
    this.fileSize = fileSize;
  }

  /// After a scan: the offset after the last valid batch.
  long expectedOffset() {
    return expectedOffset;
  }

  /// Visits batches from `from` on, which is where a batch begins, as long as they are valid, their
  /// offsets ascend from `firstOffset`, and they end at or before `to`. Returns the position where
  /// that ends: `to` if all is well, or where the visitor stopped.
  int scan(int from, int to, long firstOffset, boolean verify, Visitor visitor) throws IOException {
    expectedOffset = firstOffset;
    int position = from;
    while (position < to) {
      int size = validBatchAt(position, to, expectedOffset, verify);
      if (size == 0) {
        return position;
      }
      int at = position - windowPosition;
      long next = BatchHeader.lastOffset(window, at) + 1;
      if (!visitor.batch(window, at, position, size)) {
        return position;
      }
      expectedOffset = next;
      position += size;
    }
    return position;
  }

  /// The size of the batch at `position`, 0 if there is no valid one that ends at or before `to`.
  private int validBatchAt(int position, int to, long minOffset, boolean verify)
      throws IOException {
    if (to - position < BatchHeader.SIZE
        || !fill(position, BatchHeader.SIZE, verify ? DATA_CHUNK : HEADER_CHUNK)
        || !BatchHeader.isPlausible(window, position - windowPosition, minOffset)) {
      return 0;
    }
    long size = BatchHeader.sizeInBytes(window, position - windowPosition);
    if (size > to - position) {
      return 0;
    }
    if (verify && !isCrcValid(position, (int) size)) {
      return 0;
    }
    return !isEndMarker(position, size) || fill(position, (int) size, HEADER_CHUNK)
        ? (int) size
        : 0;
  }

  /// Whether what ends a transaction may be in the batch: visitors see all of it then.
  private boolean isEndMarker(int position, long size) {
    int at = position - windowPosition;
    return size <= EndMarker.MAX_BYTES
        && BatchHeader.isControl(window, at)
        && BatchHeader.hasProducerId(window, at);
  }

  /// Large batches pass through the window in pieces; afterwards it holds the header again.
  private boolean isCrcValid(int position, int size) throws IOException {
    int expected = BatchHeader.crc(window, position - windowPosition);
    int end = position + size;
    checksum.reset();
    for (int next = position + BatchHeader.CHECKED_FROM; next < end; ) {
      int piece = Math.min(end - next, DATA_CHUNK);
      if (!fill(next, Math.min(piece, BatchHeader.SIZE), DATA_CHUNK)) {
        return false;
      }
      int at = next - windowPosition;
      int available = Math.min(piece, window.limit() - at);
      checksum.update(window.slice(at, available));
      next += available;
    }
    checkedBytes += size;
    return (int) checksum.getValue() == expected && fill(position, BatchHeader.SIZE, DATA_CHUNK);
  }

  /// Brings `size` bytes from `position` into the window; false if the file ends before.
  private boolean fill(int position, int size, int chunk) throws IOException {
    if (position >= windowPosition
        && (long) position + size <= (long) windowPosition + window.limit()) {
      return true;
    }
    if ((long) position + size > fileSize) {
      return false;
    }
    int wanted = Math.min(Math.max(size, chunk), fileSize - position);
    if (window.capacity() < wanted) {
      window = ByteBuffer.allocate(wanted);
    }
    window.clear().limit(wanted);
    int read = Math.max(0, file.read(window, position));
    window.limit(read);
    windowPosition = position;
    return read >= size;
  }

  /// Whether a valid batch with an offset of at least `minOffset` begins anywhere from `from` on:
  /// what tells damage in the midst of a log from its torn end.
  ///
  /// Bytes that look like many large batches could make this take very long: it then says yes, and
  /// they are set aside rather than cut off.
  boolean hasValidBatchFrom(int from, long minOffset) throws IOException {
    checkedBytes = 0;
    for (int position = from; position <= fileSize - BatchHeader.SIZE; position++) {
      if (!fill(position, BatchHeader.SIZE, DATA_CHUNK)) {
        return false;
      }
      int at = position - windowPosition;
      if (window.get(at + 16) == RecordBatches.MAGIC
          && BatchHeader.isPlausible(window, at, minOffset)
          && BatchHeader.baseOffset(window, at) - minOffset <= Integer.MAX_VALUE
          && (validBatchAt(position, fileSize, minOffset, true) > 0
              || checkedBytes > MAX_REREADS * fileSize)) {
        return true;
      }
    }
    return false;
  }

  /// Whether there are only zeros from `from` on: space that was given to the file but not written.
  boolean isZeroFrom(int from) throws IOException {
    for (int position = from; position < fileSize; position++) {
      if (!fill(position, 1, DATA_CHUNK) || window.get(position - windowPosition) != 0) {
        return false;
      }
    }
    return true;
  }
}
