package io.millrace.storage;

import java.util.Arrays;
import java.util.List;

/// The segments of a log, by base offset. Readers see an immutable array; the log replaces it under
/// its lock. There is always at least one segment; the last is the active one, which is appended
/// to.
final class LogSegments {
  private volatile Segment[] segments;

  LogSegments(List<Segment> ascending) {
    segments = ascending.toArray(new Segment[0]);
  }

  /// Not to be changed.
  Segment[] all() {
    return segments;
  }

  Segment active() {
    Segment[] all = segments;
    return all[all.length - 1];
  }

  Segment first() {
    return segments[0];
  }

  /// The index in `all` of the last segment whose base offset is at or below `offset`, -1 if none.
  static int floor(Segment[] all, long offset) {
    int last = all.length - 1;
    if (all[last].baseOffset() <= offset) {
      return last;
    }
    int low = -1;
    int high = last - 1;
    while (low < high) {
      int middle = (low + high + 1) >> 1;
      if (all[middle].baseOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  void add(Segment segment) {
    Segment[] all = segments;
    Segment[] more = Arrays.copyOf(all, all.length + 1);
    more[all.length] = segment;
    segments = more;
  }

  /// Removes the first `count` segments, which may not be all.
  List<Segment> removeFirst(int count) {
    Segment[] all = segments;
    segments = Arrays.copyOfRange(all, count, all.length);
    return List.of(all).subList(0, count);
  }

  /// Removes the segments from index `from` (at least 1) on.
  List<Segment> removeFrom(int from) {
    Segment[] all = segments;
    segments = Arrays.copyOf(all, from);
    return List.of(all).subList(from, all.length);
  }

  /// Puts another segment in the place of the active one.
  void replaceLast(Segment segment) {
    Segment[] all = segments.clone();
    all[all.length - 1] = segment;
    segments = all;
  }

  /// Puts one segment in the place of all.
  void replaceAll(Segment segment) {
    segments = new Segment[] {segment};
  }

  long sizeInBytes() {
    long size = 0;
    for (Segment segment : segments) {
      size += segment.sizeInBytes();
    }
    return size;
  }
}
