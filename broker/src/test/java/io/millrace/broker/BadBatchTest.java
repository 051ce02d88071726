package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.ControlRecordType;
import io.millrace.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows 17 to 24 and 27 of the table of bad inputs: batches that must not be appended. Each is
/// answered with its error, and the log is as before.
@Timeout(60)
final class BadBatchTest {
  private static final String TOPIC = "batches";

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory);
    client = broker.connect();
    client.create(TOPIC);
    client.append(TOPIC, 0, Batches.of("before"));
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  private static Arguments bad(String row, ErrorCode expected, ByteBuffer records) {
    return Arguments.of(row, expected, records);
  }

  static Stream<Arguments> envelopes() {
    return Stream.of(
        bad("17: a wrong checksum", ErrorCode.CORRUPT_MESSAGE, flipped(Batches.CRC)),
        bad("17: a changed record", ErrorCode.CORRUPT_MESSAGE, flipped(Batches.RECORDS + 3)),
        bad("17: a changed attribute", ErrorCode.CORRUPT_MESSAGE, flipped(Batches.MAX_TIMESTAMP)),
        bad("18: a length of 0", ErrorCode.CORRUPT_MESSAGE, length(0)),
        bad("18: a negative length", ErrorCode.CORRUPT_MESSAGE, length(-1)),
        bad("18: less than a header", ErrorCode.CORRUPT_MESSAGE, length(48)),
        bad("18: more than there is", ErrorCode.CORRUPT_MESSAGE, length(5000)),
        bad("18: INT_MAX", ErrorCode.CORRUPT_MESSAGE, length(Integer.MAX_VALUE)),
        bad("18: half a header", ErrorCode.CORRUPT_MESSAGE, Batches.of("x").limit(30)),
        bad("18: half a batch", ErrorCode.CORRUPT_MESSAGE, Batches.of("x").limit(64)),
        bad("19: magic 0", ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, magic(0)),
        bad("19: magic 1", ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, magic(1)),
        bad("19: magic 3", ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, magic(3)),
        bad("19: compression 5", ErrorCode.INVALID_RECORD, attributes(5)),
        bad("19: compression 7", ErrorCode.INVALID_RECORD, attributes(7)),
        bad("19: an unknown attribute", ErrorCode.INVALID_RECORD, attributes(1 << 9)),
        bad("20: more records than offsets", ErrorCode.INVALID_RECORD, counts(2, 0)),
        bad("20: fewer records than offsets", ErrorCode.INVALID_RECORD, counts(1, 5)),
        bad("20: more records than there are", ErrorCode.INVALID_RECORD, counts(2, 1)),
        bad(
            "20: INT_MAX records",
            ErrorCode.INVALID_RECORD,
            counts(Integer.MAX_VALUE, Integer.MAX_VALUE - 1)),
        bad("20: a negative count", ErrorCode.INVALID_RECORD, counts(-1, -2)),
        bad("20: 0 records", ErrorCode.INVALID_RECORD, Batches.raw(0, 0)),
        bad("20: no batch", ErrorCode.INVALID_RECORD, ByteBuffer.allocate(0)),
        bad(
            "20: two batches",
            ErrorCode.INVALID_RECORD,
            Batches.concatenated(Batches.of("a"), Batches.of("b"))),
        bad(
            "20: a batch and half a batch",
            ErrorCode.INVALID_RECORD,
            Batches.concatenated(Batches.of("a"), Batches.of("b").limit(40))));
  }

  static Stream<Arguments> records() {
    return Stream.of(
        raw("21: a negative size", ErrorCode.INVALID_RECORD, "01 0000 00 01 01 00"),
        raw("21: a size larger than the rest", ErrorCode.INVALID_RECORD, "7e 00 00 00 01 01 00"),
        raw("21: a size of INT_MAX", ErrorCode.INVALID_RECORD, "feffffff0f 00 00 00 01 01 00"),
        raw("21: a size smaller than the record", ErrorCode.INVALID_RECORD, "08 00 00 00 01 01 00"),
        raw("21: a key of INT_MAX", ErrorCode.INVALID_RECORD, "14 00 00 00 feffffff0f 01 00"),
        raw("21: a key of -2", ErrorCode.INVALID_RECORD, "0c 00 00 00 03 01 00"),
        raw("21: a value of INT_MAX", ErrorCode.INVALID_RECORD, "14 00 00 00 01 feffffff0f 00"),
        raw("21: more headers than bytes", ErrorCode.INVALID_RECORD, "0c 00 00 00 01 01 7e"),
        raw("21: INT_MAX headers", ErrorCode.INVALID_RECORD, "14 00 00 00 01 01 feffffff0f"),
        raw("21: a negative number of headers", ErrorCode.INVALID_RECORD, "0c 00 00 00 01 01 01"),
        raw("21: a header's key of -1", ErrorCode.INVALID_RECORD, "10 00 00 00 01 01 02 01 01"),
        raw(
            "21: a header's value past the end",
            ErrorCode.INVALID_RECORD,
            "10 00 00 00 01 01 02 00 7e"),
        raw("21: bytes after the last record", ErrorCode.INVALID_RECORD, "0c 00 00 00 01 01 00 ff"),
        raw("21: an offset out of its order", ErrorCode.INVALID_RECORD, "0c 00 00 0a 01 01 00"),
        raw(
            "13: a varint too long",
            ErrorCode.CORRUPT_MESSAGE,
            "ffffffffffffffffffff01 00 00 00 01 01 00"));
  }

  private static Arguments raw(String row, ErrorCode expected, String records) {
    return bad(row, expected, Batches.raw(1, 0, Requests.hex(records)));
  }

  static Stream<Arguments> forbidden() {
    long now = System.currentTimeMillis();
    return Stream.of(
        bad("24: a control batch", ErrorCode.INVALID_RECORD, controlBatch()),
        bad(
            "24: a transactional batch",
            ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            new RecordBatchBuilder()
                .producer(4711, (short) 0, 0)
                .transactional(true)
                .append(now, null, new byte[1])
                .build()),
        bad("25: a negative epoch", ErrorCode.INVALID_RECORD, Batches.sequenced(4711, -1, 0, "x")),
        bad(
            "25: a negative sequence",
            ErrorCode.INVALID_RECORD,
            Batches.sequenced(4711, 0, -1, "x")),
        bad("25: a producer id of -2", ErrorCode.INVALID_RECORD, Batches.sequenced(-2, 0, 0, "x")),
        bad("27: LONG_MAX", ErrorCode.INVALID_TIMESTAMP, Batches.at(Long.MAX_VALUE, "x")),
        bad("27: LONG_MIN", ErrorCode.INVALID_TIMESTAMP, Batches.at(Long.MIN_VALUE, "x")),
        bad("27: -2", ErrorCode.INVALID_TIMESTAMP, Batches.at(-2, "x")),
        bad(
            "27: two days ahead",
            ErrorCode.INVALID_TIMESTAMP,
            Batches.at(now + 2 * 24 * 3_600_000L, "x")),
        bad(
            "27: the broker's own timestamp type",
            ErrorCode.INVALID_TIMESTAMP,
            new RecordBatchBuilder().logAppendTime(now).append(now, null, new byte[1]).build()),
        bad(
            "a base offset of a producer's own",
            ErrorCode.INVALID_RECORD,
            new RecordBatchBuilder().baseOffset(7).append(now, null, new byte[1]).build()),
        bad("max.message.bytes", ErrorCode.MESSAGE_TOO_LARGE, Batches.sized(1_100_000)));
  }

  @ParameterizedTest(name = "row {0}: {1}")
  @MethodSource({"envelopes", "records", "forbidden"})
  void isRefusedAndNothingIsAppended(String row, ErrorCode expected, ByteBuffer records)
      throws Exception {
    refuses(row, expected, records);
  }

  @Test
  void row20NullRecordsAreRefused() throws Exception {
    // A null field of records, which no batch stands for.
    client
        .wire()
        .sendBody(
            ApiKey.PRODUCE,
            3,
            Requests.hex(
                "ffff ffff 00007530 00000001 0007 62617463686573 00000001 00000000 ffffffff"));
    ProduceResponse answer = client.wire().receive(ProduceResponse.class, ApiKey.PRODUCE, 3);
    assertThat(
            BrokerClient.error(
                answer.responses().getFirst().partitionResponses().getFirst().errorCode()))
        .isEqualTo(ErrorCode.INVALID_RECORD);
  }

  /// Some 40 MB of zeros in 1 to 40 KB: a thousand times and more.
  @ParameterizedTest(name = "row 22: a bomb of {0}")
  @EnumSource(names = {"GZIP", "ZSTD"})
  void aBombIsNotUnpacked(Compression codec) throws Exception {
    ByteBuffer bomb =
        new RecordBatchBuilder()
            .compression(codec)
            .append(System.currentTimeMillis(), null, new byte[40 << 20])
            .build();
    assertThat((40 << 20) / bomb.remaining()).isGreaterThanOrEqualTo(1000);
    refuses("22", ErrorCode.MESSAGE_TOO_LARGE, bomb);
  }

  /// Records cannot be read any more from what a bomb would unpack to after its first record.
  @ParameterizedTest(name = "row 22: a bomb of {0} behind its only record")
  @EnumSource(names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
  void whatFollowsTheRecordsOfABombIsRefused(Compression codec) throws Exception {
    byte[] record = Requests.hex("0c 00 00 00 01 01 00");
    ByteBuffer raw = ByteBuffer.allocate(64 << 20).put(0, record);
    ByteBuffer packed = codec.compress(raw, codec.defaultLevel());
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    if (bytes.length < 1_000_000) {
      ProduceResponse.PartitionProduceResponse answer =
          client.produce(TOPIC, 0, Batches.raw(1, codec.id(), bytes));
      assertThat(BrokerClient.error(answer.errorCode()))
          .isIn(ErrorCode.INVALID_RECORD, ErrorCode.MESSAGE_TOO_LARGE);
    }
    unchanged();
  }

  static Stream<Arguments> streams() {
    return Stream.of(
        Arguments.of("23: zstd with a window of 2 GiB", Compression.ZSTD, "28b52ffd 00 a8 010000"),
        Arguments.of("23: zstd that ends early", Compression.ZSTD, "28b52ffd"),
        Arguments.of("23: no zstd", Compression.ZSTD, "0c000000010100"),
        Arguments.of(
            "23: snappy with a chunk of INT_MAX",
            Compression.SNAPPY,
            "82534e41505059 00 00000001 00000001 7fffffff 00"),
        Arguments.of(
            "23: snappy with a chunk of -1",
            Compression.SNAPPY,
            "82534e41505059 00 00000001 00000001 ffffffff 00"),
        Arguments.of(
            "23: snappy that claims 4 GiB",
            Compression.SNAPPY,
            "82534e41505059 00 00000001 00000001 00000006 ffffffff0f 00"),
        Arguments.of("23: no snappy", Compression.SNAPPY, "0c000000010100"),
        Arguments.of(
            "23: lz4 with a match before the start",
            Compression.LZ4,
            "04224d18 60 40 82 05000000 10 61 ffff 00 00000000"),
        Arguments.of(
            "23: lz4 with a block of 2 GiB", Compression.LZ4, "04224d18 60 40 82 ffffff7f 10 61"),
        Arguments.of("23: no lz4", Compression.LZ4, "0c000000010100"),
        Arguments.of("23: no gzip", Compression.GZIP, "0c000000010100"),
        Arguments.of("23: gzip that ends early", Compression.GZIP, "1f8b0800000000000000"),
        Arguments.of("23: nothing", Compression.GZIP, ""));
  }

  @ParameterizedTest(name = "row {0}")
  @MethodSource("streams")
  void aBrokenStreamIsRefused(String row, Compression codec, String stream) throws Exception {
    ProduceResponse.PartitionProduceResponse answer =
        client.produce(TOPIC, 0, Batches.raw(1, codec.id(), Requests.hex(stream)));
    assertThat(BrokerClient.error(answer.errorCode()))
        .as(row)
        .isIn(ErrorCode.CORRUPT_MESSAGE, ErrorCode.INVALID_RECORD, ErrorCode.MESSAGE_TOO_LARGE);
    unchanged();
  }

  /// A batch is refused or taken as it is whichever of its bits a line has turned.
  @Test
  void row17EveryBitThatTheChecksumCoversMatters() throws Exception {
    ByteBuffer batch = Batches.of("covered");
    for (int bit = Batches.CRC * 8; bit < batch.limit() * 8; bit++) {
      ByteBuffer copy = ByteBuffer.allocate(batch.limit()).put(batch.duplicate()).flip();
      copy.put(bit / 8, (byte) (copy.get(bit / 8) ^ (1 << (bit % 8))));
      boolean isTransactional = (copy.getShort(Batches.ATTRIBUTES) & 0x10) != 0;
      refuses(
          "17, bit " + bit,
          isTransactional
              ? ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
              : ErrorCode.CORRUPT_MESSAGE,
          copy);
    }
  }

  /// With acks=0 the only answer to a bad batch is that the connection ends.
  @Test
  void withoutAcksABadBatchClosesTheConnection() throws Exception {
    try (BrokerClient other = broker.connect()) {
      other
          .wire()
          .send(
              ApiKey.PRODUCE,
              BrokerClient.PRODUCE_BY_NAME,
              Requests.produce(TOPIC, Uuid.ZERO, 0, 0, flipped(Batches.CRC)));
      assertThat(other.wire().isClosedByBroker()).isTrue();
    }
    unchanged();
  }

  @ParameterizedTest(name = "acks={0}")
  @ValueSource(ints = {2, -2, 100, Short.MIN_VALUE})
  void otherAcksAreRefused(int acks) throws Exception {
    assertThat(BrokerClient.error(client.produce(TOPIC, 0, acks, Batches.of("x")).errorCode()))
        .isEqualTo(ErrorCode.INVALID_REQUIRED_ACKS);
    unchanged();
  }

  private static void refuses(String row, ErrorCode expected, ByteBuffer records) throws Exception {
    ProduceResponse.PartitionProduceResponse answer = client.produce(TOPIC, 0, records);
    assertThat(BrokerClient.error(answer.errorCode())).as(row).isEqualTo(expected);
    assertThat(answer.baseOffset()).as(row).isEqualTo(-1);
    unchanged();
  }

  private static void unchanged() throws Exception {
    assertThat(client.logEndOffset(TOPIC, 0)).isEqualTo(1);
  }

  private static ByteBuffer flipped(int position) {
    ByteBuffer batch = Batches.of("some value");
    return batch.put(position, (byte) (batch.get(position) ^ 1));
  }

  private static ByteBuffer length(int length) {
    return Batches.of("some value").putInt(Batches.LENGTH, length);
  }

  private static ByteBuffer magic(int magic) {
    return Batches.of("some value").put(Batches.MAGIC, (byte) magic);
  }

  private static ByteBuffer attributes(int attributes) {
    return Batches.changed(
        Batches.of("some value"), batch -> batch.putShort(Batches.ATTRIBUTES, (short) attributes));
  }

  private static ByteBuffer counts(int records, int lastOffsetDelta) {
    return Batches.changed(
        Batches.of("some value"),
        batch ->
            batch
                .putInt(Batches.RECORD_COUNT, records)
                .putInt(Batches.LAST_OFFSET_DELTA, lastOffsetDelta));
  }

  private static ByteBuffer controlBatch() {
    return new RecordBatchBuilder()
        .producer(4711, (short) 0, 0)
        .control(true)
        .appendEndTransaction(System.currentTimeMillis(), ControlRecordType.COMMIT, 0)
        .build();
  }
}
