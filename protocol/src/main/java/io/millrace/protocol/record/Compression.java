package io.millrace.protocol.record;

import java.nio.ByteBuffer;

/// How the records of a batch are compressed (attribute bits 0 to 2; ids, names and levels are
/// Kafka's).
public enum Compression {
  NONE(0, "none", 0, 0, 0),
  GZIP(1, "gzip", 1, 9, -1),
  SNAPPY(2, "snappy", 0, 0, 0),
  LZ4(3, "lz4", 1, 17, 9),
  ZSTD(4, "zstd", -131_072, 22, 3);

  private static final Compression[] BY_ID = values();

  private final int id;
  private final String configName;
  private final int minLevel;
  private final int maxLevel;
  private final int defaultLevel;

  Compression(int id, String configName, int minLevel, int maxLevel, int defaultLevel) {
    this.id = id;
    this.configName = configName;
    this.minLevel = minLevel;
    this.maxLevel = maxLevel;
    this.defaultLevel = defaultLevel;
  }

  /// The value of the attribute bits, 0 to 4.
  public int id() {
    return id;
  }

  static boolean isKnown(int id) {
    return id < BY_ID.length;
  }

  static Compression forId(int id) {
    return BY_ID[id];
  }

  /// As in `compression.type`.
  public String configName() {
    return configName;
  }

  /// The lowest level that may be asked for; 0, like the others, where there are no levels. Gzip
  /// takes its default, -1, as well.
  public int minLevel() {
    return minLevel;
  }

  public int maxLevel() {
    return maxLevel;
  }

  public int defaultLevel() {
    return defaultLevel;
  }

  /// Compresses what is between position and limit of `raw`, which stay as they are, into a buffer
  /// of its own.
  public ByteBuffer compress(ByteBuffer raw, int level) {
    if ((level < minLevel || level > maxLevel) && level != defaultLevel) {
      throw new IllegalArgumentException(
          configName + " has levels " + minLevel + " to " + maxLevel + "; " + level + " is none");
    }
    return switch (this) {
      case NONE -> ByteBuffer.allocate(raw.remaining()).put(raw.duplicate()).flip();
      case GZIP -> Gzip.compress(raw, level);
      case SNAPPY -> XerialSnappy.compress(raw);
      case LZ4 -> Lz4Frame.compress(raw, level);
      case ZSTD -> Zstandard.compress(raw, level);
    };
  }

  /// Decompresses all at once into a buffer of its own; [#decompressor] does it bit by bit.
  ///
  /// @throws InvalidBatchException `MESSAGE_TOO_LARGE` if it becomes more than `limit` allows,
  ///   `CORRUPT_MESSAGE` if it cannot be decompressed
  public ByteBuffer decompress(ByteBuffer compressed, DecompressionLimit limit) {
    try (Decompressor decompressor = decompressor(compressed, limit)) {
      return decompressor.readAll();
    }
  }

  /// A stream of what `compressed`, between its position and limit, decompresses to. The buffer
  /// must not change while the stream is read.
  public Decompressor decompressor(ByteBuffer compressed, DecompressionLimit limit) {
    Decompressor.Source source =
        switch (this) {
          case NONE -> new Decompressor.Stored(compressed);
          case GZIP -> new Gzip(compressed);
          case SNAPPY -> new XerialSnappy(compressed, limit.allowedBytes(compressed.remaining()));
          case LZ4 -> new Lz4Frame(compressed);
          case ZSTD -> new Zstandard(compressed);
        };
    return new Decompressor(this, source, compressed.remaining(), limit);
  }
}
