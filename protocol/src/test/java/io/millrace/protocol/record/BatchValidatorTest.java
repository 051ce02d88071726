package io.millrace.protocol.record;

import static io.millrace.protocol.record.TestBatch.NOW;
import static io.millrace.protocol.record.TestBatch.bytes;
import static io.millrace.protocol.record.TestBatch.changed;
import static io.millrace.protocol.record.TestBatch.longVarint;
import static io.millrace.protocol.record.TestBatch.raw;
import static io.millrace.protocol.record.TestBatch.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Rows 13, 17 to 21, 24 and 27 of the table of bad inputs, and the rules of a log.
final class BatchValidatorTest {
  private static final long HOUR = 3_600_000;
  private static final byte[] ATTRIBUTES = {0};

  private static final BatchValidator.Rules RULES =
      new BatchValidator.Rules(
          1 << 20,
          TimestampType.CREATE_TIME,
          Long.MAX_VALUE,
          HOUR,
          false,
          DecompressionLimit.ofBytes(16 << 20),
          null);

  private static ByteBuffer batch() {
    return batch(Compression.NONE);
  }

  private static ByteBuffer batch(Compression compression) {
    return builder(compression).build();
  }

  private static RecordBatchBuilder builder(Compression compression) {
    return new RecordBatchBuilder()
        .compression(compression)
        .append(NOW, "k".getBytes(UTF_8), "v1".getBytes(UTF_8))
        .append(NOW + 5, null, "v2".getBytes(UTF_8))
        .append(NOW - 5, "k".getBytes(UTF_8), null);
  }

  private static void validate(ByteBuffer entry) {
    validate(entry, RULES);
  }

  private static void validate(ByteBuffer entry, BatchValidator.Rules rules) {
    BatchValidator.validate(BatchValidator.single(entry), rules, NOW);
  }

  private static void assertRefused(ByteBuffer entry, ErrorCode code) {
    assertRefused(entry, RULES, code, -1);
  }

  private static void assertRefused(
      ByteBuffer entry, BatchValidator.Rules rules, ErrorCode code, int recordIndex) {
    for (ByteBuffer form : List.of(entry, TestBatch.direct(entry))) {
      assertThatThrownBy(() -> validate(form, rules))
          .asInstanceOf(type(InvalidBatchException.class))
          .satisfies(
              e -> {
                assertThat(e.errorCode()).as(e.getMessage()).isEqualTo(code);
                assertThat(e.recordIndex()).isEqualTo(recordIndex);
              });
    }
  }

  /// Refused compressed with each codec, for the first record.
  private static void assertRecordRefused(int count, byte[] records, ErrorCode code) {
    for (Compression compression : Compression.values()) {
      ByteBuffer stored =
          compression.compress(ByteBuffer.wrap(records), compression.defaultLevel());
      byte[] storedBytes = new byte[stored.remaining()];
      stored.get(storedBytes);
      assertRefused(raw(compression, count, storedBytes), RULES, code, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGoodBatchPassesUnchanged(Compression compression) {
    ByteBuffer batch = batch(compression);
    ByteBuffer sent = TestBatch.copy(batch);
    validate(batch);
    assertThat(batch).isEqualTo(sent);
    validate(TestBatch.direct(batch));
    validate(raw(Compression.NONE, 1, record(ATTRIBUTES, 0, 0, -1, -1, 0)));
  }

  @Test
  void row13MalformedVarints() {
    ErrorCode code = ErrorCode.CORRUPT_MESSAGE;
    byte[] rest = bytes(ATTRIBUTES, 0, 0, -1, -1, 0);
    assertRecordRefused(1, bytes(longVarint(rest.length, 6), rest), code);
    assertRecordRefused(1, bytes(new byte[] {-1, -1, -1, -1, 0x1f}, rest), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, longVarint(0, 6), -1, -1, 0), code);
    assertRecordRefused(1, record(ATTRIBUTES, longVarint(0, 11), 0, -1, -1, 0), code);
    byte[] tooLarge = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 2};
    assertRecordRefused(1, record(ATTRIBUTES, tooLarge, 0, -1, -1, 0), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, longVarint(-1, 7), -1, 0), code);
  }

