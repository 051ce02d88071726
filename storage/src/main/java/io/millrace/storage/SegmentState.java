package io.millrace.storage;

/// What is known of a segment at one moment, so that it need not be read to be opened.
///
/// `firstTimestamp` is the maximum timestamp of the first batch; timestamps and the offset are -1
/// if there is none. The numbers of index entries include those that are only in memory.
record SegmentState(
    long baseOffset,
    int sizeInBytes,
    long maxTimestamp,
    long offsetOfMaxTimestamp,
    long firstTimestamp,
    long createdMs,
    int offsetIndexEntries,
    int timeIndexEntries,
    int transactionIndexEntries) {

  /// A segment of which nothing is taken in yet.
  static SegmentState unread(long baseOffset, long createdMs) {
    return new SegmentState(baseOffset, 0, -1, -1, -1, createdMs, 0, 0, 0);
  }

  /// The same with another number of entries in the transaction index.
  SegmentState withTransactionIndexEntries(int count) {
    return new SegmentState(
        baseOffset,
        sizeInBytes,
        maxTimestamp,
        offsetOfMaxTimestamp,
        firstTimestamp,
        createdMs,
        offsetIndexEntries,
        timeIndexEntries,
        count);
  }
}
