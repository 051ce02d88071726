package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// The largest timestamp of a segment up to some of its batches: 8 bytes timestamp, and in 4 bytes
/// (relative to the base offset of the segment) the last offset of the batch that has it, as in
/// Kafka's `.timeindex`. Timestamps ascend strictly, offsets too.
final class TimeIndex {
  static final int ENTRY_SIZE = 12;

  private static final IndexFile.Key BY_TIMESTAMP = (entries, at) -> entries.getLong(at);

  private final long baseOffset;
  private final IndexFile file;

  /// Of the last entry, once that has been asked for.
  private long lastTimestamp;

  private boolean lastTimestampKnown;

  TimeIndex(Disk disk, Path directory, long baseOffset, int fileEntries) {
    this.baseOffset = baseOffset;
    this.file =
        new IndexFile(disk, directory, baseOffset, LogNames.TIME_INDEX, ENTRY_SIZE, fileEntries);
    this.lastTimestamp = -1;
    this.lastTimestampKnown = fileEntries == 0;
  }

  IndexFile file() {
    return file;
  }

  boolean isFull(int maxBytes) {
    return file.count() >= maxBytes / ENTRY_SIZE;
  }

  /// Adds an entry if its timestamp is above the last one's. Called under the lock of the log.
  void appendIfLater(long timestamp, long offset) throws IOException {
    if (!lastTimestampKnown) {
      lastTimestamp = entryAt(file.count() - 1).timestamp();
      lastTimestampKnown = true;
    }
    if (timestamp <= lastTimestamp) {
      return;
    }
    ByteBuffer room = file.room();
    int at = file.nextPosition();
    room.putLong(at, timestamp);
    room.putInt(at + 8, (int) (offset - baseOffset));
    file.appended();
    lastTimestamp = timestamp;
  }

  void truncate(int count) throws IOException {
    file.truncate(count);
    lastTimestamp = -1;
    lastTimestampKnown = count == 0;
  }

  /// The last entry with a timestamp at or below `timestamp`; [Entry#NONE] if there is none.
  Entry floor(long timestamp) throws IOException {
    if (file.count() == 0) {
      return Entry.NONE;
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    int index = file.floor(BY_TIMESTAMP, timestamp, entry);
    return index < 0 ? Entry.NONE : entry(index, entry);
  }

  Entry entryAt(int index) throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    file.read(index, entry);
    return entry(index, entry);
  }

  private Entry entry(int index, ByteBuffer bytes) {
    return new Entry(index, bytes.getLong(0), baseOffset + bytes.getInt(8));
  }

  /// Entry number `index` of a time index.
  record Entry(int index, long timestamp, long offset) {
    static final Entry NONE = new Entry(-1, -1, -1);

    boolean isNone() {
      return index < 0;
    }
  }
}
