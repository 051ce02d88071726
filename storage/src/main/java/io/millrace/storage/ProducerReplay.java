package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects the producer states of a log as of its end: from a snapshot, and the batch headers
/// after it. What is aborted on the way is given to a [Sink].
final class ProducerReplay {
  /// Takes an aborted transaction whose marker is in `segment`.
  interface Sink {
    void aborted(Segment segment, EndedTransaction transaction) throws IOException;
  }

  private final Disk disk;
  private final Path directory;
  private final List<Segment> segments;
  private final long nowMs;
  private final ProducerStates states;
  private long snapshotOffset = -1;
  private @Nullable Segment unreadable;

  /// Fills `states`, which are empty.
  ProducerReplay(
      Disk disk, Path directory, List<Segment> segments, long nowMs, ProducerStates states) {
    this.disk = disk;
    this.directory = directory;
    this.segments = segments;
    this.nowMs = nowMs;
    this.states = states;
  }

  /// Reads the youngest of the snapshots at or below `limit` that can be read, if there is one.
  ProducerReplay load(LogFiles files, long limit) throws IOException {
    for (long offset : files.snapshots().reversed()) {
      if (offset <= limit && ProducerSnapshot.read(disk, directory, offset, states, nowMs)) {
        snapshotOffset = offset;
        break;
      }
    }
    return this;
  }

  /// The snapshot that was read, -1 if none was.
  long snapshotOffset() {
    return snapshotOffset;
  }

  /// A segment whose headers could not be read to its end.
  @Nullable Segment unreadable() {
    return unreadable;
  }

  /// Reads the batches after the snapshot.
  void run(Sink sink) throws IOException {
    long from = Math.max(0, snapshotOffset);
    for (Segment segment : segments) {
      int size = segment.sizeInBytes();
      if (segment.nextOffset(segment.end()) <= from || size == 0) {
        continue;
      }
      int start = startOf(segment, from);
      Disk.File file = segment.file().acquire();
      try {
        int stop =
            new SegmentScanner(file, size)
                .scan(
                    start,
                    size,
                    segment.baseOffset(),
                    false,
                    (window, at, position, bytes) -> {
                      if (BatchHeader.baseOffset(window, at) >= from) {
                        EndedTransaction ended = states.add(window, at, nowMs);
                        if (ended != null && ended.isAborted()) {
                          sink.aborted(segment, ended);
                        }
                      }
                      return true;
                    });
        if (stop < size) {
          unreadable = segment;
          return;
        }
      } finally {
        segment.file().release();
      }
    }
  }

  /// Where to begin to read for records from `offset` on: at a batch that is indexed, or at 0.
  private static int startOf(Segment segment, long offset) throws IOException {
    if (offset <= segment.baseOffset()) {
      return 0;
    }
    try {
      OffsetIndex.Entry entry = segment.offsetIndex().floorOffset(offset);
      return !entry.isNone() && isRight(segment, entry) ? entry.position() : 0;
    } catch (IOException indexUnreadable) {
      return 0;
    }
  }

  /// After a crash an index may have entries of what was in the file before.
  private static boolean isRight(Segment segment, OffsetIndex.Entry entry) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE);
    Disk.File file = segment.file().acquire();
    try {
      file.read(header, entry.position());
    } finally {
      segment.file().release();
    }
    return !header.hasRemaining()
        && BatchHeader.isPlausible(header, 0, segment.baseOffset())
        && BatchHeader.lastOffset(header, 0) == entry.lastOffset();
  }
}
