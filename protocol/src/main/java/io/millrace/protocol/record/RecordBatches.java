package io.millrace.protocol.record;

import java.nio.ByteBuffer;

/// Where things are in a record batch of magic 2, and cursors over a sequence of them.
public final class RecordBatches {
  /// Bytes before the first record.
  public static final int HEADER_SIZE = 61;

  /// Bytes up to and including the length field, which does not count them.
  public static final int LOG_OVERHEAD = 12;

  public static final byte MAGIC = 2;
  public static final long NO_TIMESTAMP = -1;
  public static final long NO_PRODUCER_ID = -1;
  public static final short NO_PRODUCER_EPOCH = -1;
  public static final int NO_SEQUENCE = -1;
  public static final int NO_PARTITION_LEADER_EPOCH = -1;

  static final int BASE_OFFSET = 0;
  static final int LENGTH = 8;
  static final int PARTITION_LEADER_EPOCH = 12;
  static final int MAGIC_POSITION = 16;
  static final int CRC = 17;

  /// From here to the end of the batch, the checksum covers everything.
  static final int ATTRIBUTES = 21;

  static final int LAST_OFFSET_DELTA = 23;
  static final int BASE_TIMESTAMP = 27;
  static final int MAX_TIMESTAMP = 35;
  static final int PRODUCER_ID = 43;
  static final int PRODUCER_EPOCH = 51;
  static final int BASE_SEQUENCE = 53;
  static final int RECORD_COUNT = 57;

  static final int COMPRESSION_MASK = 0x07;
  static final int LOG_APPEND_TIME_FLAG = 0x08;
  static final int TRANSACTIONAL_FLAG = 0x10;
  static final int CONTROL_FLAG = 0x20;
  static final int DELETE_HORIZON_FLAG = 0x40;

  /// The smallest length field of a message of magic 0: checksum, magic, attributes, two sizes.
  static final int MINIMAL_LEGACY_LENGTH = 14;

  private RecordBatches() {}

  /// A cursor before the first batch between position and limit of `buffer`, which stay as they
  /// are.
  public static BatchCursor over(ByteBuffer buffer) {
    return over(buffer, Integer.MAX_VALUE);
  }

  /// The same; a batch of more than `maxBatchBytes` counts as corrupt.
  public static BatchCursor over(ByteBuffer buffer, int maxBatchBytes) {
    return new BatchCursor(maxBatchBytes).wrap(buffer);
  }

  /// The sequence number `increment` after `sequence`: past the largest int it goes on at 0.
  public static int incrementSequence(int sequence, int increment) {
    return (int) (((long) sequence + increment) & Integer.MAX_VALUE);
  }
}
