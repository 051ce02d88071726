package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Where in a segment some of its batches are: the last offset of a batch (relative to the base
/// offset of the segment) and the position of its first byte, 4 bytes each, as in Kafka's `.index`.
final class OffsetIndex {
  static final int ENTRY_SIZE = 8;

  private static final IndexFile.Key BY_OFFSET = (entries, at) -> entries.getInt(at);
  private static final IndexFile.Key BY_POSITION = (entries, at) -> entries.getInt(at + 4);

  private final long baseOffset;
  private final IndexFile file;

  OffsetIndex(Disk disk, Path directory, long baseOffset, int fileEntries) {
    this.baseOffset = baseOffset;
    this.file =
        new IndexFile(disk, directory, baseOffset, LogNames.OFFSET_INDEX, ENTRY_SIZE, fileEntries);
  }

  IndexFile file() {
    return file;
  }

  /// Whether an index of at most `maxBytes` has no room for another entry.
  boolean isFull(int maxBytes) {
    return file.count() >= maxBytes / ENTRY_SIZE;
  }

  /// Adds a batch. Offsets and positions have to ascend.
  void append(long lastOffset, int position) throws IOException {
    ByteBuffer room = file.room();
    int at = file.nextPosition();
    room.putInt(at, (int) (lastOffset - baseOffset));
    room.putInt(at + 4, position);
    file.appended();
  }

  /// The last entry whose offset is at or below `offset`; [Entry#NONE] if there is none.
  Entry floorOffset(long offset) throws IOException {
    return floor(BY_OFFSET, offset - baseOffset);
  }

  /// The last entry whose position is at or below `position`; [Entry#NONE] if there is none.
  Entry floorPosition(int position) throws IOException {
    return floor(BY_POSITION, position);
  }

  private Entry floor(IndexFile.Key key, long target) throws IOException {
    if (file.count() == 0) {
      return Entry.NONE;
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    int index = file.floor(key, target, entry);
    return index < 0 ? Entry.NONE : entry(index, entry);
  }

  Entry entryAt(int index) throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_SIZE);
    file.read(index, entry);
    return entry(index, entry);
  }

  private Entry entry(int index, ByteBuffer bytes) {
    return new Entry(index, baseOffset + bytes.getInt(0), bytes.getInt(4));
  }

  /// Entry number `index` of an offset index: a batch, by its last offset and its position.
  record Entry(int index, long lastOffset, int position) {
    static final Entry NONE = new Entry(-1, -1, 0);

    boolean isNone() {
      return index < 0;
    }
  }
}
