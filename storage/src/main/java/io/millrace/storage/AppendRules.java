package io.millrace.storage;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.BatchValidator;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.Recompression;
import io.millrace.protocol.record.TimestampType;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What the configuration of a log means for the batches of producers.
record AppendRules(BatchValidator.Rules rules, int compressionLevel) {
  /// More than any real data compresses by; a batch that does is made to fill the memory.
  private static final int MAX_COMPRESSION_RATIO = 1000;

  private static final long MAX_DECOMPRESSED_BATCH_BYTES = 1L << 30;

  static AppendRules of(LogConfig config) {
    Compression target = target(config.compressionType());
    int level =
        target == null || config.compressionLevel() != Integer.MIN_VALUE
            ? config.compressionLevel()
            : target.defaultLevel();
    return new AppendRules(
        new BatchValidator.Rules(
            config.maxMessageBytes(),
            config.logAppendTime() ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
            config.messageTimestampBeforeMaxMs(),
            config.messageTimestampAfterMaxMs(),
            config.cleanupCompact(),
            new DecompressionLimit(
                MAX_DECOMPRESSED_BATCH_BYTES,
                MAX_COMPRESSION_RATIO,
                config.maxDecompressedMessageBytes()),
            target),
        level);
  }

  private static @Nullable Compression target(String configured) {
    return switch (configured) {
      case "producer" -> null;
      case "uncompressed", "none" -> Compression.NONE;
      case "gzip" -> Compression.GZIP;
      case "snappy" -> Compression.SNAPPY;
      case "lz4" -> Compression.LZ4;
      case "zstd" -> Compression.ZSTD;
      default ->
          throw new IllegalArgumentException("compression.type '" + configured + "' is unknown");
    };
  }

  /// The batch as it is to be stored, with the cursor on it: the same bytes, unless the log wants
  /// another compression.
  ByteBuffer stored(ByteBuffer entry, BatchCursor batch) {
    Compression target = rules.targetCompression();
    if (target == null || !rules.requiresRecompression(batch)) {
      return entry;
    }
    ByteBuffer copy =
        Recompression.recompress(batch, target, compressionLevel, rules.decompressionLimit());
    batch.wrap(copy).next();
    return copy;
  }

  /// Checks what a coordinator or a leader sent: whole batches with the right checksums, at least
  /// one.
  static void validateTrusted(ByteBuffer batches, BatchCursor batch) {
    while (batch.next()) {
      BatchValidator.validateIntegrity(batch);
    }
    if (batch.position() != batches.limit() || !batches.hasRemaining()) {
      throw new InvalidBatchException(
          ErrorCode.CORRUPT_MESSAGE,
          "the bytes to append are not whole batches: "
              + batch.status()
              + " after "
              + (batch.position() - batches.position())
              + " of "
              + batches.remaining());
    }
  }
}
