package io.millrace.storage;

/// Up to where a log is on stable storage: `offset`, at the end of `segment` as it was then.
record FlushPoint(long offset, Segment segment, SegmentState state) {
  /// The end of a segment as it is now. Called under the lock of the log.
  static FlushPoint atEndOf(Segment segment) {
    return new FlushPoint(segment.nextOffset(segment.end()), segment, segment.state());
  }

  /// The position in `segment` of what follows.
  int position() {
    return state.sizeInBytes();
  }
}
