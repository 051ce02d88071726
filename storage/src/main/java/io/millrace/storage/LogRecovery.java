package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Opens the files of a log that was there before: at once if it was closed in order, otherwise
/// after looking at what follows its flushed point. [RecoveryCase] is the table of what it may
/// find.
///
/// One object opens one log. Nothing else uses the directory meanwhile.
final class LogRecovery {
  private static final int COPY_BYTES = 1 << 20;

  /// What was found. All of it is on stable storage.
  record Opened(
      List<Segment> segments,
      long logStartOffset,
      long endOffset,
      LeaderEpochs epochs,
      ProducerStates producers,
      long snapshotOffset,
      Set<RecoveryCase> cases,
      List<String> setAside) {}

  private final Disk disk;
  private final Path directory;
  private final LogConfig config;
  private final @Nullable LogState state;
  private final long logStartOffset;
  private final int maxProducers;
  private final long nowMs;
  private final EnumSet<RecoveryCase> cases = EnumSet.noneOf(RecoveryCase.class);
  private final List<Segment> segments = new ArrayList<>();
  private final LeaderEpochs epochs;

  /// The offset after all that was accepted so far.
  private long endOffset;

  /// From where on the transaction indexes lack what is in the log.
  private long unindexedFrom;

  private boolean sawProducers;
  private boolean mustForce;

  /// Recovery of the log in `directory`, of which the last checkpoint says `state`, and whose
  /// records are known to be deleted up to `logStartOffset`.
  LogRecovery(
      Disk disk,
      Path directory,
      LogConfig config,
      @Nullable LogState state,
      long logStartOffset,
      int maxProducers,
      long nowMs) {
    this.disk = disk;
    this.directory = directory;
    this.config = config;
    this.state = state;
    this.logStartOffset = state == null ? logStartOffset : state.logStartOffset();
    this.maxProducers = maxProducers;
    this.nowMs = nowMs;
    this.epochs = new LeaderEpochs(state == null ? List.of() : state.epochs());
    this.unindexedFrom = state == null ? 0 : state.endOffset();
  }

  /// A log that is new, in an empty directory. It becomes durable with its first flush.
  static Opened create(Disk disk, Path directory, int maxProducers, long nowMs) throws IOException {
    return new Opened(
        List.of(Segment.create(disk, directory, 0, nowMs)),
        0,
        0,
        new LeaderEpochs(List.of()),
        new ProducerStates(maxProducers),
        -1,
        Set.of(),
        List.of());
  }

  Opened open() throws IOException {
    if (state != null && state.isExact() && hasSizes(state)) {
      return openClean(state);
    }
    LogFiles files = LogFiles.in(disk, directory);
    note(files.hadLeftovers(), RecoveryCase.LEFTOVERS_REMOVED);
    note(files.hadSwap(), RecoveryCase.SWAP_SET_ASIDE);
    note(state == null, RecoveryCase.NO_CHECKPOINT);
    mustForce = state == null;
    sawProducers = state != null && state.hasProducers();
    if (files.segments().isEmpty()) {
      note(state != null && hadRecords(state), RecoveryCase.ALL_SEGMENTS_MISSING);
      startAt(state == null ? logStartOffset : state.endOffset());
      files.removeSnapshotsAbove(-1);
    } else {
      openSegments(files);
    }
    return finish(files);
  }

  /// A new log may be in the checkpoint before its first file is on stable storage.
  private static boolean hadRecords(LogState state) {
    return state.endOffset() > 0
        || state.segments().stream().anyMatch(segment -> segment.sizeInBytes() > 0);
  }

  private void note(boolean applies, RecoveryCase found) {
    if (applies) {
      cases.add(found);
    }
  }

  private boolean hasSizes(LogState exact) throws IOException {
    for (SegmentState segment : exact.segments()) {
      Path path = directory.resolve(LogNames.file(segment.baseOffset(), LogNames.LOG));
      try {
        if (disk.size(path) != segment.sizeInBytes()) {
          return false;
        }
      } catch (NoSuchFileException e) {
        return false;
      }
    }
    return !exact.segments().isEmpty();
  }

