package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The entries of a sparse index: fixed-size, append-only, their keys ascending. The file holds
/// them one after the other, as Kafka's index files do, without padding.
///
/// The youngest entries are kept in memory and go to the file [#BLOCK_ENTRIES] at a time, so that
/// an append costs no system call, and an index without entries costs neither file nor memory. The
/// file may therefore lack entries after a crash; recovery adds them. No file stays open.
///
/// One writer (under the lock of the log), any number of readers without a lock: a [Tail] is never
/// changed but by appending, and is replaced as a whole.
final class IndexFile {
  /// Entries per block: what is written and read at once.
  static final int BLOCK_ENTRIES = 512;

  private static final int FIRST_TAIL_ENTRIES = 8;
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  /// Reads the key of the entry at a position of a buffer.
  interface Key {
    long of(ByteBuffer entries, int at);
  }

  /// Entries `first` and following, in memory.
  private static final class Tail {
    final int first;
    final ByteBuffer entries;

    /// Total number of entries of the index, those in the file included.
    volatile int count;

    Tail(int first, ByteBuffer entries, int count) {
      this.first = first;
      this.entries = entries;
      this.count = count;
    }
  }

  /// A block of entries as read from the file, and the one entry that follows it, if there is one.
  private record Block(int first, int count, ByteBuffer entries, boolean isLast) {}

  private final Disk disk;
  private final int entrySize;
  private final Path directory;
  private final long baseOffset;
  private volatile String suffix;
  private volatile Tail tail;
  private volatile @Nullable Block cached;

  /// An index whose first `fileEntries` entries are in the file.
  IndexFile(
      Disk disk, Path directory, long baseOffset, String suffix, int entrySize, int fileEntries) {
    this.disk = disk;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.suffix = suffix;
    this.entrySize = entrySize;
    this.tail = new Tail(fileEntries, NO_BYTES, fileEntries);
  }

  Path path() {
    return directory.resolve(LogNames.file(baseOffset, suffix));
  }

