package io.millrace.storage;

/// Which segments of a log may go, by `retention.ms`, `retention.bytes` and the log start offset:
/// always from the oldest, and only as far as the records are committed.
final class Retention {
  private Retention() {}

  /// How many segments, from the first, are to be deleted. All of them means: the active one too,
  /// which has to be rolled before.
  static int deletable(
      Segment[] all, LogConfig config, long logStartOffset, long bound, long nowMs) {
    int count = 0;
    long excess = excessBytes(all, config);
    while (count < all.length) {
      Segment segment = all[count];
      boolean isActive = count == all.length - 1;
      long end = isActive ? segment.nextOffset(segment.end()) : all[count + 1].baseOffset();
      int size = segment.sizeInBytes();
      if (end > bound || (isActive && size == 0)) {
        break;
      }
      boolean isOutOfRange = !isActive && end <= logStartOffset;
      if (!isOutOfRange && !isExpired(segment, config, nowMs) && !(excess >= size && excess >= 0)) {
        break;
      }
      excess -= size;
      count++;
    }
    return count;
  }

  private static long excessBytes(Segment[] all, LogConfig config) {
    if (!config.cleanupDelete() || config.retentionBytes() < 0) {
      return -1;
    }
    long size = 0;
    for (Segment segment : all) {
      size += segment.sizeInBytes();
    }
    return size - config.retentionBytes();
  }

  private static boolean isExpired(Segment segment, LogConfig config, long nowMs) {
    return config.cleanupDelete()
        && config.retentionMs() >= 0
        && nowMs - segment.retentionTimestamp() > config.retentionMs();
  }
}
