package io.millrace.protocol.record;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Decides whether a batch may be appended to a log.
///
/// What a producer sent is hostile until it was checked from its framing to the last header of its
/// last record; a leader sends what it has checked itself, so that only the transport is in doubt.
/// Errors are those of Kafka's broker, except where its answer is an accident: each exception is
/// noted at its check.
public final class BatchValidator {
  private static final int KNOWN_ATTRIBUTES = 0x7f;

  /// What a log asks of the batches of producers.
  ///
  /// @param maxMessageBytes of a batch as sent (`max.message.bytes`)
  /// @param timestampType of the log (`message.timestamp.type`); only timestamps that it keeps are
  ///   checked
  /// @param beforeMaxMs how far a timestamp may lie in the past (`message.timestamp.before.max.ms`)
  /// @param afterMaxMs how far it may lie in the future (`message.timestamp.after.max.ms`)
  /// @param keysRequired whether the log is compacted, so that a record without a key has no
  ///   meaning
  /// @param decompressionLimit of compressed batches
  /// @param targetCompression what the log stores; null for what the producer chose
  public record Rules(
      int maxMessageBytes,
      TimestampType timestampType,
      long beforeMaxMs,
      long afterMaxMs,
      boolean keysRequired,
      DecompressionLimit decompressionLimit,
      @Nullable Compression targetCompression) {

    /// Whether a batch is to be stored with another compression than it came with
    /// ([Recompression#recompress]).
    public boolean requiresRecompression(BatchCursor batch) {
      return targetCompression != null && targetCompression != batch.compression();
    }
  }

  private BatchValidator() {}