  private Opened openClean(LogState exact) throws IOException {
    cases.add(RecoveryCase.CLEAN);
    endOffset = exact.endOffset();
    List<SegmentState> known = exact.segments();
    for (int i = 0; i < known.size(); i++) {
      segments.add(existing(known, i, endOffset));
    }
    ProducerStates producers = new ProducerStates(maxProducers);
    if (exact.hasProducers()
        && !ProducerSnapshot.read(disk, directory, endOffset, producers, nowMs)) {
      for (int i = 0; i < known.size(); i++) {
        checkTransactionIndex(segments.get(i), known.get(i), i == known.size() - 1);
      }
      return finish(LogFiles.in(disk, directory));
    }
    return new Opened(
        segments,
        exact.logStartOffset(),
        endOffset,
        epochs,
        producers,
        exact.snapshotOffset(),
        cases,
        List.of());
  }

  private Segment existing(List<SegmentState> known, int index, long lastNextOffset) {
    long next = index + 1 < known.size() ? known.get(index + 1).baseOffset() : lastNextOffset;
    return Segment.existing(disk, directory, known.get(index), next);
  }

  private void openSegments(LogFiles files) throws IOException {
    List<SegmentState> known = new ArrayList<>(state == null ? List.of() : state.segments());
    // Retention deletes from the front, and may have since the checkpoint.
    known.removeIf(segment -> segment.baseOffset() < files.segments().getFirst());
    endOffset = known.isEmpty() ? files.segments().getFirst() : known.getFirst().baseOffset();
    List<Long> bases = List.copyOf(files.segments());
    int flushedSize = 0;
    for (int i = 0; i < known.size(); i++) {
      if (!openFlushed(files, bases, known, i)) {
        return;
      }
      flushedSize = known.get(i).sizeInBytes();
    }
    if (!known.isEmpty()) {
      int last = known.size() - 1;
      if (!scan(files, segments.get(last), flushedSize, flushedSize)) {
        return;
      }
    }
    for (long base : bases.subList(known.size(), bases.size())) {
      if (base < endOffset) {
        setAside(files, base, 0, RecoveryCase.DAMAGED_BEFORE_VALID);
        return;
      }
      if (state != null && base > endOffset) {
        // The name of an unflushed segment was lost, that of a later one was not.
        cases.add(RecoveryCase.TORN_TAIL);
        mustForce = true;
        removeFrom(files, base);
        return;
      }
      if (!segments.isEmpty()) {
        segments.getLast().seal();
      }
      // A gap before a segment is nothing unusual on a follower of a compacted log.
      endOffset = base;
      Segment segment = unread(base);
      segments.add(segment);
      if (!scan(files, segment, 0, 0)) {
        return;
      }
    }
  }

  /// Opens a segment that the checkpoint knows. False if that ends the log.
  private boolean openFlushed(LogFiles files, List<Long> bases, List<SegmentState> known, int index)
      throws IOException {
    SegmentState expected = known.get(index);
    boolean isLast = index == known.size() - 1;
    if (index >= bases.size() || bases.get(index) != expected.baseOffset()) {
      setAside(files, expected.baseOffset(), 0, RecoveryCase.SEGMENT_MISSING);
      return false;
    }
    int size = files.segmentSize(expected.baseOffset());
    if (size < expected.sizeInBytes()) {
      setAsideUnread(
          files,
          expected.baseOffset(),
          isLast ? RecoveryCase.DAMAGED_BELOW_FLUSHED : RecoveryCase.SEGMENT_MISSING);
      return false;
    }
    Segment segment = existing(known, index, state().endOffset());
    endOffset = segment.nextOffset(segment.end());
    segments.add(segment);
    if (!isLast && size > expected.sizeInBytes()) {
      cases.add(RecoveryCase.SEALED_SEGMENT_LONGER);
      segment.truncateFile(expected.sizeInBytes());
    }
    if (!IndexCheck.isUsable(disk, segment, expected, isLast)) {
      cases.add(RecoveryCase.INDEX_REBUILT);
      int readable = segment.rebuildIndexes(disk, directory, config.indexIntervalBytes(), !isLast);
      if (readable < expected.sizeInBytes()) {
        setAsideUnread(files, expected.baseOffset(), RecoveryCase.DAMAGED_BELOW_FLUSHED);
        return false;
      }
    }
    checkTransactionIndex(segment, expected, isLast);
    return true;
  }

  /// Empties a transaction index that is wrong, to be filled when the producers are collected.
  private void checkTransactionIndex(Segment segment, SegmentState expected, boolean isLast)
      throws IOException {
    if (!IndexCheck.isTransactionIndexUsable(disk, segment, expected, isLast)) {
      cases.add(RecoveryCase.INDEX_REBUILT);
      segment.transactionIndex().file().delete();
      segment.replaceTransactionIndex(
          new TransactionIndex(disk, directory, segment.baseOffset(), 0));
      unindexedFrom = Math.min(unindexedFrom, segment.baseOffset());
      sawProducers = true;
    }
  }

