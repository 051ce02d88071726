package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.DescribeLogDirsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows 10 to 14 and 16 of the table of bad inputs: bodies that are no messages, and names that are
/// no names. Where the response has a place for an error of the whole request the client gets
/// INVALID_REQUEST, and may go on; elsewhere the connection ends.
@Timeout(60)
final class MalformedRequestTest {
  private static final String NULL_ID_AND_TIMEOUT = "00 0000ea60";

  @TempDir static Path directory;
  private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  @AfterEach
  void othersAreServed() throws Exception {
    try (BrokerClient other = broker.connect()) {
      assertThat(other.metadata().brokers()).hasSize(1);
    }
  }

  static Stream<Arguments> answered() {
    String emptyFetch = "ffffffff 000001f4 00000001 00ffffff 00 00000000 ffffffff";
    return Stream.of(
        // An array of topics: null, or a count.
        malformed("10: INT_MAX topics", ApiKey.METADATA, 13, "ffffffff0f 01 00 00 00"),
        malformed("10: more topics than bytes", ApiKey.METADATA, 13, "e807 01 00 00 00"),
        malformed("10: INT_MAX topics, compact", ApiKey.DESCRIBE_LOG_DIRS, 4, "ffffffff0f 00"),
        malformed("10: INT_MAX topics, not compact", ApiKey.FETCH, 11, fetchWith("7fffffff")),
        malformed("10: -2 topics", ApiKey.FETCH, 11, fetchWith("fffffffe")),
        malformed("10: a null array that must not be", ApiKey.FETCH, 11, fetchWith("ffffffff")),
        malformed(
            "11: INT_MAX partitions within a topic",
            ApiKey.FETCH,
            12,
            emptyFetch + "02 0274 ffffffff0f"),
        malformed(
            "11: 2^21 partitions within each of two topics",
            ApiKey.FETCH,
            12,
            emptyFetch + "03 0274 81808001 0274 81808001"),
        malformed("12: a string of -2", ApiKey.INIT_PRODUCER_ID, 0, "fffe 0000ea60"),
        malformed("12: a string of -32768", ApiKey.INIT_PRODUCER_ID, 0, "8000 0000ea60"),
        malformed("12: a string past the end", ApiKey.INIT_PRODUCER_ID, 0, "7fff 0000ea60"),
        malformed("12: a compact string past the end", ApiKey.INIT_PRODUCER_ID, 2, "64 0000ea60"),
        malformed(
            "12: a compact string of 2^32 - 2",
            ApiKey.INIT_PRODUCER_ID,
            2,
            "ffffffff0f 0000ea60 00"),
        malformed("12: a null string that must not be", ApiKey.API_VERSIONS, 3, "00 04312e30 00"),
        malformed("12: the body ends early", ApiKey.INIT_PRODUCER_ID, 4, NULL_ID_AND_TIMEOUT),
        malformed("12: there is no body", ApiKey.INIT_PRODUCER_ID, 0, ""),
        malformed(
            "13: a varint of 6 bytes", ApiKey.INIT_PRODUCER_ID, 2, "808080808000 0000ea60 00"),
        malformed(
            "13: a varint over 32 bits", ApiKey.INIT_PRODUCER_ID, 2, "ffffffff7f 0000ea60 00"),
        malformed(
            "14: the same tag twice",
            ApiKey.INIT_PRODUCER_ID,
            2,
            NULL_ID_AND_TIMEOUT + "02 0500 0500"),
        malformed(
            "14: descending tags",
            ApiKey.INIT_PRODUCER_ID,
            2,
            NULL_ID_AND_TIMEOUT + "02 0600 0500"),
        malformed(
            "14: a tag's size past the end",
            ApiKey.INIT_PRODUCER_ID,
            2,
            NULL_ID_AND_TIMEOUT + "01 05 7f 00"),
        malformed(
            "14: a tag's size over 2^31",
            ApiKey.INIT_PRODUCER_ID,
            2,
            NULL_ID_AND_TIMEOUT + "01 05 ffffffff0f 00"),
        malformed(
            "14: 2^31 tags", ApiKey.INIT_PRODUCER_ID, 2, NULL_ID_AND_TIMEOUT + "8080808008 0500"),
        malformed(
            "14: 2^32 - 1 tags",
            ApiKey.INIT_PRODUCER_ID,
            2,
            NULL_ID_AND_TIMEOUT + "ffffffff0f 0500"));
  }

  private static String fetchWith(String topicCount) {
    return "ffffffff 000001f4 00000001 00ffffff 00 00000000 ffffffff"
        + topicCount
        + "00000000 0000";
  }

  private static Arguments malformed(String what, ApiKey api, int version, String body) {
    return Arguments.of(what, api, version, body);
  }

