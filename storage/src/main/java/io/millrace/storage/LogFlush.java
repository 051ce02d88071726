package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of a log is not on stable storage yet, and how it gets there: its segments, the names of
/// their files, and the small files beside them. The fields are guarded by the lock of the log;
/// fsyncs run without it.
final class LogFlush {
  /// A snapshot of the producers is due when so much was appended since the last: it bounds what is
  /// read to collect them after a crash.
  private static final int BYTES_PER_SNAPSHOT = 64 << 20;

  private static final int SNAPSHOTS_KEPT = 3;

  private final PartitionLog log;
  private final LogDirectory directory;
  private final Path path;

  /// Whether the log waits in the flusher's queue.
  private boolean isQueued;

  /// Whether the directory of the log is still to be made durable, as it is with the first flush.
  private boolean isDirectoryNew;

  private boolean haveEpochsChanged;

  /// When the oldest unflushed append was made, by the wall clock; only for `flush.ms`. -1: none.
  private long unflushedSinceMs = -1;

  private long snapshotOffset;
  private @Nullable Segment snapshotSegment;
  private int snapshotPosition;

  /// Offsets of the snapshots that this process wrote, made with the first.
  private @Nullable ArrayDeque<Long> snapshots;

  /// Counts truncations: a flush that one overtook says nothing about what is there now.
  private int truncations;

  LogFlush(
      PartitionLog log,
      LogDirectory directory,
      Path path,
      boolean isDirectoryNew,
      long snapshotOffset) {
    this.log = log;
    this.directory = directory;
    this.path = path;
    this.isDirectoryNew = isDirectoryNew;
    this.snapshotOffset = snapshotOffset;
  }

  /// Queues the log if its configuration wants what is unflushed to be flushed now. Called under
  /// the lock, with each append.
  void requestIfDue(LogConfig config) {
    if (isQueued) {
      return;
    }
    long unflushed = log.logEndOffset() - log.flushedOffset();
    if (config.durability() == Durability.FSYNC
        ? unflushed > 0
        : unflushed >= config.flushMessages()) {
      request();
    } else if (config.flushMs() != Long.MAX_VALUE && unflushed > 0 && unflushedSinceMs < 0) {
      unflushedSinceMs = directory.host().clock().wallMs();
    }
  }

  /// Queues the log. Called under the lock.
  void request() {
    if (!isQueued) {
      isQueued = true;
      directory.flusher().enqueue(log);
    }
  }

  /// Queues the log if `flush.ms` have passed.
  void requestIfOld(long nowMs) {
    log.lock().lock();
    try {
      if (unflushedSinceMs >= 0 && nowMs - unflushedSinceMs >= log.config().flushMs()) {
        request();
      }
    } finally {
      log.lock().unlock();
    }
  }

  void noteEpochsChanged() {
    haveEpochsChanged = true;
  }

  /// Called under the lock after a truncation.
  void noteTruncated() {
    truncations++;
    if (snapshotOffset > log.logEndOffset()) {
      snapshotOffset = -1;
      snapshotSegment = null;
    }
  }

  /// What one flush has to do.
  private record Work(FlushPoint point, List<Segment> segments, int truncations) {}

  /// Makes all that is appended so far durable, and tells the log's listener if that was anything.
  void run() throws IOException {
    Work work = begin();
    if (work == null) {
      return;
    }
    try {
      force(work);
    } catch (IOException e) {
      if (isStillThere(work)) {
        throw e;
      }
      // A truncation or retention has removed a segment meanwhile. What is there now comes next.
      retry();
      return;
    }
    if (finish(work)) {
      directory.noteChanged();
      Runnable listener = log.flushListener();
      if (listener != null) {
        listener.run();
      }
    }
  }

  private @Nullable Work begin() throws IOException {
    log.lock().lock();
    try {
      isQueued = false;
      unflushedSinceMs = -1;
      directory.ensureNotFailed();
      FlushPoint point = FlushPoint.atEndOf(log.segments.active());
      FlushPoint last = log.flushPoint();
      if (point.segment() == last.segment() && point.position() == last.position()) {
        return null;
      }
      Segment[] all = log.segments.all();
      List<Segment> unflushed = new ArrayList<>(2);
      for (int i = all.length - 1; i >= 0 && !all[i].isDurable(); i--) {
        if (all[i].baseOffset() < last.segment().baseOffset()) {
          break;
        }
        unflushed.add(all[i]);
      }
      return new Work(point, unflushed.reversed(), truncations);
    } finally {
      log.lock().unlock();
    }
  }