  private LogState state() {
    LogState known = state;
    if (known == null) {
      throw new IllegalStateException("there is no checkpoint of " + directory);
    }
    return known;
  }

  private Segment unread(long base) throws IOException {
    Segment segment = Segment.existing(disk, directory, SegmentState.unread(base, nowMs), base);
    segment.offsetIndex().file().delete();
    segment.timeIndex().file().delete();
    segment.transactionIndex().file().delete();
    return segment;
  }

  /// Reads a segment from a position on and takes in what is valid. Below `flushedSize` it has to
  /// be. False if the log ends in this segment because of what was found.
  private boolean scan(LogFiles files, Segment segment, int from, int flushedSize)
      throws IOException {
    int size = files.segmentSize(segment.baseOffset());
    if (size == from) {
      return true;
    }
    Disk.File file = segment.file().acquire();
    int stop;
    boolean isTorn;
    boolean isZero;
    try {
      SegmentScanner scanner = new SegmentScanner(file, size);
      stop = scanner.scan(from, size, endOffset, true, (w, at, p, n) -> accept(segment, w, at, n));
      if (stop > from) {
        cases.add(RecoveryCase.VALID_TAIL);
        mustForce = true;
      }
      if (stop == size) {
        return true;
      }
      isTorn = stop >= flushedSize && !isFollowedByValid(files, segment, scanner, stop);
      isZero = isTorn && scanner.isZeroFrom(stop);
    } finally {
      segment.file().release();
    }
    if (isTorn) {
      cutOff(files, segment, stop, isZero);
    } else {
      setAside(files, segment.baseOffset(), stop, RecoveryCase.DAMAGED_BEFORE_VALID);
    }
    return false;
  }

  private boolean accept(Segment segment, ByteBuffer window, int at, int size) throws IOException {
    long lastOffset = BatchHeader.lastOffset(window, at);
    int epoch = BatchHeader.leaderEpoch(window, at);
    if (epoch > epochs.latestEpoch()) {
      epochs.assign(epoch, BatchHeader.baseOffset(window, at));
    }
    sawProducers |= BatchHeader.hasProducerId(window, at);
    segment.add(
        size, lastOffset, BatchHeader.maxTimestamp(window, at), config.indexIntervalBytes());
    endOffset = lastOffset + 1;
    return true;
  }

