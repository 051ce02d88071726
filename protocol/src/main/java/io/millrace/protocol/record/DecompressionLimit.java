package io.millrace.protocol.record;

/// How much the compressed records of one batch may become.
///
/// Two limits hold at once for the batch: `maxBytes`, and `maxRatio` times the compressed size; to
/// go over either is `MESSAGE_TOO_LARGE`. The ratio says nothing about small batches, which
/// compress to next to nothing when their records are alike: [#RATIO_FREE_BYTES] are always allowed
/// by it.
///
/// @param maxBytes bytes, at least 1
/// @param maxRatio decompressed bytes per compressed byte, at least 1
/// @param maxRecordBytes of one decompressed record, at least 1 (`max.decompressed.message.bytes`);
///   a larger one is an `INVALID_RECORD`
public record DecompressionLimit(long maxBytes, int maxRatio, int maxRecordBytes) {
  /// What every batch may decompress to, whatever its ratio.
  public static final long RATIO_FREE_BYTES = 8L << 20;

  /// For data that was checked when it was appended.
  public static final DecompressionLimit UNLIMITED =
      new DecompressionLimit(Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

  public DecompressionLimit {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes " + maxBytes + " is below 1");
    }
    if (maxRatio < 1) {
      throw new IllegalArgumentException("maxRatio " + maxRatio + " is below 1");
    }
    if (maxRecordBytes < 1) {
      throw new IllegalArgumentException("maxRecordBytes " + maxRecordBytes + " is below 1");
    }
  }

  /// At most `maxBytes`, whatever the ratio.
  public static DecompressionLimit ofBytes(long maxBytes) {
    return new DecompressionLimit(maxBytes, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /// Bytes that `compressedBytes` bytes may become.
  public long allowedBytes(int compressedBytes) {
    long byRatio = Math.max(RATIO_FREE_BYTES, (long) compressedBytes * maxRatio);
    return Math.min(maxBytes, byRatio);
  }
}
