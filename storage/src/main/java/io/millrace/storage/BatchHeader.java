package io.millrace.storage;

import io.millrace.protocol.record.RecordBatches;
import java.nio.ByteBuffer;

/// Reads the header of a record batch (magic 2) of which only the header may be at hand: what scans
/// and look-ups in segment files need. `at` is the absolute position of the batch in the buffer,
/// from which [#SIZE] bytes are there.
final class BatchHeader {
  static final int SIZE = RecordBatches.HEADER_SIZE;

  private static final int LENGTH = 8;
  private static final int LEADER_EPOCH = 12;
  private static final int MAGIC = 16;
  private static final int CRC = 17;
  private static final int LAST_OFFSET_DELTA = 23;
  private static final int MAX_TIMESTAMP = 35;
  private static final int PRODUCER_ID = 43;
  private static final int PRODUCER_EPOCH = 51;
  private static final int BASE_SEQUENCE = 53;
  private static final int RECORD_COUNT = 57;
  private static final int TRANSACTIONAL_FLAG = 0x10;
  private static final int CONTROL_FLAG = 0x20;

  /// Where the bytes begin that the checksum covers.
  static final int CHECKED_FROM = 21;

  private BatchHeader() {}

  /// Of the whole batch with its header.
  static long sizeInBytes(ByteBuffer buffer, int at) {
    return (long) RecordBatches.LOG_OVERHEAD + buffer.getInt(at + LENGTH);
  }

  static long baseOffset(ByteBuffer buffer, int at) {
    return buffer.getLong(at);
  }

  static long lastOffset(ByteBuffer buffer, int at) {
    return buffer.getLong(at) + buffer.getInt(at + LAST_OFFSET_DELTA);
  }

  static int leaderEpoch(ByteBuffer buffer, int at) {
    return buffer.getInt(at + LEADER_EPOCH);
  }

  static int crc(ByteBuffer buffer, int at) {
    return buffer.getInt(at + CRC);
  }

  static long maxTimestamp(ByteBuffer buffer, int at) {
    return buffer.getLong(at + MAX_TIMESTAMP);
  }

  static int lastOffsetDelta(ByteBuffer buffer, int at) {
    return buffer.getInt(at + LAST_OFFSET_DELTA);
  }

  static boolean hasProducerId(ByteBuffer buffer, int at) {
    return buffer.getLong(at + PRODUCER_ID) >= 0;
  }

  static long producerId(ByteBuffer buffer, int at) {
    return buffer.getLong(at + PRODUCER_ID);
  }

  static short producerEpoch(ByteBuffer buffer, int at) {
    return buffer.getShort(at + PRODUCER_EPOCH);
  }

  static int lastSequence(ByteBuffer buffer, int at) {
    int base = buffer.getInt(at + BASE_SEQUENCE);
    return base == RecordBatches.NO_SEQUENCE
        ? RecordBatches.NO_SEQUENCE
        : RecordBatches.incrementSequence(base, lastOffsetDelta(buffer, at));
  }

  static boolean isTransactional(ByteBuffer buffer, int at) {
    return (buffer.getShort(at + CHECKED_FROM) & TRANSACTIONAL_FLAG) != 0;
  }

  static boolean isControl(ByteBuffer buffer, int at) {
    return (buffer.getShort(at + CHECKED_FROM) & CONTROL_FLAG) != 0;
  }

  /// Whether the bytes could be the header of a batch that begins at or after `expectedOffset`.
  /// What is false here is certainly no batch of ours; what is true may still fail its checksum.
  static boolean isPlausible(ByteBuffer buffer, int at, long expectedOffset) {
    return buffer.get(at + MAGIC) == RecordBatches.MAGIC
        && buffer.getInt(at + LENGTH) >= SIZE - RecordBatches.LOG_OVERHEAD
        && buffer.getInt(at + LENGTH) <= Integer.MAX_VALUE - RecordBatches.LOG_OVERHEAD
        && buffer.getLong(at) >= expectedOffset
        && buffer.getInt(at + LAST_OFFSET_DELTA) >= 0
        && buffer.getInt(at + RECORD_COUNT) >= 0;
  }
}
