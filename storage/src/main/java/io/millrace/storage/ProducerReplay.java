package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects the producer states of a log as of its end: from the youngest snapshot that can be
/// read, and the batch headers after it.
final class ProducerReplay {
  private final Disk disk;
  private final Path directory;
  private final List<Segment> segments;
  private final long endOffset;
  private final long nowMs;
  private long snapshotOffset = -1;
  private @Nullable Segment unreadable;

  ProducerReplay(Disk disk, Path directory, List<Segment> segments, long endOffset, long nowMs) {
    this.disk = disk;
    this.directory = directory;
    this.segments = segments;
    this.endOffset = endOffset;
    this.nowMs = nowMs;
  }

  /// Fills `states`. Returns whether the snapshot as of `wanted` (-1: none in particular) or a
  /// younger one was used.
  boolean run(LogFiles files, long wanted, ProducerStates states) throws IOException {
    for (long offset : files.snapshots().reversed()) {
      if (offset <= endOffset && ProducerSnapshot.read(disk, directory, offset, states, nowMs)) {
        snapshotOffset = offset;
        break;
      }
    }
    replay(states);
    return snapshotOffset >= wanted;
  }

  /// The snapshot that was used, -1 if none.
  long snapshotOffset() {
    return snapshotOffset;
  }

  /// A segment whose headers could not be read to its end.
  @Nullable Segment unreadable() {
    return unreadable;
  }

  private void replay(ProducerStates states) throws IOException {
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
                        states.add(window, at, nowMs);
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
      return segment.offsetIndex().floorOffset(offset).position();
    } catch (IOException indexUnreadable) {
      return 0;
    }
  }
}