  /// A cursor on the only batch that fills `entry`, the records of one partition in a request.
  ///
  /// @throws InvalidBatchException if there is none, more than one, or something else
  public static BatchCursor single(ByteBuffer entry) {
    BatchCursor batch = RecordBatches.over(entry);
    if (!batch.next()) {
      throw notABatch(batch, entry.remaining());
    }
    int rest = entry.remaining() - batch.sizeInBytes();
    if (rest > 0) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_RECORD,
          rest + " bytes follow the batch; one batch per partition is allowed");
    }
    return batch;
  }

  private static InvalidBatchException notABatch(BatchCursor batch, int entryBytes) {
    return switch (batch.status()) {
      case END ->
          new InvalidBatchException(
              ErrorCode.INVALID_RECORD, "the partition has no records; one batch is needed");
      case LEGACY_MAGIC, UNKNOWN_MAGIC ->
          new InvalidBatchException(
              ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
              "the batch has magic " + batch.magic() + "; supported is " + RecordBatches.MAGIC);
      case COMPLETE, INCOMPLETE, CORRUPT_SIZE ->
          new InvalidBatchException(
              ErrorCode.CORRUPT_MESSAGE,
              "the length of the batch does not fit the "
                  + entryBytes
                  + " bytes that came for the partition");
    };
  }

  /// Checks what every batch must fulfil wherever it comes from: checksum, known compression, and
  /// counts that make sense. A batch that a compaction thinned out passes.
  public static void validateIntegrity(BatchCursor batch) {
    if (!batch.isCrcValid()) {
      throw new InvalidBatchException(
          ErrorCode.CORRUPT_MESSAGE,
          "the checksum of the batch is not " + Long.toHexString(batch.crc()) + ", as it says");
    }
    // Kafka fails with an unknown server error for compression 5 to 7.
    if (!Compression.isKnown(batch.compressionId())) {
      throw invalid("compression " + batch.compressionId() + "; known are 0 to 4");
    }
    long base = batch.baseOffset();
    int delta = batch.lastOffsetDelta();
    int count = batch.recordCount();
    if (delta < 0 || base < 0 || base > Long.MAX_VALUE - delta - 1) {
      throw invalid("base offset " + base + " and a last offset " + delta + " after it");
    }
    if (count < 0 || count > delta + 1L) {
      throw invalid(count + " records, but a last offset delta of " + delta);
    }
  }

  /// Checks a producer's batch in full. It need not fit `max.message.bytes` any more once it is
  /// recompressed. A maximum timestamp that is not that of the records is corrected in place, as
  /// Kafka does: clients are known that send one.
  ///
  /// @param nowMs wall clock, milliseconds since the epoch
  /// @throws InvalidBatchException if the batch must not be appended
  public static void validate(BatchCursor batch, Rules rules, long nowMs) {
    if (batch.sizeInBytes() > rules.maxMessageBytes()) {
      throw new InvalidBatchException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "the batch has "
              + batch.sizeInBytes()
              + " bytes; max.message.bytes is "
              + rules.maxMessageBytes());
    }
    validateIntegrity(batch);
    validateHeader(batch);
    validateRecords(batch, rules, nowMs);
  }

  private static void validateHeader(BatchCursor batch) {
    if (batch.baseOffset() != 0) {
      throw invalid("a base offset of " + batch.baseOffset() + "; producers send 0");
    }
    if (batch.recordCount() == 0) {
      throw invalid("a record count of 0");
    }
    if (batch.recordCount() != batch.lastOffsetDelta() + 1L) {
      throw invalid(
          batch.recordCount() + " records, but a last offset delta of " + batch.lastOffsetDelta());
    }
    if (batch.isControl()) {
      throw invalid("control records, which clients may not write");
    }
    // Kafka stores the two below as they come.
    if (batch.hasDeleteHorizon()) {
      throw invalid("a delete horizon, which only compaction sets");
    }
    if ((batch.attributes() & ~KNOWN_ATTRIBUTES) != 0) {
      throw invalid("unknown attributes 0x" + Integer.toHexString(batch.attributes() & 0xffff));
    }
    if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_TIMESTAMP, "the batch has log append time, which only brokers set");
    }
    validateProducer(batch);
  }

  private static void validateProducer(BatchCursor batch) {
    if (!batch.hasProducerId()) {
      // KafkaJS sends epoch and sequence 0 without a producer id: they mean nothing then.
      if (batch.producerId() < RecordBatches.NO_PRODUCER_ID || batch.isTransactional()) {
        throw invalid(
            (batch.isTransactional() ? "a transaction and " : "")
                + "producer id "
                + batch.producerId());
      }
      return;
    }
    if (batch.producerEpoch() < 0 || batch.baseSequence() < 0) {
      throw invalid(
          "producer id "
              + batch.producerId()
              + " with epoch "
              + batch.producerEpoch()
              + " and sequence "
              + batch.baseSequence());
    }
  }

  private static void validateRecords(BatchCursor batch, Rules rules, long nowMs) {
    boolean keepsTimestamps = rules.timestampType() == TimestampType.CREATE_TIME;
    long earliest = saturatedSubtract(nowMs, rules.beforeMaxMs());
    long latest = saturatedAdd(nowMs, rules.afterMaxMs());
    long maxTimestamp = RecordBatches.NO_TIMESTAMP;
    try (RecordCursor records = batch.records(rules.decompressionLimit())) {
      while (records.next()) {
        // Kafka renumbers such records; no client is known to need it.
        if (records.offsetDelta() != records.index()) {
          throw invalidRecord(records, "offset " + records.offsetDelta() + " in its batch");
        }
        if (rules.keysRequired() && !records.hasKey()) {
          throw invalidRecord(records, "no key; a compacted topic takes none without");
        }
        if (keepsTimestamps) {
          validateTimestamp(records, batch.baseTimestamp(), earliest, latest);
          maxTimestamp = Math.max(maxTimestamp, records.timestamp());
        }
      }
    }
    if (keepsTimestamps) {
      batch.setMaxTimestamp(maxTimestamp);
    }
  }

  private static void validateTimestamp(
      RecordCursor record, long baseTimestamp, long earliest, long latest) {
    long timestamp = record.timestamp();
    boolean overflowed = ((baseTimestamp ^ timestamp) & (record.timestampDelta() ^ timestamp)) < 0;
    if (overflowed
        || (timestamp != RecordBatches.NO_TIMESTAMP
            && (timestamp < 0 || timestamp < earliest || timestamp > latest))) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_TIMESTAMP,
          "record "
              + record.index()
              + " of the batch has timestamp "
              + timestamp
              + "; allowed is "
              + Math.max(0, earliest)
              + " to "
              + latest,
          record.index());
    }
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  private static long saturatedSubtract(long a, long b) {
    long difference = a - b;
    return ((a ^ b) & (a ^ difference)) < 0
        ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE)
        : difference;
  }

  private static InvalidBatchException invalid(String what) {
    return new InvalidBatchException(ErrorCode.INVALID_RECORD, "the batch has " + what);
  }

  private static InvalidBatchException invalidRecord(RecordCursor record, String what) {
    return new InvalidBatchException(
        ErrorCode.INVALID_RECORD,
        "record " + record.index() + " of the batch has " + what,
        record.index());
  }
}