  private boolean isFollowedByValid(
      LogFiles files, Segment segment, SegmentScanner scanner, int stop) throws IOException {
    if (scanner.hasValidBatchFrom(stop + 1, endOffset)) {
      return true;
    }
    for (long base : files.segments()) {
      int size = files.segmentSize(base);
      if (base > segment.baseOffset() && size > 0) {
        Path path = directory.resolve(LogNames.file(base, LogNames.LOG));
        try (Disk.File later = disk.openReadOnly(path)) {
          if (new SegmentScanner(later, size).hasValidBatchFrom(0, endOffset)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private void cutOff(LogFiles files, Segment segment, int position, boolean isZero)
      throws IOException {
    cases.add(isZero ? RecoveryCase.ZERO_TAIL : RecoveryCase.TORN_TAIL);
    segment.truncateFile(position);
    removeFrom(files, segment.baseOffset() + 1);
    mustForce = true;
  }

  private static void removeFrom(LogFiles files, long first) throws IOException {
    for (long base : List.copyOf(files.segments())) {
      if (base >= first) {
        files.remove(base);
      }
    }
  }

  /// As [#setAside], for a segment of which it is not known how much of it is valid.
  private void setAsideUnread(LogFiles files, long base, RecoveryCase why) throws IOException {
    int size = files.segmentSize(base);
    Path path = directory.resolve(LogNames.file(base, LogNames.LOG));
    int valid;
    try (Disk.File file = disk.openReadOnly(path)) {
      valid = new SegmentScanner(file, size).scan(0, size, base, true, (w, at, p, n) -> true);
    }
    setAside(files, base, valid, why);
  }

  /// Sets aside the segment `base` (if there is one) and all later ones, and puts a copy of the
  /// first `valid` bytes of the former in its place.
  private void setAside(LogFiles files, long base, int valid, RecoveryCase why) throws IOException {
    cases.add(why);
    mustForce = true;
    segments.removeIf(segment -> segment.baseOffset() >= base);
    Path damaged = null;
    for (long other : List.copyOf(files.segments())) {
      if (other >= base) {
        Path moved = files.quarantine(other);
        damaged = other == base ? moved : damaged;
      }
    }
    endOffset = base;
    unindexedFrom = Math.min(unindexedFrom, base);
    if (valid > 0 && damaged != null) {
      Segment copy = Segment.create(disk, directory, base, nowMs);
      segments.add(copy);
      copy(damaged, copy, valid);
    } else if (segments.isEmpty()) {
      startAt(base);
    }
    epochs.truncateFromEnd(endOffset);
  }

  private void copy(Path damaged, Segment target, int size) throws IOException {
    try (Disk.File source = disk.openReadOnly(damaged)) {
      Disk.File file = target.file().acquire();
      try {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(size, COPY_BYTES));
        for (int position = 0; position < size; ) {
          buffer.clear().limit(Math.min(buffer.capacity(), size - position));
          source.read(buffer, position);
          file.write(buffer.flip(), position);
          position += buffer.limit();
        }
        new SegmentScanner(file, size)
            .scan(0, size, endOffset, false, (w, at, p, n) -> accept(target, w, at, n));
      } finally {
        target.file().release();
      }
    }
  }

  private void startAt(long offset) throws IOException {
    segments.add(Segment.create(disk, directory, offset, nowMs));
    endOffset = offset;
    mustForce = true;
  }

  private Opened finish(LogFiles files) throws IOException {
    long start = Math.max(logStartOffset, segments.getFirst().baseOffset());
    if (start > endOffset) {
      cases.add(RecoveryCase.START_BEYOND_END);
      for (Segment segment : segments) {
        files.remove(segment.baseOffset());
      }
      segments.clear();
      startAt(start);
      files.removeSnapshotsAbove(-1);
    }
    epochs.truncateFromEnd(endOffset);
    epochs.truncateFromStart(start);
    if (files.removeSnapshotsAbove(endOffset)) {
      // One that came back would be taken for one of what is written from here on.
      disk.forceDirectory(directory);
    }
    ProducerStates producers = new ProducerStates(maxProducers);
    long snapshotOffset = -1;
    if (sawProducers || (state != null && state.hasProducers())) {
      ProducerReplay replay = replay(producers).load(files, endOffset);
      snapshotOffset = replay.snapshotOffset();
      note(state != null && snapshotOffset < state.snapshotOffset(), RecoveryCase.SNAPSHOT_REBUILT);
      Segment unreadable = run(files, replay);
      if (unreadable != null) {
        setAsideUnread(files, unreadable.baseOffset(), RecoveryCase.DAMAGED_BELOW_FLUSHED);
        return finish(files);
      }
    }
    force();
    note(cases.isEmpty(), RecoveryCase.ENDS_AT_FLUSHED);
    return new Opened(
        segments, start, endOffset, epochs, producers, snapshotOffset, cases, files.setAside());
  }

  private ProducerReplay replay(ProducerStates producers) {
    return new ProducerReplay(disk, directory, segments, nowMs, producers);
  }

  /// Collects the producers, and what the transaction indexes lack: if that begins below the
  /// snapshot, from an older one. Returns a segment that could not be read.
  private @Nullable Segment run(LogFiles files, ProducerReplay replay) throws IOException {
    ProducerReplay.Sink indexes =
        (segment, transaction) -> segment.transactionIndex().appendIfLater(transaction);
    if (unindexedFrom < Math.min(endOffset, replay.snapshotOffset())) {
      ProducerReplay older = replay(new ProducerStates(maxProducers)).load(files, unindexedFrom);
      older.run(indexes);
      if (older.unreadable() != null) {
        return older.unreadable();
      }
    }
    replay.run(indexes);
    for (Segment segment : segments) {
      segment.transactionIndex().file().writePending();
    }
    return replay.unreadable();
  }

  /// What was accepted is on stable storage before anybody sees it: a reader could otherwise have
  /// seen records that the next crash takes away.
  private void force() throws IOException {
    if (!mustForce) {
      return;
    }
    for (int i = 0; i < segments.size(); i++) {
      boolean isSealed = i < segments.size() - 1;
      segments.get(i).force(isSealed);
      segments.get(i).markNameDurable();
    }
    disk.forceDirectory(directory);
  }
}
