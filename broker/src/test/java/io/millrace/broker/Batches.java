package io.millrace.broker;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.RecordCursor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Record batches as producers send them, good and bad.
final class Batches {
  // Where the fields of a batch are.
  static final int LENGTH = 8;
  static final int MAGIC = 16;
  static final int CRC = 17;
  static final int ATTRIBUTES = 21;
  static final int LAST_OFFSET_DELTA = 23;
  static final int MAX_TIMESTAMP = 35;
  static final int RECORD_COUNT = 57;
  static final int RECORDS = 61;

  private Batches() {}

  /// A batch with one record for each value, all of the present time.
  static ByteBuffer of(String... values) {
    return compressed(Compression.NONE, values);
  }

  static ByteBuffer compressed(Compression compression, String... values) {
    return at(System.currentTimeMillis(), compression, values);
  }

  static ByteBuffer at(long timestamp, String... values) {
    return at(timestamp, Compression.NONE, values);
  }

  private static ByteBuffer at(long timestamp, Compression compression, String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder().compression(compression);
    for (String value : values) {
      builder.append(timestamp, null, value.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  /// A batch of an idempotent producer.
  static ByteBuffer sequenced(long producerId, int epoch, int sequence, String... values) {
    RecordBatchBuilder builder =
        new RecordBatchBuilder().producer(producerId, (short) epoch, sequence);
    for (String value : values) {
      builder.append(System.currentTimeMillis(), null, value.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  /// A batch with one record of `size` bytes.
  static ByteBuffer sized(int size) {
    return new RecordBatchBuilder()
        .append(System.currentTimeMillis(), null, new byte[size])
        .build();
  }

  /// A batch whose header is changed, with the checksum that belongs to it.
  static ByteBuffer changed(ByteBuffer batch, Consumer<ByteBuffer> change) {
    change.accept(batch);
    return sealed(batch);
  }

  /// A batch that says it has `count` records, and has these bytes in their place.
  static ByteBuffer raw(int count, int attributes, byte... records) {
    ByteBuffer header = of("template");
    ByteBuffer batch = ByteBuffer.allocate(RECORDS + records.length);
    batch.put(0, header, 0, RECORDS).put(RECORDS, records);
    batch.putInt(LENGTH, batch.capacity() - 12);
    batch.putShort(ATTRIBUTES, (short) attributes);
    batch.putInt(LAST_OFFSET_DELTA, count - 1);
    batch.putInt(RECORD_COUNT, count);
    return sealed(batch);
  }

  static ByteBuffer sealed(ByteBuffer batch) {
    CRC32C crc = new CRC32C();
    crc.update(batch.slice(ATTRIBUTES, batch.limit() - ATTRIBUTES));
    return batch.putInt(CRC, (int) crc.getValue());
  }

  static ByteBuffer concatenated(ByteBuffer... batches) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuffer batch : batches) {
      byte[] bytes = new byte[batch.remaining()];
      batch.get(batch.position(), bytes);
      all.writeBytes(bytes);
    }
    return ByteBuffer.wrap(all.toByteArray());
  }

  static int size(@Nullable RecordData records) {
    return records == null ? 0 : records.sizeInBytes();
  }

  /// The values of all records in what a fetch brought.
  static List<String> values(@Nullable RecordData records) {
    List<String> values = new ArrayList<>();
    forEach(records, record -> values.add(text(record)));
    return values;
  }

  /// The offsets of all records in what a fetch brought.
  static List<Long> offsets(@Nullable RecordData records) {
    List<Long> offsets = new ArrayList<>();
    forEach(records, record -> offsets.add(record.offset()));
    return offsets;
  }

  private static void forEach(@Nullable RecordData records, Consumer<RecordCursor> visitor) {
    if (!(records instanceof RecordData.Buffer(ByteBuffer bytes))) {
      return;
    }
    BatchCursor batch = RecordBatches.over(bytes);
    while (batch.next()) {
      if (!batch.isCrcValid()) {
        throw new AssertionError("the batch at offset " + batch.baseOffset() + " is corrupt");
      }
      try (RecordCursor record = batch.records(DecompressionLimit.UNLIMITED)) {
        while (record.next()) {
          visitor.accept(record);
        }
      }
    }
  }

  private static String text(RecordCursor record) {
    ByteBuffer value = record.value();
    return value == null ? "" : StandardCharsets.UTF_8.decode(value).toString();
  }
}
