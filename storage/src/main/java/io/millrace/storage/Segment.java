package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A part of a log: the batches from its base offset to the base offset of the next segment, in one
/// file, with its indexes.
///
/// Written under the lock of the log only. Readers take no lock: they see an end (next offset and
/// size) that was published after the bytes before it.
final class Segment {
  private static final long UNSIGNED_INT = 0xffff_ffffL;

  private final long baseOffset;
  private final SegmentFile file;
  private final long createdMs;
  private volatile OffsetIndex offsetIndex;
  private volatile TimeIndex timeIndex;
  private volatile TransactionIndex transactionIndex;

  /// The next offset, relative to the base offset, in the upper half; the size in bytes in the
  /// lower half: one value, so that readers see both of the same moment.
  private volatile long end;

  private volatile long maxTimestamp = -1;
  private volatile long offsetOfMaxTimestamp = -1;

  /// The time of the first batch, from which `segment.ms` counts; -1 if there is none.
  private long firstTimestamp = -1;

  private int bytesSinceIndexEntry;

  /// Whether all of it is on stable storage, nothing more will come, and its name is durable.
  private boolean isDurable;

  private boolean isNameDurable;

  private Segment(
      Disk disk,
      Path directory,
      long baseOffset,
      long createdMs,
      int offsetIndexEntries,
      int timeIndexEntries,
      int transactionIndexEntries) {
    this.baseOffset = baseOffset;
    this.createdMs = createdMs;
    this.file = new SegmentFile(disk, directory, baseOffset);
    this.offsetIndex = new OffsetIndex(disk, directory, baseOffset, offsetIndexEntries);
    this.timeIndex = new TimeIndex(disk, directory, baseOffset, timeIndexEntries);
    this.transactionIndex =
        new TransactionIndex(disk, directory, baseOffset, transactionIndexEntries);
  }

  /// A new segment: creates its file.
  static Segment create(Disk disk, Path directory, long baseOffset, long nowMs) throws IOException {
    Segment segment = new Segment(disk, directory, baseOffset, nowMs, 0, 0, 0);
    segment.file.create();
    return segment;
  }

  /// A segment whose file and index files are as `state` says.
  static Segment existing(Disk disk, Path directory, SegmentState state, long nextOffset) {
    Segment segment =
        new Segment(
            disk,
            directory,
            state.baseOffset(),
            state.createdMs(),
            state.offsetIndexEntries(),
            state.timeIndexEntries(),
            state.transactionIndexEntries());
    segment.end = pack(nextOffset - state.baseOffset(), state.sizeInBytes());
    segment.maxTimestamp = state.maxTimestamp();
    segment.offsetOfMaxTimestamp = state.offsetOfMaxTimestamp();
    segment.firstTimestamp = state.firstTimestamp();
    // A flush of the content is followed by one of the name; an empty file may have seen neither.
    segment.isNameDurable = state.sizeInBytes() > 0;
    return segment;
  }

  private static long pack(long relativeNextOffset, int size) {
    return relativeNextOffset << 32 | size;
  }

  long baseOffset() {
    return baseOffset;
  }

  SegmentFile file() {
    return file;
  }

  OffsetIndex offsetIndex() {
    return offsetIndex;
  }

  TimeIndex timeIndex() {
    return timeIndex;
  }

  TransactionIndex transactionIndex() {
    return transactionIndex;
  }

  /// Puts a transaction index in the place of one that is wrong.
  void replaceTransactionIndex(TransactionIndex rebuilt) {
    transactionIndex = rebuilt;
  }

  /// Next offset and size of one moment, for [#nextOffset(long)] and [#sizeInBytes(long)].
  long end() {
    return end;
  }

  long nextOffset(long ofEnd) {
    return baseOffset + (ofEnd >>> 32);
  }

  static int sizeInBytes(long ofEnd) {
    return (int) (ofEnd & UNSIGNED_INT);
  }

  int sizeInBytes() {
    return sizeInBytes(end);
  }

  /// -1 if no batch has a timestamp.
  long maxTimestamp() {
    return maxTimestamp;
  }

  /// The last offset of the batch that has the maximum timestamp.
  long offsetOfMaxTimestamp() {
    return offsetOfMaxTimestamp;
  }

  /// What retention by time goes by: the maximum timestamp, or when the segment was made if its
  /// records have none.
  long retentionTimestamp() {
    return maxTimestamp >= 0 ? maxTimestamp : createdMs;
  }

  boolean isDurable() {
    return isDurable;
  }

  void markDurable() {
    isDurable = true;
  }

  boolean isNameDurable() {
    return isNameDurable;
  }

  void markNameDurable() {
    isNameDurable = true;
  }

  /// Whether `offset` can be told from the base offset in the four bytes of an index entry.
  boolean canHold(long offset) {
    return offset - baseOffset <= Integer.MAX_VALUE;
  }

