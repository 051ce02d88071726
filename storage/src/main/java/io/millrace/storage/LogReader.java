package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Finds offsets in the files of a log. Takes no lock: it works on what the writer has published.
///
/// A position is found through the index and the headers after the entry, which takes a small read
/// or two. The positions at which readers of the tail begin and end need none: the end of a segment
/// and the flushed point are known, and the last few that were found are remembered.
final class LogReader {
  private static final int HEADER_CHUNK = 2 << 10;
  private static final int REMEMBERED = 4;

  /// The batch that holds `offset`, or the first one after it, is at `position` of `segment`.
  private record Found(Segment segment, long offset, int position) {}

  private final LogSegments segments;

  /// Written without synchronisation: a lost or late entry costs a look-up, nothing else.
  private final @Nullable Found[] found = new Found[REMEMBERED];

  private int nextFound;

  LogReader(LogSegments segments) {
    this.segments = segments;
  }

  /// The batches from the one that holds `offset`, which is in the log, up to `bound`, at most
  /// `maxBytes` of them, from one segment; the first even if it is larger, if `atLeastOneBatch`.
  LogSlice read(
      long offset, long bound, int maxBytes, boolean atLeastOneBatch, FlushPoint flushPoint)
      throws IOException {
    Segment[] all = segments.all();
    for (int i = Math.max(0, LogSegments.floor(all, offset)); i < all.length; i++) {
      Segment segment = all[i];
      if (segment.baseOffset() >= bound) {
        break;
      }
      int start = positionOf(segment, offset, flushPoint);
      int end = positionOf(segment, bound, flushPoint);
      // Otherwise the offset lies in a gap at the end of the segment.
      if (start < end) {
        boolean goesOn = i + 1 < all.length && all[i + 1].baseOffset() < bound;
        long endOffset = goesOn ? all[i + 1].baseOffset() : bound;
        return slice(segment, start, end, endOffset, maxBytes, atLeastOneBatch, goesOn);
      }
    }
    return LogSlice.none();
  }

  /// A number of bytes that are whole batches, and an offset that all of them are below.
  private record Cut(int size, long endOffset) {}

  /// `endOffset`: where all that may be read of the segment ends; `goesOn`: whether the next one
  /// has more.
  private LogSlice slice(
      Segment segment,
      int start,
      int end,
      long endOffset,
      int maxBytes,
      boolean atLeastOneBatch,
      boolean goesOn)
      throws IOException {
    SegmentFile owner = segment.file();
    Disk.File file = owner.acquire();
    int size = 0;
    long sliceEnd = endOffset;
    try {
      if (end - start <= maxBytes) {
        size = end - start;
      } else {
        Cut cut = wholeBatches(segment, file, start, end, maxBytes, atLeastOneBatch);
        size = cut.size();
        sliceEnd = cut.endOffset();
      }
    } finally {
      if (size == 0) {
        owner.release();
      }
    }
    boolean isCut = goesOn || size < end - start;
    return size == 0 ? LogSlice.none() : LogSlice.of(owner, file, start, size, sliceEnd, isCut);
  }

  /// How many bytes from `start`, of at most `maxBytes`, are whole batches.
  private static Cut wholeBatches(
      Segment segment, Disk.File file, int start, int end, int maxBytes, boolean atLeastOneBatch)
      throws IOException {
    int limit = start + maxBytes;
    OffsetIndex.Entry entry = segment.offsetIndex().floorPosition(limit);
    if (entry.position() > start) {
      verify(segment, file, entry);
      // The entry is of the first batch that is left out.
      return new Cut(entry.position() - start, entry.lastOffset() + 1);
    }
    int[] last = {start};
    long[] endOffset = {segment.baseOffset()};
    new SegmentScanner(file, end)
        .scan(
            start,
            end,
            segment.baseOffset(),
            false,
            (window, at, position, size) -> {
              boolean fits = position + size <= limit || (atLeastOneBatch && position == start);
              if (fits) {
                last[0] = position + size;
                endOffset[0] = BatchHeader.lastOffset(window, at) + 1;
              }
              return fits;
            });
    return new Cut(last[0] - start, endOffset[0]);
  }

