package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import io.millrace.protocol.message.ProduceResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.junit.jupiter.params.provider.ValueSource;

/// Rows 1 to 4, 7, 15, 40 and 41 of the table of bad inputs: what is no request, or comes in an odd
/// way. Whatever one client sends, the broker goes on serving the others.
@Timeout(60)
final class FramingTest {
  private static final int MAX_REQUEST = 1_000_000;

  @TempDir static Path directory;
  private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory, "socket.request.max.bytes", Integer.toString(MAX_REQUEST));
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  @AfterEach
  void othersAreServed() throws Exception {
    try (BrokerClient other = broker.connect()) {
      ApiVersionsResponse answer =
          other.call(ApiVersionsResponse.class, ApiKey.API_VERSIONS, 5, Requests.apiVersions());
      assertThat(answer.errorCode()).isZero();
    }
  }

  @ParameterizedTest(name = "rows 1 and 2: a frame of {0} bytes")
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, 7, MAX_REQUEST + 1, Integer.MAX_VALUE})
  void anImpossibleLengthClosesTheConnection(int length) throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBytes(ByteBuffer.allocate(4).putInt(length).array());
      assertThat(client.wire().isClosedByBroker()).isTrue();
    }
  }

  /// A thousand claims of all that a request may have would be a gigabyte: all that this JVM has.
  @Test
  void row3ALengthThatIsOnlyClaimedTakesNoMemory() throws Exception {
    List<BrokerClient> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 1000; i++) {
        BrokerClient client = broker.connect();
        silent.add(client);
        client.wire().sendBytes(ByteBuffer.allocate(12).putInt(MAX_REQUEST).array());
      }
      othersAreServed();
    } finally {
      for (BrokerClient client : silent) {
        client.close();
      }
    }
  }

  static Stream<Arguments> otherProtocols() {
    return Stream.of(
        Arguments.of("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Arguments.of("SSH", "SSH-2.0-OpenSSH_9.9\r\n"),
        Arguments.of("TLS", "\026\003\001\002\000\001\000\001\374\003\003"),
        Arguments.of("noise", "\363\221\007B whatever this is meant to be"));
  }

  @ParameterizedTest(name = "row 4: {0}")
  @MethodSource("otherProtocols")
  void anotherProtocolClosesTheConnection(String name, String opening) throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBytes(opening.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.wire().isClosedByBroker()).as(name).isTrue();
    }
  }

  static Stream<Arguments> unknownRequests() {
    return Stream.of(
        Arguments.of("an unknown API", 9999, 0),
        Arguments.of("a negative API", -1, 0),
        Arguments.of("an API that is gone (LeaderAndIsr)", 4, 0),
        Arguments.of("an API between brokers (Vote)", 52, 0),
        Arguments.of("a version of Metadata too high", 3, 14),
        Arguments.of("a negative version of Metadata", 3, -1),
        Arguments.of("a version of Produce that is announced for old clients only", 0, 2),
        Arguments.of("a version of Fetch too low", 1, 3),
        Arguments.of("an unstable version (InitProducerId 6)", 22, 6));
  }

  @ParameterizedTest(name = "row 7: {0}")
  @MethodSource("unknownRequests")
  void whatIsUnknownClosesTheConnection(String name, int api, int version) throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBytes(header(api, version));
      assertThat(client.wire().isClosedByBroker()).as(name).isTrue();
    }
  }

  @ParameterizedTest(name = "row 7: ApiVersions version {0}")
  @ValueSource(ints = {6, 100, Short.MAX_VALUE, -1})
  void apiVersionsOfAnUnknownVersionIsAnsweredInVersion0(int version) throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.wire().sendBytes(header(ApiKey.API_VERSIONS.id(), version));
      ApiVersionsResponse answer =
          client.wire().receive(ApiVersionsResponse.class, ApiKey.API_VERSIONS, 0);
      assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
      assertThat(answer.apiKeys())
          .singleElement()
          .satisfies(
              known -> {
                assertThat(known.apiKey()).isEqualTo(ApiKey.API_VERSIONS.id());
                assertThat(known.maxVersion()).isEqualTo((short) 5);
              });
      // The client asks again on the same connection.
      assertThat(
              client
                  .call(ApiVersionsResponse.class, ApiKey.API_VERSIONS, 5, Requests.apiVersions())
                  .errorCode())
          .isZero();
    }
  }

  @Test
  void row15BytesAfterTheBodyAreIgnored() throws Exception {
    try (BrokerClient client = broker.connect()) {
      // All topics, of a version that has no more than that, and then more.
      client.wire().sendBody(ApiKey.METADATA, 1, Requests.hex("ffffffff 00 01 02 03 04"));
      MetadataResponse answer = client.wire().receive(MetadataResponse.class, ApiKey.METADATA, 1);
      assertThat(answer.brokers()).hasSize(1);
      assertThat(client.metadata().brokers()).hasSize(1);
    }
  }

  /// The responses fill what TCP takes; then the broker stops reading, and so do the requests wait.
  /// Once the client reads, it gets every answer, in order.
  @Test
  void row40WhoDoesNotReadIsNotReadFrom() throws Exception {
    BrokerClient client = broker.connect();
    Uuid id = client.create("unread");
    client.append("unread", 0, Batches.sized(500_000));
    int requests = 2000; // a gigabyte of answers
    Thread sender = Thread.startVirtualThread(() -> sendFetches(client, id, requests));
    othersAreServed();
    for (int i = 0; i < requests / 10; i++) {
      FetchResponse answer =
          client.wire().receive(FetchResponse.class, ApiKey.FETCH, BrokerClient.FETCH_BY_ID);
      assertThat(BrokerClient.onlyPartition(answer).highWatermark()).isEqualTo(1);
    }
    // Who goes away without reading the rest costs nothing any more.
    client.close();
    sender.join();
  }

  private static void sendFetches(BrokerClient client, Uuid id, int count) {
    FetchRequest fetch =
        Requests.fetch(Requests.topic("unread", id, Requests.partition(0, 0))).build();
    try {
      for (int i = 0; i < count; i++) {
        client.wire().send(ApiKey.FETCH, BrokerClient.FETCH_BY_ID, fetch);
      }
    } catch (IOException e) {
      assertThat(e).isNotNull(); // the test has closed the connection
    }
  }

  @Test
  void row41RequestsMayArriveByteByByte() throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.create("dribble");
      ByteBuffer produce =
          client
              .wire()
              .frame(
                  ApiKey.PRODUCE,
                  BrokerClient.PRODUCE_BY_NAME,
                  Requests.produce("dribble", Uuid.ZERO, 0, Requests.ACKS_ALL, Batches.of("drop")));
      while (produce.hasRemaining()) {
        client.wire().sendBytes(produce.get());
      }
      ProduceResponse answer =
          client
              .wire()
              .receive(ProduceResponse.class, ApiKey.PRODUCE, BrokerClient.PRODUCE_BY_NAME);
      assertThat(answer.responses().getFirst().partitionResponses().getFirst().errorCode())
          .isZero();
      assertThat(client.readAll("dribble", 0)).containsExactly("drop");
    }
  }

  /// Two requests in one stream, which is cut in two at every byte in turn.
  @Test
  void row41RequestsMayBeCutAnywhere() throws Exception {
    try (BrokerClient client = broker.connect()) {
      ByteBuffer one = client.wire().frame(ApiKey.API_VERSIONS, 3, Requests.apiVersions());
      ByteBuffer two =
          client
              .wire()
              .frame(ApiKey.METADATA, 12, MetadataRequest.builder().topics(List.of()).build());
      byte[] stream = new byte[one.remaining() + two.remaining()];
      ByteBuffer.wrap(stream).put(one).put(two);
      for (int cut = 1; cut < stream.length; cut++) {
        client.wire().sendBytes(Arrays.copyOfRange(stream, 0, cut));
        client.wire().sendBytes(Arrays.copyOfRange(stream, cut, stream.length));
        assertThat(
                client
                    .wire()
                    .receive(ApiVersionsResponse.class, ApiKey.API_VERSIONS, 3)
                    .errorCode())
            .as("cut at %d", cut)
            .isZero();
        assertThat(client.wire().receive(MetadataResponse.class, ApiKey.METADATA, 12).brokers())
            .as("cut at %d", cut)
            .hasSize(1);
      }
    }
  }

  @Test
  void manyRequestsInOneSegmentAreAnsweredInOrder() throws Exception {
    try (BrokerClient client = broker.connect()) {
      client.create("burst");
      List<ByteBuffer> frames = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        frames.add(
            client
                .wire()
                .frame(
                    ApiKey.PRODUCE,
                    BrokerClient.PRODUCE_BY_NAME,
                    Requests.produce(
                        "burst", Uuid.ZERO, 0, Requests.ACKS_ALL, Batches.of("n" + i))));
      }
      client.wire().sendBytes(Batches.concatenated(frames.toArray(new ByteBuffer[0])).array());
      for (int i = 0; i < 100; i++) {
        ProduceResponse answer =
            client
                .wire()
                .receive(ProduceResponse.class, ApiKey.PRODUCE, BrokerClient.PRODUCE_BY_NAME);
        assertThat(answer.responses().getFirst().partitionResponses().getFirst().baseOffset())
            .isEqualTo(i);
      }
    }
  }

  /// A request with an empty client id and nothing else.
  private static byte[] header(int api, int version) {
    return ByteBuffer.allocate(4 + 10)
        .putInt(10)
        .putShort((short) api)
        .putShort((short) version)
        .putInt(77)
        .putShort((short) 0)
        .array();
  }
}
