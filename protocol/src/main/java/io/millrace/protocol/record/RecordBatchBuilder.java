package io.millrace.protocol.record;

import static io.millrace.protocol.record.RecordBatches.HEADER_SIZE;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Builds record batches.
///
/// Settings come first and hold for all batches that are built; then records, then [#build], after
/// which the next batch may begin. Records get the offsets from the base offset on, one by one.
/// Used by one thread.
public final class RecordBatchBuilder {
  private static final int INITIAL_BYTES = 1 << 10;
  private static final int NULL_SIZE = -1;

  private Compression compression = Compression.NONE;
  private int level;
  private int attributes;
  private long baseOffset;
  private int partitionLeaderEpoch = RecordBatches.NO_PARTITION_LEADER_EPOCH;
  private long producerId = RecordBatches.NO_PRODUCER_ID;
  private short producerEpoch = RecordBatches.NO_PRODUCER_EPOCH;
  private int baseSequence = RecordBatches.NO_SEQUENCE;
  private long logAppendTime = RecordBatches.NO_TIMESTAMP;

  /// The batch so far: room for a header, then records, not compressed.
  private ByteBuffer out = ByteBuffer.allocate(INITIAL_BYTES).position(HEADER_SIZE);

  private int recordCount;
  private long baseTimestamp;
  private long maxTimestamp;

  public RecordBatchBuilder compression(Compression value) {
    return compression(value, value.defaultLevel());
  }

  public RecordBatchBuilder compression(Compression value, int compressionLevel) {
    compression = value;
    level = compressionLevel;
    return this;
  }

  /// Of the first record; 0 unless set.
  public RecordBatchBuilder baseOffset(long offset) {
    baseOffset = offset;
    return this;
  }

  public RecordBatchBuilder partitionLeaderEpoch(int epoch) {
    partitionLeaderEpoch = epoch;
    return this;
  }

  public RecordBatchBuilder producer(long id, short epoch, int sequence) {
    producerId = id;
    producerEpoch = epoch;
    baseSequence = sequence;
    return this;
  }

  public RecordBatchBuilder transactional(boolean value) {
    return flag(RecordBatches.TRANSACTIONAL_FLAG, value);
  }

  public RecordBatchBuilder control(boolean value) {
    return flag(RecordBatches.CONTROL_FLAG, value);
  }

  /// Makes `timeMs` the time of all records.
  public RecordBatchBuilder logAppendTime(long timeMs) {
    logAppendTime = timeMs;
    return flag(RecordBatches.LOG_APPEND_TIME_FLAG, true);
  }

  private RecordBatchBuilder flag(int flag, boolean value) {
    attributes = value ? attributes | flag : attributes & ~flag;
    return this;
  }

  public RecordBatchBuilder append(long timestamp, byte @Nullable [] key, byte @Nullable [] value) {
    return append(timestamp, wrap(key), wrap(value), List.of());
  }

  public RecordBatchBuilder append(
      long timestamp, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
    return append(timestamp, key, value, List.of());
  }

  /// Adds a record. Key, value and headers are copied; their buffers keep position and limit.
  ///
  /// @param timestamp milliseconds since the epoch, or -1 for none
  public RecordBatchBuilder append(
      long timestamp,
      @Nullable ByteBuffer key,
      @Nullable ByteBuffer value,
      List<RecordHeader> headers) {
    if (recordCount == 0) {
      baseTimestamp = timestamp;
      maxTimestamp = timestamp;
    }
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    long timestampDelta = timestamp - baseTimestamp;
    byte[][] headerKeys = encodeKeys(headers);
    long size = 1L + Varint.sizeOf(timestampDelta) + Varint.sizeOf(recordCount);
    size += sizeOf(key) + sizeOf(value) + sizeOf(headers, headerKeys);
    if (size > Integer.MAX_VALUE - Varint.sizeOf(size)) {
      throw new IllegalArgumentException("a record of " + size + " bytes is too large");
    }
    out = Growth.withRoom(out, Varint.sizeOf(size) + (int) size);
    Varint.put(size, out);
    out.put((byte) 0); // record attributes: no bit of them has a meaning
    Varint.put(timestampDelta, out);
    Varint.put(recordCount, out);
    put(key);
    put(value);
    Varint.put(headerKeys.length, out);
    for (int i = 0; i < headerKeys.length; i++) {
      Varint.put(headerKeys[i].length, out);
      out.put(headerKeys[i]);
      put(headers.get(i).value());
    }
    recordCount++;
    return this;
  }

