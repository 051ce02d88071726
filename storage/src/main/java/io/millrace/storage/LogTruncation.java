package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Takes the end, or all, of a log away.
final class LogTruncation {
  private final PartitionLog log;
  private final LogDirectory directory;
  private final Path path;
  private final Disk disk;

  LogTruncation(PartitionLog log, LogDirectory directory, Path path) {
    this.log = log;
    this.directory = directory;
    this.path = path;
    this.disk = directory.host().disk();
  }

  void truncateTo(long offset) throws IOException {
    if (offset <= log.segments.first().baseOffset()) {
      startAt(offset);
      return;
    }
    log.lock().lock();
    try {
      log.ensureWritable();
      Segment[] all = log.segments.all();
      int index = LogSegments.floor(all, offset);
      Segment last = all[index];
      forceUnflushed(all, index);
      int position = log.lookUps().positionOf(last, offset);
      TransactionIndex transactions = log.lookUps().checkedTransactionIndex(index);
      List<Segment> removed = log.segments.removeFrom(index + 1);
      deleteLater(removed);
      transactions.truncateTo(offset);
      Segment cut = cut(last, position, transactions.file().count());
      log.segments.replaceLast(cut);
      last.file().retire();
      long end = cut.nextOffset(cut.end());
      log.epochs.truncateFromEnd(end);
      finish(end, Math.min(log.logStartOffset(), end));
    } catch (IOException e) {
      throw log.isClosed() ? e : directory.fail(e);
    } finally {
      log.lock().unlock();
    }
    directory.checkpoint();
  }

  /// Makes the segments before number `end` durable: the end of the log is the flushed point then.
  private void forceUnflushed(Segment[] all, int end) throws IOException {
    long flushed = log.flushPoint().segment().baseOffset();
    for (int i = 0; i < end; i++) {
      if (all[i].baseOffset() >= flushed && !all[i].isDurable()) {
        all[i].force(true);
        all[i].markNameDurable();
        all[i].markDurable();
      }
    }
  }

  /// The first `size` bytes of a segment, with new indexes.
  private Segment cut(Segment segment, int size, int abortedTransactions) throws IOException {
    segment.truncateFile(size);
    SegmentState empty =
        SegmentState.unread(segment.baseOffset(), segment.state().createdMs())
            .withTransactionIndexEntries(abortedTransactions);
    Segment cut = Segment.existing(disk, path, empty, segment.baseOffset());
    cut.offsetIndex().file().delete();
    cut.timeIndex().file().delete();
    Disk.File file = cut.file().acquire();
    try {
      int interval = log.config().indexIntervalBytes();
      new SegmentScanner(file, size)
          .scan(
              0,
              size,
              segment.baseOffset(),
              false,
              (window, at, position, bytes) -> {
                cut.add(
                    bytes,
                    BatchHeader.lastOffset(window, at),
                    BatchHeader.maxTimestamp(window, at),
                    interval);
                return true;
              });
      file.force();
    } finally {
      cut.file().release();
    }
    return cut;
  }

  void startAt(long offset) throws IOException {
    log.lock().lock();
    try {
      log.ensureWritable();
      long nowMs = directory.host().clock().wallMs();
      // The names of the old files have to be free for the new segment.
      List<Segment> removed = List.of(log.segments.all());
      deleteLater(removed);
      log.segments.replaceAll(Segment.create(disk, path, offset, nowMs));
      log.epochs.clear();
      // What they say of producers and their transactions is of another log now.
      LogFiles.listed(disk, path).removeSnapshotsAbove(-1);
      finish(offset, offset);
    } catch (IOException e) {
      throw log.isClosed() ? e : directory.fail(e);
    } finally {
      log.lock().unlock();
    }
    directory.checkpoint();
  }

  private void finish(long end, long start) throws IOException {
    LogFiles files = LogFiles.listed(disk, path);
    files.removeSnapshotsAbove(end);
    // The names too, of what stays and of what goes: the checkpoint will say so, and a snapshot
    // that
    // came back would be taken for one of what is written from here on.
    disk.forceDirectory(path);
    directory.forceNames();
    log.setEnd(end);
    log.flushes().noteTruncated();
    log.producers.clear();
    new ProducerReplay(
            disk,
            path,
            List.of(log.segments.all()),
            directory.host().clock().wallMs(),
            log.producers)
        .load(files, end)
        .run((segment, transaction) -> {});
    log.undecided.noteTruncated(end);
    log.setLogStartOffset(start);
  }

  private void deleteLater(List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      segment.rename(LogNames.DELETED);
    }
    directory.deletions().add(segments, log.config().fileDeleteDelayMs());
  }

  /// Removes the first `count` segments, as retention decided.
  void deleteFirst(int count) throws IOException {
    log.lock().lock();
    try {
      if (log.isClosed()) {
        return;
      }
      if (count == log.segments.all().length) {
        log.roll(log.logEndOffset(), directory.host().clock().wallMs());
      }
      List<Segment> removed = log.segments.removeFirst(count);
      log.setLogStartOffset(Math.max(log.logStartOffset(), log.segments.first().baseOffset()));
      deleteLater(removed);
    } catch (IOException e) {
      throw log.isClosed() ? e : directory.fail(e);
    } finally {
      log.lock().unlock();
    }
    directory.noteChanged();
  }
}
