package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The aborted transactions whose markers are in a segment, in the order of the markers, as in
/// Kafka's `.txnindex`: version (2 bytes, 0), producer id, first and last offset, and the last
/// stable offset after the abort, 8 bytes each. A segment without any has no file.
final class TransactionIndex {
  static final int ENTRY_SIZE = 34;

  private static final short VERSION = 0;
  private static final int PRODUCER_ID = 2;
  private static final int FIRST_OFFSET = 10;
  private static final int LAST_OFFSET = 18;
  private static final int LAST_STABLE_OFFSET = 26;

  private static final IndexFile.Key BY_LAST_OFFSET =
      (entries, at) -> entries.getLong(at + LAST_OFFSET);

  private final IndexFile file;

  TransactionIndex(Disk disk, Path directory, long baseOffset, int fileEntries) {
    this.file =
        new IndexFile(
            disk, directory, baseOffset, LogNames.TRANSACTION_INDEX, ENTRY_SIZE, fileEntries);
  }

  IndexFile file() {
    return file;
  }

  /// Adds an aborted transaction. Markers have to ascend.
  void append(EndedTransaction aborted) throws IOException {
    ByteBuffer room = file.room();
    int at = file.nextPosition();
    room.putShort(at, VERSION);
    room.putLong(at + PRODUCER_ID, aborted.producerId());
    room.putLong(at + FIRST_OFFSET, aborted.firstOffset());
    room.putLong(at + LAST_OFFSET, aborted.markerOffset());
    room.putLong(at + LAST_STABLE_OFFSET, aborted.lastStableOffset());
    file.appended();
  }

  /// As [#append], unless the transaction is there already: for a log that is read again.
  void appendIfLater(EndedTransaction aborted) throws IOException {
    int count = file.count();
    if (count == 0 || entryAt(count - 1).lastOffset() < aborted.markerOffset()) {
      append(aborted);
    }
  }

  /// Adds to `found` the transactions that have a part between `fetchOffset` and `upperBound`.
  /// Returns whether no later marker can be of another one.
  boolean collect(long fetchOffset, long upperBound, List<AbortedTransaction> found)
      throws IOException {
    int count = file.count();
    if (count == 0) {
      return false;
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    long last = fetchOffset - 1;
    for (int i = file.floor(BY_LAST_OFFSET, last, entry) + 1; i < count; i++) {
      AbortedTransaction aborted = entryAt(i);
      if (aborted.lastOffset() <= last) {
        throw new CorruptIndexException(file.path() + " does not ascend at entry " + i);
      }
      last = aborted.lastOffset();
      if (aborted.firstOffset() < upperBound) {
        found.add(aborted);
      }
      if (aborted.lastStableOffset() >= upperBound) {
        return true;
      }
    }
    return false;
  }

  AbortedTransaction entryAt(int index) throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    file.read(index, entry);
    AbortedTransaction aborted =
        new AbortedTransaction(
            entry.getLong(PRODUCER_ID),
            entry.getLong(FIRST_OFFSET),
            entry.getLong(LAST_OFFSET),
            entry.getLong(LAST_STABLE_OFFSET));
    if (entry.getShort(0) != VERSION || aborted.firstOffset() >= aborted.lastOffset()) {
      throw new CorruptIndexException(file.path() + " has a wrong entry " + index);
    }
    return aborted;
  }

  /// Drops what is in the file behind the first `entries`, as [#truncateTo] does.
  static void cutOff(Disk disk, Path path, int entries) throws IOException {
    try (Disk.File opened = disk.open(path, Disk.OpenMode.EXISTING)) {
      opened.truncate((long) entries * ENTRY_SIZE);
      opened.force();
    }
  }

  /// Reads all entries: throws [CorruptIndexException] or `NoSuchFileException` if they are not
  /// what a segment that ends below `endOffset` has.
  void check(long baseOffset, long endOffset) throws IOException {
    long last = baseOffset - 1;
    for (int i = 0; i < file.count(); i++) {
      long next = entryAt(i).lastOffset();
      if (next <= last || next >= endOffset) {
        throw new CorruptIndexException(file.path() + " does not ascend at entry " + i);
      }
      last = next;
    }
  }

  /// Drops the transactions whose markers are at or above `offset`, durably: otherwise a crash
  /// could bring them back in the place of others, which nothing would tell.
  void truncateTo(long offset) throws IOException {
    int count = file.count();
    while (count > 0 && entryAt(count - 1).lastOffset() >= offset) {
      count--;
    }
    file.truncate(count);
    file.writePending();
    file.force();
  }
}