  /// Adds the marker that ends a transaction; the batch has to be a control batch.
  ///
  /// @param type `COMMIT` or `ABORT`
  public RecordBatchBuilder appendEndTransaction(
      long timestamp, ControlRecordType type, int coordinatorEpoch) {
    if ((attributes & RecordBatches.CONTROL_FLAG) == 0 || type == ControlRecordType.OTHER) {
      throw new IllegalArgumentException(type + " in a batch with attributes " + attributes);
    }
    return append(timestamp, type.key(), ControlRecordType.endTransactionValue(coordinatorEpoch));
  }

  private static byte[][] encodeKeys(List<RecordHeader> headers) {
    byte[][] keys = new byte[headers.size()][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = headers.get(i).key().getBytes(StandardCharsets.UTF_8);
    }
    return keys;
  }

  private static long sizeOf(List<RecordHeader> headers, byte[][] keys) {
    long size = Varint.sizeOf(keys.length);
    for (int i = 0; i < keys.length; i++) {
      size += Varint.sizeOf(keys[i].length) + keys[i].length + sizeOf(headers.get(i).value());
    }
    return size;
  }

  private static long sizeOf(@Nullable ByteBuffer bytes) {
    return bytes == null
        ? Varint.sizeOf(NULL_SIZE)
        : Varint.sizeOf(bytes.remaining()) + (long) bytes.remaining();
  }

  private void put(@Nullable ByteBuffer bytes) {
    if (bytes == null) {
      Varint.put(NULL_SIZE, out);
      return;
    }
    Varint.put(bytes.remaining(), out);
    out.put(out.position(), bytes, bytes.position(), bytes.remaining());
    out.position(out.position() + bytes.remaining());
  }

  private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  /// Of the batch so far, header included, not compressed.
  public int sizeInBytes() {
    return out.position();
  }

  public int recordCount() {
    return recordCount;
  }

  /// Ends the batch and gives it to the caller, in a buffer that is theirs; the builder begins a
  /// new, empty one with the same settings.
  ///
  /// @throws IllegalStateException if there is no record
  public ByteBuffer build() {
    if (recordCount == 0) {
      throw new IllegalStateException("a batch without records cannot be built");
    }
    ByteBuffer batch = out.flip();
    if (compression != Compression.NONE) {
      ByteBuffer records = compression.compress(batch.position(HEADER_SIZE), level);
      batch =
          ByteBuffer.allocate(HEADER_SIZE + records.remaining())
              .put(HEADER_SIZE, records, 0, records.remaining());
    }
    batch.position(0);
    writeHeader(batch);
    if (compression == Compression.NONE) {
      out = ByteBuffer.allocate(INITIAL_BYTES);
    }
    out.clear().position(HEADER_SIZE);
    recordCount = 0;
    return batch;
  }

  private void writeHeader(ByteBuffer batch) {
    boolean ownTimestamps = (attributes & RecordBatches.LOG_APPEND_TIME_FLAG) == 0;
    batch
        .putLong(RecordBatches.BASE_OFFSET, baseOffset)
        .putInt(RecordBatches.LENGTH, batch.limit() - RecordBatches.LOG_OVERHEAD)
        .putInt(RecordBatches.PARTITION_LEADER_EPOCH, partitionLeaderEpoch)
        .put(RecordBatches.MAGIC_POSITION, RecordBatches.MAGIC)
        .putShort(RecordBatches.ATTRIBUTES, (short) (attributes | compression.id()))
        .putInt(RecordBatches.LAST_OFFSET_DELTA, recordCount - 1)
        .putLong(RecordBatches.BASE_TIMESTAMP, baseTimestamp)
        .putLong(RecordBatches.MAX_TIMESTAMP, ownTimestamps ? maxTimestamp : logAppendTime)
        .putLong(RecordBatches.PRODUCER_ID, producerId)
        .putShort(RecordBatches.PRODUCER_EPOCH, producerEpoch)
        .putInt(RecordBatches.BASE_SEQUENCE, baseSequence)
        .putInt(RecordBatches.RECORD_COUNT, recordCount);
    CRC32C crc = new CRC32C();
    crc.update(batch.slice(RecordBatches.ATTRIBUTES, batch.limit() - RecordBatches.ATTRIBUTES));
    batch.putInt(RecordBatches.CRC, (int) crc.getValue());
  }
}
