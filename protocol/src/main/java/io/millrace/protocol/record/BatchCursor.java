package io.millrace.protocol.record;

import static io.millrace.protocol.record.RecordBatches.HEADER_SIZE;
import static io.millrace.protocol.record.RecordBatches.LOG_OVERHEAD;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Goes over the record batches of a buffer and reads, or patches, their headers where they lie.
///
/// A cursor starts before the first batch; [#next] moves it on. It is made to be reused, for one
/// buffer after another ([#wrap]), by one thread at a time. The buffer's position and limit are
/// read when it is wrapped and never changed; nothing is copied.
///
/// Bytes that are not a batch, as at the torn end of a file, are no error: `next` is false and
/// [#status] says what is there. The fields of the header may be read only while the status is
/// [BatchStatus#COMPLETE].
public final class BatchCursor {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final int maxBatchBytes;
  private final CRC32C checksum = new CRC32C();
  private ByteBuffer buffer = EMPTY;
  private int end;
  private int position;
  private int size;
  private boolean started;
  private BatchStatus status = BatchStatus.END;

  public BatchCursor() {
    this(Integer.MAX_VALUE);
  }

  /// A cursor to which a batch of more than `maxBatchBytes` is corrupt.
  public BatchCursor(int maxBatchBytes) {
    if (maxBatchBytes < HEADER_SIZE) {
      throw new IllegalArgumentException(
          "a batch takes at least " + HEADER_SIZE + " bytes; the limit is " + maxBatchBytes);
    }
    this.maxBatchBytes = maxBatchBytes;
  }

  /// Goes before the first batch between position and limit of `batches`, a big-endian buffer.
  public BatchCursor wrap(ByteBuffer batches) {
    if (batches.order() != ByteOrder.BIG_ENDIAN) {
      throw new IllegalArgumentException("record batches are big-endian; the buffer is not");
    }
    buffer = batches;
    end = batches.limit();
    position = batches.position();
    size = 0;
    started = false;
    status = BatchStatus.END;
    return this;
  }

  /// Moves to the next complete batch. False if there is none: the cursor then stands at the first
  /// byte that is not part of one, and stays there.
  public boolean next() {
    if (started && status != BatchStatus.COMPLETE) {
      return false;
    }
    return moveTo(position + size) == BatchStatus.COMPLETE;
  }

  /// Moves to an absolute position of the buffer and says what is there.
  public BatchStatus moveTo(int newPosition) {
    if (newPosition < 0 || newPosition > end) {
      throw new IndexOutOfBoundsException("position " + newPosition + " is outside 0.." + end);
    }
    started = true;
    position = newPosition;
    size = 0;
    status = inspect();
    return status;
  }

  private BatchStatus inspect() {
    int available = end - position;
    if (available == 0) {
      return BatchStatus.END;
    }
    if (available < LOG_OVERHEAD) {
      return BatchStatus.INCOMPLETE;
    }
    int length = buffer.getInt(position + RecordBatches.LENGTH);
    if (length < RecordBatches.MINIMAL_LEGACY_LENGTH || length > maxBatchBytes - LOG_OVERHEAD) {
      return BatchStatus.CORRUPT_SIZE;
    }
    size = LOG_OVERHEAD + length;
    if (available <= RecordBatches.MAGIC_POSITION) {
      return BatchStatus.INCOMPLETE;
    }
    byte magic = magic();
    if (magic == 0 || magic == 1) {
      return BatchStatus.LEGACY_MAGIC;
    }
    if (magic != RecordBatches.MAGIC) {
      return BatchStatus.UNKNOWN_MAGIC;
    }
    if (size < HEADER_SIZE) {
      return BatchStatus.CORRUPT_SIZE;
    }
    return size <= available ? BatchStatus.COMPLETE : BatchStatus.INCOMPLETE;
  }

  /// What is at [#position].
  public BatchStatus status() {
    return status;
  }

  /// While the status is [BatchStatus#INCOMPLETE]: the bytes there must be from [#position] on
  /// before more can be said. The size of the batch where its length is known, else of a header.
  public int requiredBytes() {
    return Math.max(size, HEADER_SIZE);
  }

  /// Where the batch begins in the buffer: an absolute position.
  public int position() {
    return position;
  }

  /// Of the whole batch, header included.
  public int sizeInBytes() {
    return size;
  }

  /// The buffer this cursor reads, for use with absolute positions.
  public ByteBuffer buffer() {
    return buffer;
  }

  /// The bytes of this batch, not copied.
  public ByteBuffer slice() {
    return buffer.slice(position, size);
  }

  public long baseOffset() {
    return buffer.getLong(position + RecordBatches.BASE_OFFSET);
  }

  public long lastOffset() {
    return baseOffset() + lastOffsetDelta();
  }

  /// The offset after the last of this batch.
  public long nextOffset() {
    return lastOffset() + 1;
  }

  public int partitionLeaderEpoch() {
    return buffer.getInt(position + RecordBatches.PARTITION_LEADER_EPOCH);
  }

  public byte magic() {
    return buffer.get(position + RecordBatches.MAGIC_POSITION);
  }

  /// The CRC32C that the batch carries, as an unsigned number.
  public long crc() {
    return Integer.toUnsignedLong(buffer.getInt(position + RecordBatches.CRC));
  }

