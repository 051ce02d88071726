package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/// A record by its parts, which tests write with one implementation and read with the other.
record TestRecord(
    long timestamp, @Nullable String key, @Nullable String value, List<TestHeader> headers) {

  record TestHeader(String key, @Nullable String value) {}

  static TestRecord of(long timestamp, @Nullable String key, @Nullable String value) {
    return new TestRecord(timestamp, key, value, List.of());
  }

  static @Nullable ByteBuffer bytes(@Nullable String text) {
    return text == null ? null : ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  static @Nullable String text(@Nullable ByteBuffer bytes) {
    return bytes == null ? null : UTF_8.decode(bytes.duplicate()).toString();
  }

  List<io.millrace.protocol.record.RecordHeader> ownHeaders() {
    return headers.stream()
        .map(h -> new io.millrace.protocol.record.RecordHeader(h.key(), bytes(h.value())))
        .toList();
  }

  Header[] kafkaHeaders() {
    return headers.stream()
        .map(h -> new RecordHeader(h.key(), h.value() == null ? null : h.value().getBytes(UTF_8)))
        .toArray(Header[]::new);
  }

  static TestRecord read(RecordCursor cursor) {
    List<TestHeader> headers = new ArrayList<>();
    while (cursor.nextHeader()) {
      headers.add(new TestHeader(cursor.headerKey(), text(cursor.headerValue())));
    }
    return new TestRecord(cursor.timestamp(), text(cursor.key()), text(cursor.value()), headers);
  }

  static List<TestRecord> readAll(BatchCursor batch) {
    List<TestRecord> all = new ArrayList<>();
    try (RecordCursor cursor = batch.records(DecompressionLimit.UNLIMITED)) {
      while (cursor.next()) {
        all.add(read(cursor));
      }
    }
    return all;
  }

  static List<TestRecord> random(SplittableRandom random, int count) {
    long base = 1_700_000_000_000L;
    List<TestRecord> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<TestHeader> headers = new ArrayList<>();
      for (int h = random.nextInt(8) == 0 ? random.nextInt(1, 4) : 0; h > 0; h--) {
        headers.add(
            new TestHeader(
                randomText(random, 10), random.nextInt(5) == 0 ? null : randomText(random, 300)));
      }
      int largest = random.nextInt(50) == 0 ? 200_000 : 400;
      all.add(
          new TestRecord(
              base + random.nextLong(-100_000, 100_000),
              random.nextInt(4) == 0 ? null : randomText(random, 40),
              random.nextInt(10) == 0 ? null : randomText(random, largest),
              headers));
    }
    return all;
  }

  /// Text that compresses somewhat; sometimes empty.
  static String randomText(SplittableRandom random, int maxLength) {
    int length = random.nextInt(maxLength + 1);
    int letters = random.nextInt(1, 60);
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append((char) ('0' + random.nextInt(letters)));
    }
    return text.toString();
  }

  /// Our batch of these records, from offset 0.
  static ByteBuffer batch(Compression compression, List<TestRecord> records) {
    return batch(new RecordBatchBuilder().compression(compression), records);
  }

  static ByteBuffer batch(RecordBatchBuilder builder, List<TestRecord> records) {
    records.forEach(
        r -> builder.append(r.timestamp(), bytes(r.key()), bytes(r.value()), r.ownHeaders()));
    return builder.build();
  }
}