  @Test
  void row13NumbersWithPaddingPassAsInKafka() {
    validate(
        raw(
            Compression.NONE,
            1,
            record(ATTRIBUTES, longVarint(0, 10), longVarint(0, 5), -1, -1, 0)));
  }

  @Test
  void row17WrongChecksum() {
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      ByteBuffer batch = batch();
      batch.putInt(RecordBatches.CRC, batch.getInt(RecordBatches.CRC) ^ (1 << bit));
      assertRefused(batch, ErrorCode.CORRUPT_MESSAGE);
    }
  }

  @Test
  void row18LengthsThatDoNotFit() {
    for (int length :
        new int[] {-1, 0, 13, 48, batch().remaining() - 11, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertRefused(batch().putInt(RecordBatches.LENGTH, length), ErrorCode.CORRUPT_MESSAGE);
    }
    ByteBuffer cut = batch();
    assertRefused(cut.limit(cut.limit() - 1), ErrorCode.CORRUPT_MESSAGE);
    assertRefused(batch().limit(11), ErrorCode.CORRUPT_MESSAGE);
  }

  @Test
  void row19OtherMagicsAndUnknownCompression() {
    for (byte magic : new byte[] {0, 1, 3, -1}) {
      assertRefused(
          batch().put(RecordBatches.MAGIC_POSITION, magic),
          ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT);
    }
    for (short id = 5; id <= 7; id++) {
      short attributes = id;
      assertRefused(
          changed(batch(), b -> b.putShort(RecordBatches.ATTRIBUTES, attributes)),
          ErrorCode.INVALID_RECORD);
    }
  }

  @Test
  void row20CountsThatDoNotAgree() {
    for (int count : new int[] {Integer.MIN_VALUE, -1, 0, 2, 4, Integer.MAX_VALUE}) {
      assertRefused(
          changed(batch(), b -> b.putInt(RecordBatches.RECORD_COUNT, count)),
          ErrorCode.INVALID_RECORD);
    }
    for (int delta : new int[] {Integer.MIN_VALUE, -1, 0, 1, 3, Integer.MAX_VALUE}) {
      assertRefused(
          changed(batch(), b -> b.putInt(RecordBatches.LAST_OFFSET_DELTA, delta)),
          ErrorCode.INVALID_RECORD);
    }
  }

  @ParameterizedTest
  @EnumSource
  void row20CountsThatTheRecordsBelie(Compression compression) {
    ByteBuffer fewer =
        changed(
            batch(compression),
            b ->
                b.putInt(RecordBatches.RECORD_COUNT, 2).putInt(RecordBatches.LAST_OFFSET_DELTA, 1));
    assertRefused(fewer, RULES, ErrorCode.INVALID_RECORD, -1);
    ByteBuffer more =
        changed(
            batch(compression),
            b ->
                b.putInt(RecordBatches.RECORD_COUNT, 4).putInt(RecordBatches.LAST_OFFSET_DELTA, 3));
    assertRefused(more, RULES, ErrorCode.INVALID_RECORD, 3);
  }

  @Test
  void row20NoneOrSeveralBatches() {
    assertRefused(ByteBuffer.allocate(0), ErrorCode.INVALID_RECORD);
    ByteBuffer two = ByteBuffer.allocate(2 * batch().remaining());
    assertRefused(two.put(batch()).put(batch()).flip(), ErrorCode.INVALID_RECORD);
    ByteBuffer more = ByteBuffer.allocate(batch().remaining() + 1).put(batch()).rewind();
    assertRefused(more, ErrorCode.INVALID_RECORD);
  }

  @Test
  void row21SizesThatDoNotFit() {
    ErrorCode code = ErrorCode.INVALID_RECORD;
    byte[] good = record(ATTRIBUTES, 0, 0, -1, -1, 0);
    assertRecordRefused(1, bytes(-1, good), code);
    assertRecordRefused(1, bytes(0, good), code);
    assertRecordRefused(1, bytes(Integer.MAX_VALUE, good), code);
    assertRecordRefused(1, bytes(Integer.MIN_VALUE, good), code);
    assertRecordRefused(1, bytes(good.length, ATTRIBUTES, 0, 0, -1, -1, 0), code);
    assertRecordRefused(1, new byte[0], code);
    for (int size : new int[] {-2, 1, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, size), code);
      assertRecordRefused(1, record(ATTRIBUTES, 0, 0, size), code);
    }
    for (int count : new int[] {-1, 1, 2, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, count), code);
    }
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, 1, -1, -1), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, 1, Integer.MAX_VALUE, -1), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, 1, 0, -2), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, 1, 0, 7), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0, -1, -1, 0, 0), code);
    assertRecordRefused(1, record(ATTRIBUTES, 0, 0), code);
    assertRecordRefused(1, record(ATTRIBUTES), code);
  }

  @Test
  void row21OffsetsThatDoNotCountUp() {
    assertRecordRefused(1, record(ATTRIBUTES, 0, 1, -1, -1, 0), ErrorCode.INVALID_RECORD);
    assertRecordRefused(1, record(ATTRIBUTES, 0, -1, -1, -1, 0), ErrorCode.INVALID_RECORD);
    byte[] first = record(ATTRIBUTES, 0, 0, -1, -1, 0);
    assertRefused(
        raw(Compression.NONE, 2, bytes(first, first)), RULES, ErrorCode.INVALID_RECORD, 1);
  }

  @Test
  void row24AttributesThatAreNotForClients() {
    for (int flag :
        new int[] {RecordBatches.CONTROL_FLAG, RecordBatches.DELETE_HORIZON_FLAG, 0x80, 0x8000}) {
      assertRefused(
          changed(batch(), b -> b.putShort(RecordBatches.ATTRIBUTES, (short) flag)),
          ErrorCode.INVALID_RECORD);
    }
    assertRefused(
        changed(
            batch(),
            b -> b.putShort(RecordBatches.ATTRIBUTES, (short) RecordBatches.TRANSACTIONAL_FLAG)),
        ErrorCode.INVALID_RECORD);
  }

  @Test
  void row25ProducerStateThatMakesNoSense() {
    assertThatCode(() -> validate(producer(7, (short) 0, 0))).doesNotThrowAnyException();
    // KafkaJS without idempotence.
    assertThatCode(() -> validate(producer(-1, (short) 0, 0))).doesNotThrowAnyException();
    assertRefused(producer(7, (short) 0, -1), ErrorCode.INVALID_RECORD);
    assertRefused(producer(7, (short) -1, 0), ErrorCode.INVALID_RECORD);
    assertRefused(producer(-2, (short) 0, 0), ErrorCode.INVALID_RECORD);
  }

  private static ByteBuffer producer(long id, short epoch, int sequence) {
    return new RecordBatchBuilder()
        .producer(id, epoch, sequence)
        .append(NOW, null, new byte[1])
        .build();
  }

  @Test
  void row27Timestamps() {
    ErrorCode code = ErrorCode.INVALID_TIMESTAMP;
    for (long bad : new long[] {Long.MIN_VALUE, -2, NOW + HOUR + 1, Long.MAX_VALUE}) {
      assertRefused(timestamps(bad), RULES, code, 0);
      assertRefused(timestamps(NOW, bad), RULES, code, 1);
    }
    for (long good : new long[] {-1, 0, NOW, NOW + HOUR}) {
      validate(timestamps(good));
      validate(timestamps(NOW, good));
    }
    BatchValidator.Rules strict = rules(1 << 20, TimestampType.CREATE_TIME, HOUR, false);
    assertRefused(timestamps(NOW - HOUR - 1), strict, code, 0);
    validate(timestamps(NOW - HOUR), strict);
    validate(timestamps(-1), strict);
    // What the log replaces is not looked at.
    validate(
        timestamps(Long.MAX_VALUE, 3), rules(1 << 20, TimestampType.LOG_APPEND_TIME, 0, false));
    assertRefused(
        new RecordBatchBuilder().logAppendTime(NOW).append(NOW, null, new byte[1]).build(), code);
  }

  private static ByteBuffer timestamps(long... timestamps) {
    RecordBatchBuilder builder = new RecordBatchBuilder();
    for (long timestamp : timestamps) {
      builder.append(timestamp, null, new byte[1]);
    }
    return builder.build();
  }

  private static BatchValidator.Rules rules(
      int maxBytes, TimestampType type, long beforeMaxMs, boolean keysRequired) {
    return new BatchValidator.Rules(
        maxBytes, type, beforeMaxMs, HOUR, keysRequired, DecompressionLimit.UNLIMITED, null);
  }

  @Test
  void aWrongMaximumTimestampIsCorrected() {
    for (long wrong : new long[] {-1, 0, NOW, Long.MAX_VALUE}) {
      ByteBuffer batch = changed(batch(), b -> b.putLong(RecordBatches.MAX_TIMESTAMP, wrong));
      validate(batch);
      assertThat(batch).isEqualTo(batch());
    }
  }

  @Test
  void sizesAboveTheTopicsLimit() {
    int size = batch().remaining();
    validate(batch(), rules(size, TimestampType.CREATE_TIME, HOUR, false));
    assertRefused(
        batch(),
        rules(size - 1, TimestampType.CREATE_TIME, HOUR, false),
        ErrorCode.MESSAGE_TOO_LARGE,
        -1);
  }

  @ParameterizedTest
  @EnumSource
  void compactedTopicsNeedKeys(Compression compression) {
    BatchValidator.Rules compacted = rules(1 << 20, TimestampType.CREATE_TIME, HOUR, true);
    assertRefused(batch(compression), compacted, ErrorCode.INVALID_RECORD, 1);
  }

  @Test
  void producersStartAtOffsetZero() {
    assertRefused(batch().putLong(RecordBatches.BASE_OFFSET, 1), ErrorCode.INVALID_RECORD);
    assertRefused(batch().putLong(RecordBatches.BASE_OFFSET, -1), ErrorCode.INVALID_RECORD);
  }

  @Test
  void oneRecordAboveItsLimit() {
    BatchValidator.Rules rules =
        new BatchValidator.Rules(
            1 << 20,
            TimestampType.CREATE_TIME,
            HOUR,
            HOUR,
            false,
            new DecompressionLimit(1 << 20, 1000, 1000),
            null);
    for (Compression compression : Compression.values()) {
      RecordBatchBuilder builder = new RecordBatchBuilder().compression(compression);
      validate(builder.append(NOW, null, new byte[900]).build(), rules);
      ByteBuffer large = builder.append(NOW, null, new byte[1000]).build();
      if (compression == Compression.NONE) {
        validate(large, rules);
      } else {
        assertRefused(large, rules, ErrorCode.INVALID_RECORD, 0);
      }
    }
  }

  @Test
  void whatAReplicaFetchedMayBeCompacted() {
    ByteBuffer compacted =
        changed(
            batch().putLong(RecordBatches.BASE_OFFSET, 77),
            b -> b.putInt(RecordBatches.LAST_OFFSET_DELTA, 40));
    BatchValidator.validateIntegrity(BatchValidator.single(compacted));
    compacted.put(80, (byte) ~compacted.get(80));
    assertThatThrownBy(() -> BatchValidator.validateIntegrity(BatchValidator.single(compacted)))
        .isInstanceOf(InvalidBatchException.class);
  }
}
