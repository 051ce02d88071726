package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.record.TestRecord.TestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Kafka's own classes write what we read, and read what we write.
final class KafkaGoldenTest {
  private static final long NOW = 1_700_000_000_000L;

  private static final List<TestRecord> SPECIAL =
      List.of(
          TestRecord.of(NOW, null, null),
          TestRecord.of(NOW - 5_000_000_000L, "", ""),
          TestRecord.of(NOW + 1, "k", null),
          new TestRecord(
              NOW,
              null,
              "v",
              List.of(
                  new TestHeader("", null),
                  new TestHeader("h", ""),
                  new TestHeader("naïve €", "x".repeat(5000)))),
          TestRecord.of(0, "k".repeat(70), "v".repeat(300_000)),
          TestRecord.of(-1, "none", "at all"),
          TestRecord.of(Long.MAX_VALUE / 2, "later", "much"));

  /// What a batch has beside its records.
  private record Header(
      long baseOffset,
      int leaderEpoch,
      long producerId,
      short producerEpoch,
      int baseSequence,
      boolean transactional,
      boolean control,
      boolean appendTime) {
    static final Header PLAIN = new Header(0, -1, -1, (short) -1, -1, false, false, false);
  }

  private static final List<Header> HEADERS =
      List.of(
          Header.PLAIN,
          new Header(123_456_789_012L, 17, -1, (short) -1, -1, false, false, false),
          new Header(5, 0, 4711, (short) 3, Integer.MAX_VALUE - 2, false, false, false),
          new Header(5, 0, Long.MAX_VALUE, Short.MAX_VALUE, 0, true, false, false),
          new Header(5, 0, 4711, (short) 3, 0, false, false, true),
          new Header(5, 0, 4711, (short) 3, 9, true, true, true));

  private static ByteBuffer ours(Compression compression, Header header, List<TestRecord> records) {
    RecordBatchBuilder builder =
        new RecordBatchBuilder()
            .compression(compression)
            .baseOffset(header.baseOffset)
            .partitionLeaderEpoch(header.leaderEpoch)
            .producer(header.producerId, header.producerEpoch, header.baseSequence)
            .transactional(header.transactional)
            .control(header.control);
    return TestRecord.batch(header.appendTime ? builder.logAppendTime(NOW) : builder, records);
  }