  /// Computes the CRC32C of the batch and compares.
  public boolean isCrcValid() {
    return crc() == computeCrc();
  }

  private long computeCrc() {
    checksum.reset();
    checksum.update(
        buffer.slice(position + RecordBatches.ATTRIBUTES, size - RecordBatches.ATTRIBUTES));
    return checksum.getValue();
  }

  /// All attribute bits; the methods below name them.
  public short attributes() {
    return buffer.getShort(position + RecordBatches.ATTRIBUTES);
  }

  int compressionId() {
    return attributes() & RecordBatches.COMPRESSION_MASK;
  }

  /// The codec of the records.
  ///
  /// @throws InvalidBatchException if no codec has this id (5 to 7)
  public Compression compression() {
    int id = compressionId();
    if (!Compression.isKnown(id)) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_RECORD, "the batch names compression " + id + "; known are 0 to 4");
    }
    return Compression.forId(id);
  }

  public TimestampType timestampType() {
    return hasFlag(RecordBatches.LOG_APPEND_TIME_FLAG)
        ? TimestampType.LOG_APPEND_TIME
        : TimestampType.CREATE_TIME;
  }

  public boolean isTransactional() {
    return hasFlag(RecordBatches.TRANSACTIONAL_FLAG);
  }

  /// Whether the records are markers for brokers and consumers, not data.
  public boolean isControl() {
    return hasFlag(RecordBatches.CONTROL_FLAG);
  }

  /// Whether [#baseTimestamp] is not a record's but the time from which the tombstones of this
  /// batch may be removed (KIP-534).
  public boolean hasDeleteHorizon() {
    return hasFlag(RecordBatches.DELETE_HORIZON_FLAG);
  }

  private boolean hasFlag(int flag) {
    return (attributes() & flag) != 0;
  }

  public int lastOffsetDelta() {
    return buffer.getInt(position + RecordBatches.LAST_OFFSET_DELTA);
  }

  /// Milliseconds since the epoch that the records' timestamp deltas add to.
  public long baseTimestamp() {
    return buffer.getLong(position + RecordBatches.BASE_TIMESTAMP);
  }

  /// Milliseconds since the epoch; the time of all records if they have log append time.
  public long maxTimestamp() {
    return buffer.getLong(position + RecordBatches.MAX_TIMESTAMP);
  }

  public long producerId() {
    return buffer.getLong(position + RecordBatches.PRODUCER_ID);
  }

  public boolean hasProducerId() {
    return producerId() > RecordBatches.NO_PRODUCER_ID;
  }

  public short producerEpoch() {
    return buffer.getShort(position + RecordBatches.PRODUCER_EPOCH);
  }

  public int baseSequence() {
    return buffer.getInt(position + RecordBatches.BASE_SEQUENCE);
  }

  /// The sequence number of the last record; after the largest int comes 0.
  public int lastSequence() {
    int base = baseSequence();
    return base == RecordBatches.NO_SEQUENCE
        ? RecordBatches.NO_SEQUENCE
        : RecordBatches.incrementSequence(base, lastOffsetDelta());
  }

  /// As the header says; compaction may leave fewer than the offsets that the batch spans, or 0.
  public int recordCount() {
    return buffer.getInt(position + RecordBatches.RECORD_COUNT);
  }

  /// Not covered by the checksum.
  public void setBaseOffset(long offset) {
    buffer.putLong(position + RecordBatches.BASE_OFFSET, offset);
  }

  /// Not covered by the checksum.
  public void setPartitionLeaderEpoch(int epoch) {
    buffer.putInt(position + RecordBatches.PARTITION_LEADER_EPOCH, epoch);
  }

  /// Makes `timeMs` the time of all records, and rewrites the checksum if that changes anything.
  public void setLogAppendTime(long timeMs) {
    setTimestamp(attributes() | RecordBatches.LOG_APPEND_TIME_FLAG, timeMs);
  }

  /// Corrects the maximum timestamp of records that carry their own, and the checksum with it.
  public void setMaxTimestamp(long timeMs) {
    setTimestamp(attributes() & ~RecordBatches.LOG_APPEND_TIME_FLAG, timeMs);
  }

  private void setTimestamp(int attributes, long maxTimestamp) {
    if ((short) attributes == attributes() && maxTimestamp == maxTimestamp()) {
      return;
    }
    buffer.putShort(position + RecordBatches.ATTRIBUTES, (short) attributes);
    buffer.putLong(position + RecordBatches.MAX_TIMESTAMP, maxTimestamp);
    rewriteCrc();
  }

  void rewriteCrc() {
    buffer.putInt(position + RecordBatches.CRC, (int) computeCrc());
  }

  /// The records of this batch, which the caller closes. Compressed records are decompressed as the
  /// cursor moves on, to no more than `limit` allows.
  ///
  /// @throws InvalidBatchException if the compression is unknown; the cursor throws it for records
  ///   that cannot be read
  public RecordCursor records(DecompressionLimit limit) {
    return RecordCursor.over(this, limit);
  }

  /// The records as they lie in the batch, compressed or not.
  ByteBuffer recordBytes() {
    return buffer.slice(position + HEADER_SIZE, size - HEADER_SIZE);
  }
}
