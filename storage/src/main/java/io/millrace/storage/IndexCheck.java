package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;

/// Looks at index files before a log that was not closed in order is opened.
final class IndexCheck {
  private IndexCheck() {}

  /// Whether both index files of a segment hold what the checkpoint says. Indexes of sealed
  /// segments were flushed before the checkpoint went past them, so that their sizes tell; those of
  /// the last one are read. Entries that came after the checkpoint are dropped.
  static boolean isUsable(Disk disk, Segment segment, SegmentState expected, boolean isLast)
      throws IOException {
    IndexFile offsets = segment.offsetIndex().file();
    IndexFile times = segment.timeIndex().file();
    return hasSize(disk, offsets, expected.offsetIndexEntries() * OffsetIndex.ENTRY_SIZE, isLast)
        && hasSize(disk, times, expected.timeIndexEntries() * TimeIndex.ENTRY_SIZE, isLast)
        && (!isLast || ascends(segment, expected));
  }

  /// The same for the transaction index.
  static boolean isTransactionIndexUsable(
      Disk disk, Segment segment, SegmentState expected, boolean isLast) throws IOException {
    TransactionIndex index = segment.transactionIndex();
    int wanted = expected.transactionIndexEntries() * TransactionIndex.ENTRY_SIZE;
    int size = LogFiles.sizeOf(disk, index.file().path());
    if (isLast && size > wanted) {
      TransactionIndex.cutOff(disk, index.file().path(), expected.transactionIndexEntries());
    } else if (size != wanted) {
      return false;
    }
    try {
      index.check(segment.baseOffset(), segment.nextOffset(segment.end()));
      return true;
    } catch (CorruptIndexException e) {
      return false;
    }
  }

  private static boolean hasSize(Disk disk, IndexFile index, int wanted, boolean isLast)
      throws IOException {
    int size = LogFiles.sizeOf(disk, index.path());
    if (isLast && size > wanted) {
      try (Disk.File file = disk.open(index.path(), Disk.OpenMode.EXISTING)) {
        file.truncate(wanted);
      }
      return true;
    }
    return size == wanted;
  }

  private static boolean ascends(Segment segment, SegmentState expected) throws IOException {
    long offset = expected.baseOffset() - 1;
    int position = 0;
    for (int i = 0; i < expected.offsetIndexEntries(); i++) {
      OffsetIndex.Entry entry = segment.offsetIndex().entryAt(i);
      if (entry.lastOffset() <= offset
          || entry.position() <= position
          || entry.position() >= expected.sizeInBytes()) {
        return false;
      }
      offset = entry.lastOffset();
      position = entry.position();
    }
    long timestamp = -1;
    offset = expected.baseOffset() - 1;
    for (int i = 0; i < expected.timeIndexEntries(); i++) {
      TimeIndex.Entry entry = segment.timeIndex().entryAt(i);
      if (entry.timestamp() <= timestamp || entry.offset() < offset) {
        return false;
      }
      timestamp = entry.timestamp();
      offset = entry.offset();
    }
    return true;
  }
}