  @ParameterizedTest(name = "row {0}: {1} {2}")
  @MethodSource("answered")
  void isAnsweredAsInvalidAndTheConnectionGoesOn(String row, ApiKey api, int version, String body)
      throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBody(api, version, Requests.hex(body));
      ApiMessage answer = client.wire().receive(ApiMessage.class, api, version);
      assertThat(BrokerClient.error(topLevelError(answer)))
          .as(row)
          .isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(client.newProducerId()).isNotNegative();
    }
  }

  private static short topLevelError(ApiMessage answer) {
    return switch (answer) {
      case MetadataResponse metadata -> metadata.errorCode();
      case DescribeLogDirsResponse dirs -> dirs.errorCode();
      case FetchResponse fetch -> fetch.errorCode();
      case InitProducerIdResponse init -> init.errorCode();
      case ApiVersionsResponse versions -> versions.errorCode();
      default -> throw new AssertionError("no error in " + answer);
    };
  }

  static Stream<Arguments> unanswerable() {
    return Stream.of(
        malformed("10: INT_MAX topics", ApiKey.METADATA, 1, "7fffffff"),
        malformed("10: -2 topics", ApiKey.METADATA, 1, "fffffffe"),
        malformed("10: more topics than bytes", ApiKey.METADATA, 1, "000003e8 000161"),
        malformed("10: INT_MAX topics", ApiKey.PRODUCE, 3, "ffff ffff 00007530 7fffffff"),
        malformed("10: INT_MAX topics", ApiKey.LIST_OFFSETS, 1, "ffffffff 7fffffff"),
        malformed("10: INT_MAX topics", ApiKey.OFFSET_FOR_LEADER_EPOCH, 2, "7fffffff"),
        malformed("10: INT_MAX topics", ApiKey.DELETE_RECORDS, 0, "7fffffff"),
        malformed("10: INT_MAX topics", ApiKey.DESCRIBE_LOG_DIRS, 1, "7fffffff"),
        malformed("10: INT_MAX topics", ApiKey.DESCRIBE_TOPIC_PARTITIONS, 0, "ffffffff0f"),
        malformed(
            "12: records past the end",
            ApiKey.PRODUCE,
            3,
            "ffff ffff 00007530 00000001 000174 00000001 00000000 7fffffff 00"),
        malformed(
            "12: records of size -2",
            ApiKey.PRODUCE,
            3,
            "ffff ffff 00007530 00000001 000174 00000001 00000000 fffffffe"),
        malformed("12: the body ends early", ApiKey.PRODUCE, 9, "00 ffff"),
        malformed("14: 2^32 - 1 tags", ApiKey.METADATA, 9, "00 01 00 00 ffffffff0f"));
  }

  @ParameterizedTest(name = "row {0}: {1} {2}")
  @MethodSource("unanswerable")
  void closesTheConnectionWhereNoErrorCanBeAnswered(
      String row, ApiKey api, int version, String body) throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBody(api, version, Requests.hex(body));
      assertThat(client.wire().isClosedByBroker()).as(row).isTrue();
    }
  }

  static Stream<Arguments> badHeaders() {
    return Stream.of(
        Arguments.of("12: a client id past the end", "0003 0001 00000001 7fff 61"),
        Arguments.of("12: a client id of -2", "0003 0001 00000001 fffe 00000000"),
        Arguments.of("14: 2^32 - 1 tags", "0003 000c 00000001 0000 ffffffff0f 00"),
        Arguments.of("14: the same tag twice", "0003 000c 00000001 0000 02 0100 0100 00"),
        Arguments.of("12: the header ends early", "0003 000c 00000001"));
  }

  @ParameterizedTest(name = "row {0}, in the header")
  @MethodSource("badHeaders")
  void aMalformedHeaderClosesTheConnection(String row, String header) throws Exception {
    byte[] bytes = Requests.hex(header);
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
      client.wire().sendBytes(bytes);
      assertThat(client.wire().isClosedByBroker()).as(row).isTrue();
    }
  }

  @Test
  void unknownTagsArePassedOver() throws Exception {
    try (BrokerClient client = broker.connect()) {
      client
          .wire()
          .sendBody(
              ApiKey.INIT_PRODUCER_ID,
              2,
              Requests.hex(NULL_ID_AND_TIMEOUT + "02 05 03 616263 06 00"));
      assertThat(
              client
                  .wire()
                  .receive(InitProducerIdResponse.class, ApiKey.INIT_PRODUCER_ID, 2)
                  .errorCode())
          .isZero();
    }
  }

  @Test
  void row11AMillionEmptyTopicsAreSurvived() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(4).putInt(1_000_000).array());
    body.writeBytes(new byte[2_000_000]); // empty names
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBody(ApiKey.METADATA, 1, body.toByteArray());
      MetadataResponse answer = client.wire().receive(MetadataResponse.class, ApiKey.METADATA, 1);
      assertThat(answer.topics())
          .allMatch(topic -> topic.errorCode() == ErrorCode.INVALID_TOPIC_EXCEPTION.code());
    }
  }

  /// 16 MB of them, each of which gets an answer.
  @Test
  void row11HalfAMillionPartitionsThatAreNotThereAreSurvived() throws Exception {
    FetchResponse answer = fetchPartitions(500_000, "a1c21e");
    assertThat(BrokerClient.onlyPartition(answer).errorCode())
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(answer.responses().getFirst().partitions()).hasSize(500_000);
  }

  @Test
  void row11MoreThanAMillionElementsAreTooMany() throws Exception {
    FetchResponse answer = fetchPartitions(1_000_000, "c1843d");
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  /// `compactCount`: one more than the count, as a varint.
  private static FetchResponse fetchPartitions(int count, String compactCount) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        Requests.hex("ffffffff 000001f4 00000001 00ffffff 00 00000000 ffffffff 02 0274"));
    body.writeBytes(Requests.hex(compactCount));
    ByteBuffer partition = ByteBuffer.allocate(4 + 4 + 8 + 4 + 8 + 4 + 1);
    for (int i = 0; i < count; i++) {
      body.writeBytes(partition.putInt(0, i).array());
    }
    body.writeBytes(Requests.hex("00 01 01 00"));
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBody(ApiKey.FETCH, 12, body.toByteArray());
      return client.wire().receive(FetchResponse.class, ApiKey.FETCH, 12);
    }
  }

  static Stream<String> badNames() {
    return Stream.of(
        "",
        ".",
        "..",
        "../up",
        "a/b",
        "/etc",
        "a\\b",
        "nul\0nul",
        "blank blank",
        "Ümlaut",
        "a".repeat(250),
        "x:y",
        "line\nline",
        "100%");
  }

  @ParameterizedTest(name = "row 16: a topic named {0}")
  @MethodSource("badNames")
  void aBadNameMakesNoTopicAndNoFile(String name) throws Exception {
    try (BrokerClient client = broker.connect()) {
      List<String> before = files();
      MetadataResponse answer = client.metadata(name);
      assertThat(BrokerClient.error(answer.topics().getFirst().errorCode()))
          .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
      ErrorCode unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      assertThat(BrokerClient.error(client.produce(name, 0, Batches.of("x")).errorCode()))
          .isEqualTo(unknown);
      assertThat(BrokerClient.error(client.fetch(name, 0, 0).errorCode())).isEqualTo(unknown);
      assertThat(BrokerClient.error(client.listOffset(11, name, 0, -1, -1).errorCode()))
          .isEqualTo(unknown);
      assertThat(BrokerClient.error(client.deleteRecords(name, 0, 0).errorCode()))
          .isEqualTo(unknown);
      assertThat(BrokerClient.error(client.endOfEpoch(name, 0, -1, 0).errorCode()))
          .isEqualTo(unknown);
      assertThat(files()).as("directories").isEqualTo(before);
    }
  }

  @Test
  void row16BytesThatAreNoUtf8MakeNoTopic() throws Exception {
    try (BrokerClient client = broker.connect()) {
      List<String> before = files();
      client.wire().sendBody(ApiKey.METADATA, 1, Requests.hex("00000001 0003 61c328"));
      assertThat(client.wire().isClosedByBroker()).isTrue();
      assertThat(files()).as("directories").isEqualTo(before);
    }
  }

  @Test
  void partitionsThatCannotBeAreUnknown() throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.create("real");
      for (int partition : new int[] {-1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        short unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code();
        assertThat(client.produce("real", partition, Batches.of("x")).errorCode())
            .isEqualTo(unknown);
        assertThat(client.fetch("real", partition, 0).errorCode()).isEqualTo(unknown);
        assertThat(client.listOffset(11, "real", partition, -1, -1).errorCode()).isEqualTo(unknown);
        assertThat(client.deleteRecords("real", partition, 0).errorCode()).isEqualTo(unknown);
      }
    }
  }

  /// Valid requests of every kind with random bytes in them changed, left out or added: whatever
  /// comes of them, the broker serves the next client.
  @Test
  void mutatedRequestsDoNoHarm() throws Exception {
    long seed = 20_260_101;
    SplittableRandom random = new SplittableRandom(seed);
    try (BrokerClient sane = broker.connect()) {
      Uuid id = sane.create("mutated");
      List<ValidRequests.Sample> samples = ValidRequests.samples("mutated", id);
      for (int i = 0; i < 1500; i++) {
        ValidRequests.Sample sample = samples.get(random.nextInt(samples.size()));
        try (BrokerClient client = broker.connect()) {
          ByteBuffer frame = client.wire().frame(sample.api(), sample.version(), sample.request());
          byte[] bytes = new byte[frame.remaining()];
          frame.get(bytes);
          int changes = random.nextInt(1, 4);
          for (int change = 0; change < changes; change++) {
            bytes[random.nextInt(8, bytes.length)] = (byte) random.nextInt();
          }
          client.wire().sendBytes(bytes);
        }
        if (i % 100 == 0) {
          assertThat(
                  sane.metadata(12, MetadataRequest.builder().topics(List.of()).build()).brokers())
              .as("seed %d, after %d", seed, i)
              .hasSize(1);
        }
      }
    }
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
