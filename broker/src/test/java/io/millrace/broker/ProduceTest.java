package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.Compression;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Good records in all versions and with all acknowledgements.
@Timeout(60)
final class ProduceTest {
  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory, "num.partitions", "2");
    client = broker.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  static Stream<Arguments> versionsAndAcks() {
    return IntStream.rangeClosed(3, 13)
        .boxed()
        .flatMap(version -> Stream.of(1, -1).map(acks -> Arguments.of(version, acks)));
  }

  @ParameterizedTest(name = "version {0}, acks={1}")
  @MethodSource("versionsAndAcks")
  void recordsAreAppendedAndAnsweredWithTheirOffset(int version, int acks) throws Exception {
    String topic = "acks" + acks + "-" + version;
    Uuid id = client.create(topic);
    for (int i = 0; i < 3; i++) {
      ProduceResponse.PartitionProduceResponse answer =
          produce(version, topic, id, 1, acks, Batches.of("a" + i, "b" + i));
      assertThat(answer.errorCode()).isZero();
      assertThat(answer.index()).isEqualTo(1);
      assertThat(answer.baseOffset()).isEqualTo(2L * i);
      assertThat(answer.logAppendTimeMs()).isEqualTo(-1);
      if (version >= 5) {
        assertThat(answer.logStartOffset()).isZero();
      }
    }
    if (acks == -1) {
      assertThat(client.readAll(topic, 1)).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
    }
    assertThat(client.logEndOffset(topic, 1)).isEqualTo(6);
    assertThat(client.logEndOffset(topic, 0)).isZero();
  }

  private static ProduceResponse.PartitionProduceResponse produce(
      int version, String topic, Uuid id, int partition, int acks, ByteBuffer batch)
      throws Exception {
    ProduceResponse response =
        client.call(
            ProduceResponse.class,
            ApiKey.PRODUCE,
            version,
            Requests.produce(topic, id, partition, acks, batch));
    return response.responses().getFirst().partitionResponses().getFirst();
  }

  /// Without acknowledgement nothing is answered; the next response is that of the next request.
  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {3, 8, 9, 13})
  void withoutAcksThereIsNoAnswer(int version) throws Exception {
    String topic = "silent" + version;
    Uuid id = client.create(topic);
    for (int i = 0; i < 20; i++) {
      client
          .wire()
          .send(
              ApiKey.PRODUCE, version, Requests.produce(topic, id, 0, 0, Batches.of("quiet" + i)));
    }
    assertThat(client.append(topic, 0, Batches.of("loud"))).isEqualTo(20);
    assertThat(client.readAll(topic, 0)).hasSize(21).endsWith("quiet19", "loud");
  }

  /// An error closes the connection, so that the client notices.
  @Test
  void withoutAcksAnUnknownTopicClosesTheConnection() throws Exception {
    try (BrokerClient other = broker.connect()) {
      other
          .wire()
          .send(ApiKey.PRODUCE, 9, Requests.produce("nowhere", Uuid.ZERO, 0, 0, Batches.of("x")));
      assertThat(other.wire().isClosedByBroker()).isTrue();
    }
  }

  @Test
  void whatIsWrongWithOnePartitionDoesNotConcernAnother() throws Exception {
    Uuid id = client.create("mixed");
    ProduceRequest request =
        ProduceRequest.builder()
            .acks((short) -1)
            .timeoutMs(1000)
            .topicData(
                List.of(
                    topic("mixed", id, partition(0, Batches.of("good")), partition(7, bad())),
                    topic("nowhere", new Uuid(1, 2), partition(0, Batches.of("lost"))),
                    topic("mixed", id, partition(1, bad()))))
            .build();
    ProduceResponse response = client.call(ProduceResponse.class, ApiKey.PRODUCE, 12, request);
    assertThat(
            response.responses().stream()
                .flatMap(topic -> topic.partitionResponses().stream())
                .map(answer -> BrokerClient.error(answer.errorCode())))
        .containsExactly(
            ErrorCode.NONE,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode.CORRUPT_MESSAGE);
    assertThat(client.readAll("mixed", 0)).containsExactly("good");
    assertThat(client.logEndOffset("mixed", 1)).isZero();
  }

  private static ProduceRequest.TopicProduceData topic(
      String name, Uuid id, ProduceRequest.PartitionProduceData... partitions) {
    return ProduceRequest.TopicProduceData.builder()
        .name(name)
        .topicId(id)
        .partitionData(List.of(partitions))
        .build();
  }

  private static ProduceRequest.PartitionProduceData partition(int index, ByteBuffer batch) {
    return ProduceRequest.PartitionProduceData.builder()
        .index(index)
        .records(new RecordData.Buffer(batch))
        .build();
  }

  private static ByteBuffer bad() {
    return Batches.of("bad").putInt(Batches.CRC, 0);
  }

  @Test
  void anUnknownTopicIdIsTold() throws Exception {
    assertThat(
            BrokerClient.error(produce(13, "", new Uuid(7, 7), 0, -1, Batches.of("x")).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
  }

  @Test
  void zstdNeedsANewerClient() throws Exception {
    Uuid id = client.create("zstd");
    ByteBuffer batch = Batches.compressed(Compression.ZSTD, "tight");
    assertThat(BrokerClient.error(produce(6, "zstd", id, 0, -1, batch.duplicate()).errorCode()))
        .isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
    assertThat(produce(7, "zstd", id, 0, -1, batch.duplicate()).errorCode()).isZero();
  }

  /// The batch is larger than the buffers that connections start with, and than what a read takes.
  @ParameterizedTest(name = "a record of {0} bytes")
  @ValueSource(ints = {0, 1, 8_000, 16_384, 70_000, 300_000, 1_000_000})
  void recordsOfAllSizesComeBack(int size) throws Exception {
    String topic = "size" + size;
    client.create(topic);
    String value = "x".repeat(size);
    client.append(topic, 0, Batches.of(value));
    assertThat(Batches.values(client.fetch(topic, 0, 0).records())).containsExactly(value);
  }

  /// What is acknowledged is there after a stop and a start.
  @Test
  void recordsOutliveTheBroker(@TempDir Path own) throws Exception {
    for (int start = 0; start < 3; start++) {
      try (TestBroker restarted = TestBroker.start(own);
          BrokerClient local = restarted.connect()) {
        local.create("kept");
        assertThat(local.append("kept", 0, Batches.of("v" + start))).isEqualTo(start);
        assertThat(local.readAll("kept", 0)).hasSize(start + 1).endsWith("v" + start);
      }
    }
  }

  @Test
  void withTooFewReplicasRecordsAreRefusedUnlessTheClientDoesNotMind(@TempDir Path own)
      throws Exception {
    try (TestBroker strict = TestBroker.start(own, "min.insync.replicas", "2");
        BrokerClient local = strict.connect()) {
      local.create("strict");
      assertThat(BrokerClient.error(local.produce("strict", 0, -1, Batches.of("x")).errorCode()))
          .isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
      assertThat(local.logEndOffset("strict", 0)).isZero();
      assertThat(local.produce("strict", 0, 1, Batches.of("x")).errorCode()).isZero();
    }
  }
}