  private static void verify(Segment segment, Disk.File file, OffsetIndex.Entry entry)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE);
    file.read(header, entry.position());
    if (header.hasRemaining() || BatchHeader.lastOffset(header, 0) != entry.lastOffset()) {
      throw new CorruptIndexException("the index points to a wrong batch of " + segment);
    }
  }

  /// The position in a segment of the batch that holds `offset`, or of the first one after it; its
  /// size if there is none.
  int positionOf(Segment segment, long offset, @Nullable FlushPoint flushPoint) throws IOException {
    if (offset <= segment.baseOffset()) {
      return 0;
    }
    long end = segment.end();
    if (offset >= segment.nextOffset(end)) {
      return Segment.sizeInBytes(end);
    }
    if (flushPoint != null && flushPoint.offset() == offset && flushPoint.segment() == segment) {
      return flushPoint.position();
    }
    for (Found recent : found) {
      if (recent != null && recent.offset == offset && recent.segment == segment) {
        return recent.position;
      }
    }
    int position = search(segment, offset, Segment.sizeInBytes(end));
    found[nextFound] = new Found(segment, offset, position);
    nextFound = (nextFound + 1) % REMEMBERED;
    return position;
  }

  private static int search(Segment segment, long offset, int size) throws IOException {
    OffsetIndex index = segment.offsetIndex();
    OffsetIndex.Entry entry = index.floorOffset(offset);
    Disk.File file = segment.file().acquire();
    try {
      return walk(segment, file, entry, offset, size);
    } finally {
      segment.file().release();
    }
  }

  /// Goes from batch to batch until one ends at or after `offset`.
  private static int walk(
      Segment segment, Disk.File file, OffsetIndex.Entry entry, long offset, int size)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(HEADER_CHUNK, size));
    int position = entry.position();
    int chunkPosition = position;
    chunk.limit(0);
    while (position < size) {
      if (position + BatchHeader.SIZE > chunkPosition + chunk.limit()) {
        chunk.clear();
        chunk.limit(Math.max(0, file.read(chunk, position)));
        chunkPosition = position;
      }
      int at = position - chunkPosition;
      if (at + BatchHeader.SIZE > chunk.limit()
          || !BatchHeader.isPlausible(chunk, at, segment.baseOffset())) {
        throw new CorruptIndexException("no batch at position " + position + " of " + segment);
      }
      long lastOffset = BatchHeader.lastOffset(chunk, at);
      if (position == entry.position() && !entry.isNone() && lastOffset != entry.lastOffset()) {
        throw new CorruptIndexException("the index points to a wrong batch of " + segment);
      }
      if (lastOffset >= offset) {
        return position;
      }
      position = (int) Math.min(size, position + BatchHeader.sizeInBytes(chunk, at));
    }
    return size;
  }

  /// The whole batch at a position; null at the end of the segment.
  static @Nullable ByteBuffer batchAt(Segment segment, int position) throws IOException {
    if (position >= segment.sizeInBytes()) {
      return null;
    }
    Disk.File file = segment.file().acquire();
    try {
      ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE);
      file.read(header, position);
      if (header.hasRemaining()
          || !BatchHeader.isPlausible(header, 0, segment.baseOffset())
          || BatchHeader.sizeInBytes(header, 0) > segment.sizeInBytes() - position) {
        throw new IOException("no batch at position " + position + " of " + segment);
      }
      ByteBuffer batch = ByteBuffer.allocate((int) BatchHeader.sizeInBytes(header, 0));
      file.read(batch, position);
      return batch.flip();
    } finally {
      segment.file().release();
    }
  }
}