  /// Whether the next append, of `bytes` up to `lastOffset` with `timestamp`, has to go to a new
  /// segment. `jitterMs` is taken off `segment.ms`.
  boolean mustRoll(
      LogConfig config, long jitterMs, int bytes, long lastOffset, long timestamp, long nowMs) {
    int size = sizeInBytes();
    if (size == 0) {
      return !canHold(lastOffset);
    }
    long age = firstTimestamp >= 0 ? timestamp - firstTimestamp : nowMs - createdMs;
    return size > config.segmentBytes() - bytes
        || age > config.segmentMs() - jitterMs
        || offsetIndex.isFull(config.segmentIndexBytes())
        || timeIndex.isFull(config.segmentIndexBytes())
        || !canHold(lastOffset);
  }

  /// Writes whole batches at the end of the file. They become part of the segment by [#add], one
  /// after the other.
  void write(ByteBuffer batches) throws IOException {
    Disk.File open = file.acquire();
    try {
      open.write(batches, sizeInBytes());
    } finally {
      file.release();
    }
  }

  /// Takes in a batch that is in the file at the end of the segment, and indexes it if
  /// `indexIntervalBytes` have passed since the last one that was.
  void add(int batchBytes, long lastOffset, long batchMaxTimestamp, int indexIntervalBytes)
      throws IOException {
    int position = sizeInBytes();
    if (position == 0) {
      firstTimestamp = batchMaxTimestamp;
    }
    if (batchMaxTimestamp > maxTimestamp) {
      offsetOfMaxTimestamp = lastOffset;
      maxTimestamp = batchMaxTimestamp;
    }
    if (bytesSinceIndexEntry > indexIntervalBytes) {
      offsetIndex.append(lastOffset, position);
      timeIndex.appendIfLater(maxTimestamp, offsetOfMaxTimestamp);
      bytesSinceIndexEntry = 0;
    }
    bytesSinceIndexEntry += batchBytes;
    end = pack(lastOffset + 1 - baseOffset, position + batchBytes);
  }

  /// Nothing more will be appended: completes the time index and writes the indexes to their files.
  void seal() throws IOException {
    if (maxTimestamp >= 0) {
      timeIndex.appendIfLater(maxTimestamp, offsetOfMaxTimestamp);
    }
    offsetIndex.file().writeAll();
    timeIndex.file().writeAll();
    transactionIndex.file().writePending();
  }

  /// Writes the index entries that are only in memory.
  void writeIndexes() throws IOException {
    offsetIndex.file().writePending();
    timeIndex.file().writePending();
    transactionIndex.file().writePending();
  }

  /// Makes the content durable; for a sealed segment its indexes too.
  void force(boolean isSealed) throws IOException {
    Disk.File open = file.acquire();
    try {
      open.force();
    } finally {
      file.release();
    }
    if (isSealed) {
      offsetIndex.file().force();
      timeIndex.file().force();
      if (transactionIndex.file().count() > 0) {
        transactionIndex.file().force();
      }
    }
  }

  /// Makes the indexes of offsets and times anew from the headers of the batches. Returns the
  /// position up to which they could be read: the size of the segment, if all is well.
  int rebuildIndexes(Disk disk, Path directory, int indexIntervalBytes, boolean isSealed)
      throws IOException {
    offsetIndex.file().delete();
    timeIndex.file().delete();
    OffsetIndex newOffsets = new OffsetIndex(disk, directory, baseOffset, 0);
    TimeIndex newTimes = new TimeIndex(disk, directory, baseOffset, 0);
    IndexBuilder builder = new IndexBuilder(newOffsets, newTimes, indexIntervalBytes);
    int size = sizeInBytes();
    Disk.File open = file.acquire();
    int stop;
    try {
      stop = new SegmentScanner(open, size).scan(0, size, baseOffset, false, builder);
    } finally {
      file.release();
    }
    offsetIndex = newOffsets;
    timeIndex = newTimes;
    bytesSinceIndexEntry = 0;
    if (isSealed) {
      seal();
    }
    return stop;
  }

  /// Cuts the file off, and forgets what came after.
  void truncateFile(int size) throws IOException {
    Disk.File open = file.acquire();
    try {
      open.truncate(size);
    } finally {
      file.release();
    }
  }

  /// Renames the files, so that a restart does not take them for a segment.
  void rename(String addition) throws IOException {
    file.rename(addition);
    offsetIndex.file().rename(addition);
    timeIndex.file().rename(addition);
    transactionIndex.file().rename(addition);
  }

  void deleteFiles() throws IOException {
    file.retire();
    file.delete();
    offsetIndex.file().delete();
    timeIndex.file().delete();
    transactionIndex.file().delete();
  }

  /// What a checkpoint keeps of this segment.
  SegmentState state() {
    return new SegmentState(
        baseOffset,
        sizeInBytes(),
        maxTimestamp,
        offsetOfMaxTimestamp,
        firstTimestamp,
        createdMs,
        offsetIndex.file().count(),
        timeIndex.file().count(),
        transactionIndex.file().count());
  }

  @Override
  public String toString() {
    return LogNames.file(baseOffset, LogNames.LOG);
  }
}