  /// Adds to the name of the file, if there is one. Called under the lock of the log.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void rename(String addition) throws IOException {
    Path from = path();
    suffix = suffix + addition;
    try {
      disk.rename(from, path());
    } catch (NoSuchFileException withoutEntries) {
      // Only an index with entries, or of a segment that was rolled, has a file.
    }
  }

  void delete() throws IOException {
    disk.delete(path());
  }

  int count() {
    return tail.count;
  }

  /// Entries that a crash of this process would not lose.
  int fileEntries() {
    return tail.first;
  }

  /// Room for one more entry, in which the caller writes it before it calls [#appended]. Returns
  /// the buffer; the position to write at is [#nextPosition].
  ByteBuffer room() throws IOException {
    Tail current = tail;
    int used = (current.count - current.first) * entrySize;
    if (used < current.entries.capacity()) {
      return current.entries;
    }
    int entries = current.entries.capacity() / entrySize;
    if (entries < BLOCK_ENTRIES) {
      ByteBuffer grown = ByteBuffer.allocate(Math.max(FIRST_TAIL_ENTRIES, 4 * entries) * entrySize);
      grown.put(0, current.entries, 0, used);
      tail = new Tail(current.first, grown, current.count);
    } else {
      write();
      tail = new Tail(current.count, ByteBuffer.allocate(BLOCK_ENTRIES * entrySize), current.count);
    }
    return tail.entries;
  }

  int nextPosition() {
    Tail current = tail;
    return (current.count - current.first) * entrySize;
  }

  /// Publishes the entry that was written to [#room].
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void appended() {
    tail.count++;
  }

  /// Writes the entries that are only in memory to the file, and lets go of the memory.
  void writePending() throws IOException {
    Tail current = tail;
    if (current.count > current.first) {
      write();
      tail = new Tail(current.count, NO_BYTES, current.count);
    }
  }

  /// As [#writePending], and creates the file even if there is no entry.
  void writeAll() throws IOException {
    if (tail.count == 0) {
      write();
    } else {
      writePending();
    }
  }

  private void write() throws IOException {
    Tail current = tail;
    int bytes = (current.count - current.first) * entrySize;
    try (Disk.File file = disk.open(path(), Disk.OpenMode.CREATE_IF_MISSING)) {
      if (current.first == 0) {
        file.truncate(0);
      }
      file.write(current.entries.slice(0, bytes), (long) current.first * entrySize);
    }
  }

  /// Makes what is in the file durable.
  void force() throws IOException {
    try (Disk.File file = disk.open(path(), Disk.OpenMode.EXISTING)) {
      file.force();
    } catch (NoSuchFileException e) {
      if (count() > 0) {
        throw e;
      }
    }
  }

  /// Drops all entries from index `count` on, in the file too.
  void truncate(int count) throws IOException {
    Tail current = tail;
    if (count >= current.count) {
      return;
    }
    cached = null;
    if (count >= current.first) {
      ByteBuffer copy = ByteBuffer.allocate(current.entries.capacity());
      copy.put(0, current.entries, 0, (count - current.first) * entrySize);
      tail = new Tail(current.first, copy, count);
      return;
    }
    try (Disk.File file = disk.open(path(), Disk.OpenMode.EXISTING)) {
      file.truncate((long) count * entrySize);
    }
    tail = new Tail(count, NO_BYTES, count);
  }

  /// Lets go of what was read for look-ups.
  void dropCache() {
    cached = null;
  }

  /// The index of the last entry with a key at or below `target`, -1 if there is none; its bytes
  /// are copied to `entry`.
  int floor(Key key, long target, ByteBuffer entry) throws IOException {
    Tail current = tail;
    int inTail = current.count - current.first;
    if (inTail > 0 && key.of(current.entries, 0) <= target) {
      int found = floorIn(current.entries, inTail, key, target);
      entry.put(0, current.entries, found * entrySize, entrySize);
      return current.first + found;
    }
    if (current.first == 0) {
      return -1;
    }
    Block block = blockFor(key, target, current.first);
    if (block == null) {
      return -1;
    }
    int found = floorIn(block.entries, block.count, key, target);
    entry.put(0, block.entries, found * entrySize, entrySize);
    return block.first + found;
  }

  /// Copies entry `index` to `entry`.
  void read(int index, ByteBuffer entry) throws IOException {
    Tail current = tail;
    if (index >= current.first) {
      entry.put(0, current.entries, (index - current.first) * entrySize, entrySize);
      return;
    }
    Block block = cached;
    if (block == null || index < block.first || index >= block.first + block.count) {
      block = load(index / BLOCK_ENTRIES * BLOCK_ENTRIES, current.first);
      cached = block;
    }
    entry.put(0, block.entries, (index - block.first) * entrySize, entrySize);
  }

  private int floorIn(ByteBuffer entries, int count, Key key, long target) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (key.of(entries, middle * entrySize) <= target) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// The block of the file that holds the floor of `target`; null if the first entry is above it.
  private @Nullable Block blockFor(Key key, long target, int fileEntries) throws IOException {
    Block block = cached;
    if (block != null
        && key.of(block.entries, 0) <= target
        && (block.isLast
            ? block.first + block.count == fileEntries
            : key.of(block.entries, block.count * entrySize) > target)) {
      return block;
    }
    int low = -1;
    int high = (fileEntries - 1) / BLOCK_ENTRIES;
    ByteBuffer entry = ByteBuffer.allocate(entrySize);
    try (Disk.File file = disk.openReadOnly(path())) {
      while (low < high) {
        int middle = (low + high + 1) >> 1;
        readExactly(file, entry.clear(), (long) middle * BLOCK_ENTRIES * entrySize);
        if (key.of(entry, 0) <= target) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
    }
    if (low < 0) {
      return null;
    }
    block = load(low * BLOCK_ENTRIES, fileEntries);
    cached = block;
    return block;
  }

  private Block load(int first, int fileEntries) throws IOException {
    int count = Math.min(BLOCK_ENTRIES, fileEntries - first);
    boolean isLast = first + count == fileEntries;
    ByteBuffer entries = ByteBuffer.allocate((isLast ? count : count + 1) * entrySize);
    try (Disk.File file = disk.openReadOnly(path())) {
      readExactly(file, entries, (long) first * entrySize);
    }
    return new Block(first, count, entries, isLast);
  }

  private void readExactly(Disk.File file, ByteBuffer target, long position) throws IOException {
    int wanted = target.remaining();
    if (file.read(target, position) != wanted) {
      throw new CorruptIndexException(path() + " ends before byte " + (position + wanted));
    }
  }
}
