package io.millrace.protocol.record;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// Batches with something wrong in them.
final class TestBatch {
  static final long NOW = 1_700_000_000_000L;
  private static final int SIGNIFICANT_BITS = 7;

  private TestBatch() {}

  /// A copy of `batch`, changed, with a checksum that fits the change.
  static ByteBuffer changed(ByteBuffer batch, Consumer<ByteBuffer> change) {
    ByteBuffer copy = copy(batch);
    change.accept(copy);
    return withCrc(copy);
  }

  static ByteBuffer copy(ByteBuffer batch) {
    return ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
  }

  static ByteBuffer direct(ByteBuffer heap) {
    return ByteBuffer.allocateDirect(heap.remaining()).put(heap.duplicate()).flip();
  }

  static ByteBuffer withCrc(ByteBuffer batch) {
    BatchCursor cursor = RecordBatches.over(batch);
    if (cursor.next()) {
      cursor.rewriteCrc();
    }
    return batch;
  }

  /// A batch with whatever follows its header, said to be `count` records.
  static ByteBuffer raw(Compression compression, int count, byte[] recordBytes) {
    ByteBuffer header = new RecordBatchBuilder().append(NOW, null, new byte[0]).build();
    ByteBuffer batch = ByteBuffer.allocate(RecordBatches.HEADER_SIZE + recordBytes.length);
    batch.put(0, header, 0, RecordBatches.HEADER_SIZE);
    batch.put(RecordBatches.HEADER_SIZE, recordBytes);
    batch.putInt(RecordBatches.LENGTH, batch.capacity() - RecordBatches.LOG_OVERHEAD);
    batch.putShort(RecordBatches.ATTRIBUTES, (short) compression.id());
    batch.putInt(RecordBatches.RECORD_COUNT, count);
    batch.putInt(RecordBatches.LAST_OFFSET_DELTA, count - 1);
    return withCrc(batch);
  }

  /// A record from its fields: numbers are written as varints, byte arrays as they are, and the
  /// size comes first.
  static byte[] record(Object... fields) {
    byte[] body = bytes(fields);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(varint(body.length));
    out.writeBytes(body);
    return out.toByteArray();
  }

  static byte[] bytes(Object... fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object field : fields) {
      out.writeBytes(
          switch (field) {
            case Integer number -> varint(number);
            case Long number -> varint(number);
            case byte[] bytes -> bytes;
            default -> throw new IllegalArgumentException("neither number nor bytes: " + field);
          });
    }
    return out.toByteArray();
  }

  static byte[] varint(long value) {
    ByteBuffer out = ByteBuffer.allocate(10);
    Varint.put(value, out);
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  /// `value` in as many bytes as are asked for, more than it takes.
  static byte[] longVarint(long value, int size) {
    byte[] out = new byte[size];
    long left = (value << 1) ^ (value >> 63);
    for (int i = 0; i < size; i++) {
      out[i] = (byte) ((left & 0x7f) | (i < size - 1 ? 0x80 : 0));
      left >>>= SIGNIFICANT_BITS;
    }
    return out;
  }
}
