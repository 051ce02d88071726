package io.millrace.storage;

/// What a partition log is told by the configuration of its topic. Component names follow the topic
/// configs of Kafka.
///
/// `segmentBytes` and `segmentMs` say when a segment is rolled; `segmentJitterMs` spreads the
/// latter. `indexIntervalBytes` is the number of bytes between index entries, `segmentIndexBytes`
/// the size of an offset index at which its segment is rolled. `retentionBytes` and `retentionMs`
/// are -1 for "unlimited". `compressionType` is `producer`, `uncompressed`, `gzip`, `snappy`, `lz4`
/// or `zstd`, and `compressionLevel` the level for it (`Integer.MIN_VALUE`: the codec's default).
/// `maxDecompressedMessageBytes` bounds what one record may be after decompression.
/// `messageTimestampBeforeMaxMs` and `messageTimestampAfterMaxMs` bound how far a producer's
/// timestamps may be from this node's clock.
public record LogConfig(
    int segmentBytes,
    long segmentMs,
    long segmentJitterMs,
    int segmentIndexBytes,
    int indexIntervalBytes,
    long retentionBytes,
    long retentionMs,
    boolean cleanupDelete,
    boolean cleanupCompact,
    long fileDeleteDelayMs,
    long flushMessages,
    long flushMs,
    int maxMessageBytes,
    int maxDecompressedMessageBytes,
    String compressionType,
    int compressionLevel,
    boolean logAppendTime,
    long messageTimestampBeforeMaxMs,
    long messageTimestampAfterMaxMs,
    Durability durability) {

  /// Kafka's defaults, and `durability=fsync`.
  public static final LogConfig DEFAULTS = builder().build();

  public LogConfig {
    atLeast("segment.bytes", segmentBytes, 1);
    atLeast("segment.ms", segmentMs, 1);
    atLeast("segment.jitter.ms", segmentJitterMs, 0);
    atLeast("segment.index.bytes", segmentIndexBytes, 4);
    atLeast("index.interval.bytes", indexIntervalBytes, 0);
    atLeast("retention.ms", retentionMs, -1);
    atLeast("file.delete.delay.ms", fileDeleteDelayMs, 0);
    atLeast("flush.messages", flushMessages, 1);
    atLeast("flush.ms", flushMs, 0);
    atLeast("max.message.bytes", maxMessageBytes, 0);
    atLeast("max.decompressed.message.bytes", maxDecompressedMessageBytes, 1);
    atLeast("message.timestamp.before.max.ms", messageTimestampBeforeMaxMs, 0);
    atLeast("message.timestamp.after.max.ms", messageTimestampAfterMaxMs, 0);
  }

  private static void atLeast(String name, long value, long minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(
          name + " is " + value + " and has to be at least " + minimum);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /// A builder that starts from these values.
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.segmentBytes = segmentBytes;
    builder.segmentMs = segmentMs;
    builder.segmentJitterMs = segmentJitterMs;
    builder.segmentIndexBytes = segmentIndexBytes;
    builder.indexIntervalBytes = indexIntervalBytes;
    builder.retentionBytes = retentionBytes;
    builder.retentionMs = retentionMs;
    builder.cleanupDelete = cleanupDelete;
    builder.cleanupCompact = cleanupCompact;
    builder.fileDeleteDelayMs = fileDeleteDelayMs;
    builder.flushMessages = flushMessages;
    builder.flushMs = flushMs;
    builder.maxMessageBytes = maxMessageBytes;
    builder.maxDecompressedMessageBytes = maxDecompressedMessageBytes;
    builder.compressionType = compressionType;
    builder.compressionLevel = compressionLevel;
    builder.logAppendTime = logAppendTime;
    builder.messageTimestampBeforeMaxMs = messageTimestampBeforeMaxMs;
    builder.messageTimestampAfterMaxMs = messageTimestampAfterMaxMs;
    builder.durability = durability;
    return builder;
  }

  /// Builds a [LogConfig]; what is not set has Kafka's default.
  public static final class Builder {
    private int segmentBytes = 1 << 30;
    private long segmentMs = 7 * 24 * 3_600_000L;
    private long segmentJitterMs;
    private int segmentIndexBytes = 10 << 20;
    private int indexIntervalBytes = 4096;
    private long retentionBytes = -1;
    private long retentionMs = 7 * 24 * 3_600_000L;
    private boolean cleanupDelete = true;
    private boolean cleanupCompact;
    private long fileDeleteDelayMs = 60_000;
    private long flushMessages = Long.MAX_VALUE;
    private long flushMs = Long.MAX_VALUE;
    private int maxMessageBytes = 1_048_588;
    private int maxDecompressedMessageBytes = Integer.MAX_VALUE;
    private String compressionType = "producer";
    private int compressionLevel = Integer.MIN_VALUE;
    private boolean logAppendTime;
    private long messageTimestampBeforeMaxMs = Long.MAX_VALUE;
    private long messageTimestampAfterMaxMs = 3_600_000L;
    private Durability durability = Durability.FSYNC;

    private Builder() {}

    public Builder segmentBytes(int value) {
      segmentBytes = value;
      return this;
    }

    public Builder segmentMs(long value) {
      segmentMs = value;
      return this;
    }

    public Builder segmentJitterMs(long value) {
      segmentJitterMs = value;
      return this;
    }

    public Builder segmentIndexBytes(int value) {
      segmentIndexBytes = value;
      return this;
    }

    public Builder indexIntervalBytes(int value) {
      indexIntervalBytes = value;
      return this;
    }

    public Builder retentionBytes(long value) {
      retentionBytes = value;
      return this;
    }

    public Builder retentionMs(long value) {
      retentionMs = value;
      return this;
    }

    public Builder cleanupDelete(boolean value) {
      cleanupDelete = value;
      return this;
    }

    public Builder cleanupCompact(boolean value) {
      cleanupCompact = value;
      return this;
    }

    public Builder fileDeleteDelayMs(long value) {
      fileDeleteDelayMs = value;
      return this;
    }

    public Builder flushMessages(long value) {
      flushMessages = value;
      return this;
    }

    public Builder flushMs(long value) {
      flushMs = value;
      return this;
    }

    public Builder maxMessageBytes(int value) {
      maxMessageBytes = value;
      return this;
    }

    public Builder maxDecompressedMessageBytes(int value) {
      maxDecompressedMessageBytes = value;
      return this;
    }

    public Builder compressionType(String value) {
      compressionType = value;
      return this;
    }

    public Builder compressionLevel(int value) {
      compressionLevel = value;
      return this;
    }

    public Builder logAppendTime(boolean value) {
      logAppendTime = value;
      return this;
    }

    public Builder messageTimestampBeforeMaxMs(long value) {
      messageTimestampBeforeMaxMs = value;
      return this;
    }

    public Builder messageTimestampAfterMaxMs(long value) {
      messageTimestampAfterMaxMs = value;
      return this;
    }

    public Builder durability(Durability value) {
      durability = value;
      return this;
    }

    public LogConfig build() {
      return new LogConfig(
          segmentBytes,
          segmentMs,
          segmentJitterMs,
          segmentIndexBytes,
          indexIntervalBytes,
          retentionBytes,
          retentionMs,
          cleanupDelete,
          cleanupCompact,
          fileDeleteDelayMs,
          flushMessages,
          flushMs,
          maxMessageBytes,
          maxDecompressedMessageBytes,
          compressionType,
          compressionLevel,
          logAppendTime,
          messageTimestampBeforeMaxMs,
          messageTimestampAfterMaxMs,
          durability);
    }
  }
}