  private static ByteBuffer kafkas(
      Compression compression, Header header, List<TestRecord> records) {
    try (MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1 << 16),
            RecordBatch.CURRENT_MAGIC_VALUE,
            org.apache.kafka.common.compress.Compression.of(CompressionType.forId(compression.id()))
                .build(),
            header.appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
            header.baseOffset,
            NOW,
            header.producerId,
            header.producerEpoch,
            header.baseSequence,
            header.transactional,
            header.control,
            header.leaderEpoch)) {
      for (TestRecord r : records) {
        ByteBuffer key = TestRecord.bytes(r.key());
        ByteBuffer value = TestRecord.bytes(r.value());
        builder.append(r.timestamp(), key, value, r.kafkaHeaders());
      }
      return builder.build().buffer();
    }
  }

  private static void assertHeader(BatchCursor ours, MutableRecordBatch kafkas) {
    assertThat(ours.sizeInBytes()).isEqualTo(kafkas.sizeInBytes());
    assertThat(ours.baseOffset()).isEqualTo(kafkas.baseOffset());
    assertThat(ours.lastOffset()).isEqualTo(kafkas.lastOffset());
    assertThat(ours.nextOffset()).isEqualTo(kafkas.nextOffset());
    assertThat(ours.partitionLeaderEpoch()).isEqualTo(kafkas.partitionLeaderEpoch());
    assertThat(ours.magic()).isEqualTo(kafkas.magic());
    assertThat(ours.crc()).isEqualTo(kafkas.checksum());
    assertThat(ours.isCrcValid()).isEqualTo(kafkas.isValid());
    assertThat(ours.compression().id()).isEqualTo(kafkas.compressionType().id);
    assertThat(ours.timestampType().name()).isEqualTo(kafkas.timestampType().name());
    assertThat(ours.isTransactional()).isEqualTo(kafkas.isTransactional());
    assertThat(ours.isControl()).isEqualTo(kafkas.isControlBatch());
    assertThat(ours.hasDeleteHorizon()).isEqualTo(kafkas.deleteHorizonMs().isPresent());
    assertThat(ours.baseTimestamp()).isEqualTo(((DefaultRecordBatch) kafkas).baseTimestamp());
    assertThat(ours.maxTimestamp()).isEqualTo(kafkas.maxTimestamp());
    assertThat(ours.producerId()).isEqualTo(kafkas.producerId());
    assertThat(ours.hasProducerId()).isEqualTo(kafkas.hasProducerId());
    assertThat(ours.producerEpoch()).isEqualTo(kafkas.producerEpoch());
    assertThat(ours.baseSequence()).isEqualTo(kafkas.baseSequence());
    assertThat(ours.lastSequence()).isEqualTo(kafkas.lastSequence());
    assertThat(ours.recordCount()).isEqualTo(kafkas.countOrNull());
  }

  private static List<TestRecord> kafkaReads(MutableRecordBatch batch) {
    List<TestRecord> all = new ArrayList<>();
    for (Record r : batch) {
      r.ensureValid();
      List<TestHeader> headers =
          Arrays.stream(r.headers())
              .map(
                  h ->
                      new TestHeader(
                          h.key(), h.value() == null ? null : new String(h.value(), UTF_8)))
              .toList();
      all.add(
          new TestRecord(
              r.timestamp(), TestRecord.text(r.key()), TestRecord.text(r.value()), headers));
    }
    return all;
  }

  private static MutableRecordBatch asKafka(ByteBuffer batch) {
    var batches = MemoryRecords.readableRecords(batch.duplicate()).batches().iterator();
    MutableRecordBatch only = batches.next();
    assertThat(batches.hasNext()).isFalse();
    return only;
  }

  private static BatchCursor asOurs(ByteBuffer batch) {
    BatchCursor cursor = RecordBatches.over(batch);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.sizeInBytes()).isEqualTo(batch.remaining());
    return cursor;
  }

  private static ByteBuffer direct(ByteBuffer heap) {
    return ByteBuffer.allocateDirect(heap.remaining()).put(heap.duplicate()).flip();
  }

  private static List<TestRecord> expected(Header header, List<TestRecord> records) {
    return header.appendTime
        ? records.stream().map(r -> new TestRecord(NOW, r.key(), r.value(), r.headers())).toList()
        : records;
  }

  @ParameterizedTest
  @EnumSource
  void kafkaReadsWhatWeWrite(Compression compression) {
    for (Header header : HEADERS) {
      List<TestRecord> records = SPECIAL;
      ByteBuffer batch = ours(compression, header, records);

      MutableRecordBatch read = asKafka(batch);

      read.ensureValid();
      assertHeader(asOurs(batch), read);
      assertThat(kafkaReads(read)).isEqualTo(expected(header, records));
    }
  }

  @ParameterizedTest
  @EnumSource
  void weReadWhatKafkaWrites(Compression compression) {
    // Kafka's builder refuses timestamp -1 unless it keeps none.
    List<TestRecord> records = SPECIAL.stream().filter(r -> r.timestamp() >= 0).toList();
    for (Header header : HEADERS) {
      if (header.control) {
        continue;
      }
      ByteBuffer batch = kafkas(compression, header, records);
      for (ByteBuffer form : List.of(batch, direct(batch))) {
        BatchCursor read = asOurs(form);
        assertHeader(read, asKafka(batch));
        BatchValidator.validateIntegrity(read);
        assertThat(TestRecord.readAll(read)).isEqualTo(expected(header, records));
      }
    }
  }

  @Test
  void uncompressedBatchesAreTheSameByteForByte() {
    List<TestRecord> records = SPECIAL.stream().filter(r -> r.timestamp() >= 0).toList();
    for (Header header : HEADERS) {
      if (!header.control) {
        assertThat(ours(Compression.NONE, header, records))
            .isEqualTo(kafkas(Compression.NONE, header, records));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void randomBatchesAgreeBothWays(Compression compression) {
    for (long seed = 0; seed < 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<TestRecord> records = TestRecord.random(random, random.nextInt(1, 200));
      ByteBuffer ours = ours(compression, Header.PLAIN, records);
      ByteBuffer kafkas = kafkas(compression, Header.PLAIN, records);
      assertThat(kafkaReads(asKafka(ours))).as("seed %d", seed).isEqualTo(records);
      assertThat(TestRecord.readAll(asOurs(direct(ours)))).as("seed %d", seed).isEqualTo(records);
      assertThat(TestRecord.readAll(asOurs(kafkas))).as("seed %d", seed).isEqualTo(records);
      assertThat(TestRecord.readAll(asOurs(direct(kafkas)))).as("seed %d", seed).isEqualTo(records);
    }
  }

  @ParameterizedTest
  @EnumSource
  void kafkaReadsEveryLevel(Compression compression) {
    List<TestRecord> records = TestRecord.random(new SplittableRandom(7), 50);
    IntStream levels =
        IntStream.concat(
            IntStream.of(compression.defaultLevel(), compression.minLevel()),
            IntStream.rangeClosed(Math.max(0, compression.minLevel()), compression.maxLevel()));
    levels.forEach(
        level -> {
          ByteBuffer batch =
              TestRecord.batch(new RecordBatchBuilder().compression(compression, level), records);
          assertThat(kafkaReads(asKafka(batch))).as("level %d", level).isEqualTo(records);
        });
  }

  @ParameterizedTest
  @EnumSource
  void levelsAreKafkas(Compression compression) {
    CompressionType type = CompressionType.forId(compression.id());
    assertThat(compression.configName()).isEqualTo(type.name);
    if (compression != Compression.NONE && compression != Compression.SNAPPY) {
      assertThat(compression.minLevel()).isEqualTo(type.minLevel());
      assertThat(compression.maxLevel()).isEqualTo(type.maxLevel());
      assertThat(compression.defaultLevel()).isEqualTo(type.defaultLevel());
    }
  }

  @Test
  void controlBatchesAreKafkas() {
    ByteBuffer kafkas =
        MemoryRecords.withEndTransactionMarker(
                42,
                NOW,
                7,
                4711,
                (short) 3,
                new EndTransactionMarker(
                    org.apache.kafka.common.record.internal.ControlRecordType.COMMIT, 12))
            .buffer();
    ByteBuffer ours =
        new RecordBatchBuilder()
            .baseOffset(42)
            .partitionLeaderEpoch(7)
            .producer(4711, (short) 3, RecordBatches.NO_SEQUENCE)
            .transactional(true)
            .control(true)
            .appendEndTransaction(NOW, ControlRecordType.COMMIT, 12)
            .build();
    assertThat(ours).isEqualTo(kafkas);
    try (RecordCursor marker = asOurs(kafkas).records(DecompressionLimit.UNLIMITED)) {
      assertThat(marker.next()).isTrue();
      assertThat(ControlRecordType.of(marker)).isEqualTo(ControlRecordType.COMMIT);
      assertThat(ControlRecordType.coordinatorEpoch(marker)).isEqualTo(12);
    }
  }

  @Test
  void patchesAreKafkas() {
    ByteBuffer ours = ours(Compression.LZ4, Header.PLAIN, SPECIAL);
    ByteBuffer kafkas = ByteBuffer.allocate(ours.remaining()).put(ours.duplicate()).flip();
    BatchCursor cursor = asOurs(ours);
    cursor.setBaseOffset(99);
    cursor.setPartitionLeaderEpoch(5);
    cursor.setLogAppendTime(NOW + 7);
    MutableRecordBatch batch = asKafka(kafkas);
    batch.setLastOffset(99 + SPECIAL.size() - 1);
    batch.setPartitionLeaderEpoch(5);
    batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, NOW + 7);
    assertThat(ours).isEqualTo(kafkas);
    assertThat(cursor.isCrcValid()).isTrue();

    cursor.setMaxTimestamp(NOW);
    batch.setMaxTimestamp(TimestampType.CREATE_TIME, NOW);
    assertThat(ours).isEqualTo(kafkas);
  }

  @ParameterizedTest
  @EnumSource
  void recompressedBatchesDifferInNothingElse(Compression source) {
    for (Compression target : Compression.values()) {
      for (Header header : HEADERS) {
        BatchCursor before = asOurs(ours(source, header, SPECIAL));
        ByteBuffer copy =
            Recompression.recompress(
                before, target, target.defaultLevel(), DecompressionLimit.UNLIMITED);
        BatchCursor after = asOurs(copy);
        asKafka(copy).ensureValid();
        assertThat(after.compression()).isEqualTo(target);
        assertThat(kafkaReads(asKafka(copy))).isEqualTo(expected(header, SPECIAL));
        ByteBuffer back =
            Recompression.recompress(after, Compression.NONE, 0, DecompressionLimit.UNLIMITED);
        assertThat(back).isEqualTo(ours(Compression.NONE, header, SPECIAL));
      }
    }
  }

  @Test
  void recordsAreReadFromWhereverTheBatchLies() {
    ByteBuffer batch = ours(Compression.NONE, Header.PLAIN, SPECIAL);
    ByteBuffer log = ByteBuffer.allocate(3 + 3 * batch.remaining() + 5).position(3);
    for (int i = 0; i < 3; i++) {
      log.put(batch.duplicate());
    }
    log.limit(log.position()).position(3);
    BatchCursor cursor = RecordBatches.over(log);
    List<List<TestRecord>> read = new ArrayList<>();
    while (cursor.next()) {
      read.add(TestRecord.readAll(cursor));
      assertThat(cursor.slice()).isEqualTo(batch);
    }
    assertThat(cursor.status()).isEqualTo(BatchStatus.END);
    assertThat(read).isEqualTo(Collections.nCopies(3, SPECIAL));
    assertThat(log.position()).isEqualTo(3);
  }
}