  /// The files first, then their names: in the end all of it counts, or nothing.
  private void force(Work work) throws IOException {
    Disk disk = directory.host().disk();
    boolean hasNewNames = false;
    for (Segment segment : work.segments()) {
      segment.force(segment != work.point().segment());
      hasNewNames |= !segment.isNameDurable();
    }
    if (hasNewNames || isDirectoryNew) {
      disk.forceDirectory(path);
    }
    if (isDirectoryNew) {
      directory.forceNames();
    }
  }

  private boolean isStillThere(Work work) {
    log.lock().lock();
    try {
      return work.truncations() == truncations
          && List.of(log.segments.all()).containsAll(work.segments());
    } finally {
      log.lock().unlock();
    }
  }

  private void retry() {
    log.lock().lock();
    try {
      request();
    } finally {
      log.lock().unlock();
    }
  }

  private boolean finish(Work work) {
    log.lock().lock();
    try {
      if (work.truncations() != truncations) {
        return false;
      }
      isDirectoryNew = false;
      for (Segment segment : work.segments()) {
        segment.markNameDurable();
        if (segment != work.point().segment()) {
          segment.markDurable();
        }
      }
      if (work.point().offset() < log.flushedOffset()) {
        return false;
      }
      log.setFlushPoint(work.point());
      return true;
    } finally {
      log.lock().unlock();
    }
  }

  /// Writes a snapshot of the producers as of the end of the log. It need not be durable: one that
  /// a crash destroys does not check, and is made up for by reading batch headers. Called under the
  /// lock.
  void writeSnapshot() throws IOException {
    long offset = log.logEndOffset();
    if (log.producers.isEmpty() || snapshotOffset == offset) {
      return;
    }
    Disk disk = directory.host().disk();
    ProducerSnapshot.write(disk, path, offset, ProducerSnapshot.encode(log.producers));
    ArrayDeque<Long> kept = snapshots;
    if (kept == null) {
      kept = snapshots = new ArrayDeque<>(SNAPSHOTS_KEPT + 1);
      if (snapshotOffset >= 0) {
        kept.add(snapshotOffset);
      }
    }
    kept.add(offset);
    if (kept.size() > SNAPSHOTS_KEPT) {
      disk.delete(ProducerSnapshot.path(path, kept.removeFirst()));
    }
    snapshotOffset = offset;
    snapshotSegment = log.segments.active();
    snapshotPosition = log.segments.active().sizeInBytes();
  }

  /// The state of the log for a checkpoint, after writing what it refers to; null if the log was
  /// closed meanwhile, and perhaps deleted.
  @Nullable LogState checkpoint() throws IOException {
    log.lock().lock();
    try {
      if (log.isClosed()) {
        return null;
      }
      log.segments.active().writeIndexes();
      Segment active = log.segments.active();
      int since = active.sizeInBytes() - (snapshotSegment == active ? snapshotPosition : 0);
      if (since >= BYTES_PER_SNAPSHOT) {
        writeSnapshot();
      }
      writeEpochs();
      return state(false);
    } finally {
      log.lock().unlock();
    }
  }

  /// The state of a log that is closed, all of which has been flushed.
  LogState close() throws IOException {
    log.lock().lock();
    try {
      log.segments.active().writeIndexes();
      writeSnapshot();
      writeEpochs();
      boolean isExact = log.flushedOffset() == log.logEndOffset();
      return state(isExact);
    } finally {
      log.lock().unlock();
    }
  }

  private void writeEpochs() throws IOException {
    if (haveEpochsChanged) {
      SmallFile.replaceLazily(
          directory.host().disk(), path.resolve(LogNames.LEADER_EPOCHS), log.epochs.toText());
      haveEpochsChanged = false;
    }
  }

  private LogState state(boolean isExact) {
    FlushPoint point = log.flushPoint();
    List<SegmentState> states = new ArrayList<>();
    for (Segment segment : log.segments.all()) {
      if (segment.baseOffset() < point.segment().baseOffset()) {
        states.add(segment.state());
      }
    }
    states.add(point.state());
    return new LogState(
        log.partition(),
        log.topicId(),
        isExact,
        log.logStartOffset(),
        point.offset(),
        !log.producers.isEmpty(),
        snapshotOffset,
        states,
        log.epochs.entries());
  }
}
