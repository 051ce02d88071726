package io.millrace.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reading side of a log: checks what is asked for, looks it up, and mends an index that turns
/// out to be wrong. Takes no lock unless there is something to mend.
final class LookUps {
  private static final Logger LOG = LoggerFactory.getLogger(LookUps.class);

  private static final List<AbortedTransaction> NONE_ABORTED = List.of();

  private final PartitionLog log;
  private final Path path;
  private final LogReader reader;
  private final TimeLookup times;

  LookUps(PartitionLog log, Path path) {
    this.log = log;
    this.path = path;
    this.reader = new LogReader(log.segments);
    this.times = new TimeLookup(log.segments, reader);
  }

  LogSlice read(long offset, int maxBytes, long upperBoundOffset, boolean atLeastOneBatch)
      throws IOException {
    long end = log.logEndOffset();
    checkRange(offset, end);
    long bound = Math.min(upperBoundOffset, end);
    if (offset >= bound) {
      return LogSlice.none();
    }
    return run(
        offset, () -> reader.read(offset, bound, maxBytes, atLeastOneBatch, log.flushPoint()));
  }

  Optional<TimestampAndOffset> first(long timestamp, long upperBoundOffset) throws IOException {
    long start = log.logStartOffset();
    return run(start, () -> times.first(timestamp, start, upperBoundOffset));
  }

  Optional<TimestampAndOffset> max() throws IOException {
    return run(log.logStartOffset(), times::max);
  }

  List<AbortedTransaction> aborted(long fetchOffset, long upperBound) throws IOException {
    try {
      return collectAborted(fetchOffset, upperBound);
    } catch (CorruptIndexException e) {
      LOG.warn("{}: {}; rebuilding the index", log.partition(), e.getMessage());
    } catch (NoSuchFileException e) {
      // Either retention has deleted the segment meanwhile, or an index file is gone.
      if (log.isClosed()) {
        throw e;
      }
    }
    rebuildTransactionIndexes(fetchOffset);
    return collectAborted(fetchOffset, upperBound);
  }

  private List<AbortedTransaction> collectAborted(long fetchOffset, long upperBound)
      throws IOException {
    Segment[] all = log.segments.all();
    List<AbortedTransaction> found = NONE_ABORTED;
    for (int i = Math.max(0, LogSegments.floor(all, fetchOffset)); i < all.length; i++) {
      TransactionIndex index = all[i].transactionIndex();
      if (index.file().count() > 0) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        if (index.collect(fetchOffset, upperBound, found)) {
          break;
        }
      }
    }
    return found;
  }

  private void rebuildTransactionIndexes(long offset) throws IOException {
    log.lock().lock();
    try {
      log.ensureWritable();
      Segment[] all = log.segments.all();
      log.rebuildTransactionIndexes(Math.max(0, LogSegments.floor(all, offset)));
    } finally {
      log.lock().unlock();
    }
  }

  /// The transaction index of segment number `index`, all of which can be read. Called under the
  /// lock.
  TransactionIndex checkedTransactionIndex(int index) throws IOException {
    Segment segment = log.segments.all()[index];
    try {
      segment.transactionIndex().check(segment.baseOffset(), segment.nextOffset(segment.end()));
    } catch (CorruptIndexException | NoSuchFileException e) {
      LOG.warn("{}: {}; rebuilding the index", log.partition(), e.getMessage());
      log.rebuildTransactionIndexes(index);
    }
    return segment.transactionIndex();
  }

  /// As [LogReader#positionOf].
  int positionOf(Segment segment, long offset) throws IOException {
    return reader.positionOf(segment, offset, null);
  }

  private void checkRange(long offset, long end) {
    long start = log.logStartOffset();
    if (offset < start || offset > end) {
      throw new OffsetOutOfRangeException(
          "offset " + offset + " of " + log.partition() + " is outside of " + start + " to " + end);
    }
  }

  private interface LookUp<T> {
    T run() throws IOException;
  }

  /// Runs a look-up; if an index turns out to be wrong, rebuilds the indexes and runs it again.
  private <T> T run(long offset, LookUp<T> lookUp) throws IOException {
    try {
      return lookUp.run();
    } catch (CorruptIndexException e) {
      LOG.warn("{}: {}; rebuilding the indexes from there on", log.partition(), e.getMessage());
    } catch (NoSuchFileException e) {
      // Either retention has deleted the segment meanwhile, or an index file is gone.
      checkRange(offset, log.logEndOffset());
      if (log.isClosed()) {
        throw e;
      }
    }
    rebuildIndexes(offset);
    return lookUp.run();
  }

  private void rebuildIndexes(long offset) throws IOException {
    log.lock().lock();
    try {
      log.ensureWritable();
      Segment[] all = log.segments.all();
      for (int i = Math.max(0, LogSegments.floor(all, offset)); i < all.length; i++) {
        int stop = log.rebuildIndexes(all[i], i < all.length - 1);
        if (stop < all[i].sizeInBytes()) {
          throw new IOException(
              path + ": the batch at position " + stop + " of " + all[i] + " is damaged");
        }
      }
    } finally {
      log.lock().unlock();
    }
  }
}
