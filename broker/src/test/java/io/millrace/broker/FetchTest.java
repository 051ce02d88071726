package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.Compression;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fetches without a session; rows 9, 30 and 31 of the table of bad inputs.
@Timeout(60)
final class FetchTest {
  private static final int PARTITIONS = 3;
  private static final int BATCH = 10_000;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;
  private static Uuid id = Uuid.ZERO;
  private static Uuid emptyId = Uuid.ZERO;

  /// Topic `data` has ten batches of one record in each of three partitions; `empty` has nothing.
  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory, "num.partitions", Integer.toString(PARTITIONS));
    client = broker.connect();
    id = client.create("data");
    emptyId = client.create("empty");
    for (int partition = 0; partition < PARTITIONS; partition++) {
      for (int i = 0; i < 10; i++) {
        client.append("data", partition, Batches.sized(BATCH));
      }
    }
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  static IntStream allVersions() {
    return IntStream.rangeClosed(4, 18);
  }

  static IntStream versionsWithIds() {
    return IntStream.rangeClosed(13, 18);
  }

  @ParameterizedTest(name = "version {0}")
  @MethodSource("allVersions")
  void recordsComeBackAsTheyWereSent(int version) throws Exception {
    String topic = "echo" + version;
    Uuid own = client.create(topic);
    client.append(topic, 0, Batches.of("one", "two"));
    client.append(topic, 0, Batches.of("three"));
    FetchResponse.PartitionData data =
        BrokerClient.onlyPartition(
            client.fetch(
                version,
                Requests.fetch(Requests.topic(topic, own, Requests.partition(0, 0)))
                    .sessionEpoch(-1)
                    .build()));
    assertThat(data.errorCode()).isZero();
    assertThat(Batches.values(data.records())).containsExactly("one", "two", "three");
    assertThat(data.highWatermark()).isEqualTo(3);
    assertThat(data.lastStableOffset()).isEqualTo(3);
    if (version >= 5) {
      assertThat(data.logStartOffset()).isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Compression.class)
  void batchesStayCompressed(Compression codec) throws Exception {
    String topic = "codec-" + codec.configName();
    client.create(topic);
    String value = "again and ".repeat(1000);
    client.append(topic, 0, Batches.compressed(codec, value, value));
    FetchResponse.PartitionData data = client.fetch(topic, 0, 1);
    assertThat(Batches.values(data.records())).containsExactly(value, value);
    if (codec != Compression.NONE) {
      assertThat(Batches.size(data.records())).isLessThan(5000);
    }
  }

  @ParameterizedTest(name = "row 9: replica {0}, version {1}")
  @CsvSource({"0,4", "1,11", "5,12", "0,14", "1,15", "2,18"})
  void aClientThatPlaysABrokerIsRefused(int replica, int version) throws Exception {
    FetchRequest.Builder request =
        Requests.fetch(Requests.topic("data", id, Requests.partition(0, 0)));
    if (version < 15) {
      request.replicaId(replica);
    } else {
      request.replicaState(
          FetchRequest.ReplicaState.builder().replicaId(replica).replicaEpoch(1).build());
    }
    FetchResponse.PartitionData data =
        BrokerClient.onlyPartition(client.fetch(version, request.build()));
    assertThat(BrokerClient.error(data.errorCode()))
        .isEqualTo(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    assertThat(Batches.values(data.records())).isEmpty();
  }

  @ParameterizedTest(name = "row 30: offset {0}")
  @ValueSource(longs = {-1, Long.MIN_VALUE, 11, Long.MAX_VALUE})
  void anOffsetThatIsNotThereIsOutOfRange(long offset) throws Exception {
    assertThat(BrokerClient.error(client.fetch("data", 0, offset).errorCode()))
        .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
  }

  @Test
  void atTheEndThereIsNothing() throws Exception {
    FetchResponse.PartitionData data = client.fetch("data", 0, 10);
    assertThat(data.errorCode()).isZero();
    assertThat(Batches.values(data.records())).isEmpty();
    assertThat(data.highWatermark()).isEqualTo(10);
  }

  @Test
  void row30LeaderEpochsAreChecked() throws Exception {
    int epoch = client.metadata("data").topics().getFirst().partitions().getFirst().leaderEpoch();
    assertThat(fetchWithEpoch(epoch)).isEqualTo(ErrorCode.NONE);
    assertThat(fetchWithEpoch(-1)).isEqualTo(ErrorCode.NONE);
    assertThat(fetchWithEpoch(epoch + 1)).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    assertThat(fetchWithEpoch(Integer.MAX_VALUE)).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    if (epoch > 0) {
      assertThat(fetchWithEpoch(epoch - 1)).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    }
  }

  private static ErrorCode fetchWithEpoch(int epoch) throws Exception {
    FetchRequest.FetchPartition partition =
        Requests.partition(0, 0).toBuilder().currentLeaderEpoch(epoch).build();
    return BrokerClient.error(
        BrokerClient.onlyPartition(
                client.fetch(12, Requests.fetch(Requests.topic("data", id, partition)).build()))
            .errorCode());
  }

  /// As Kafka answers where it cannot tell where the client's log and this one part.
  @Test
  void aLastFetchedEpochThatIsUnknownIsOutOfRange() throws Exception {
    FetchRequest.FetchPartition partition =
        Requests.partition(0, 5).toBuilder().lastFetchedEpoch(99).build();
    FetchResponse.PartitionData data =
        BrokerClient.onlyPartition(
            client.fetch(12, Requests.fetch(Requests.topic("data", id, partition)).build()));
    assertThat(BrokerClient.error(data.errorCode())).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    assertThat(Batches.values(data.records())).isEmpty();
  }

  @Test
  void row31MaxBytesOfIntMaxIsClamped() throws Exception {
    FetchRequest request =
        Requests.fetch(
                Requests.topic(
                    "data",
                    id,
                    Requests.partition(0, 0).toBuilder()
                        .partitionMaxBytes(Integer.MAX_VALUE)
                        .build()))
            .maxBytes(Integer.MAX_VALUE)
            .build();
    assertThat(Batches.offsets(BrokerClient.onlyPartition(client.fetch(18, request)).records()))
        .hasSize(10);
  }

  /// More is asked for than may be given: that would never come.
  @Test
  void row31MinBytesOverMaxBytesIsAnsweredWithMaxBytes() throws Exception {
    FetchRequest request =
        Requests.fetch(Requests.topic("data", id, Requests.partition(0, 0)))
            .minBytes(Integer.MAX_VALUE)
            .maxBytes(2 * BATCH)
            .maxWaitMs(Integer.MAX_VALUE)
            .build();
    assertThat(Batches.offsets(BrokerClient.onlyPartition(client.fetch(18, request)).records()))
        .isNotEmpty();
  }

  @ParameterizedTest(name = "row 31: {0}")
  @ValueSource(ints = {-1, Integer.MIN_VALUE})
  void row31NegativeLimitsAreLikeNone(int limit) throws Exception {
    FetchRequest request =
        Requests.fetch(
                Requests.topic(
                    "data",
                    id,
                    Requests.partition(0, 0).toBuilder().partitionMaxBytes(limit).build()))
            .minBytes(limit)
            .maxBytes(limit)
            .maxWaitMs(limit)
            .build();
    FetchResponse.PartitionData data = BrokerClient.onlyPartition(client.fetch(18, request));
    assertThat(data.errorCode()).isZero();
    assertThat(Batches.offsets(data.records()).size()).isLessThanOrEqualTo(1);
  }

  @Test
  void theFirstBatchIsGivenHoweverLargeItIs() throws Exception {
    for (int limit : new int[] {0, 1, BATCH / 2}) {
      FetchRequest request = allPartitions(1 << 20).maxBytes(limit).build();
      List<FetchResponse.PartitionData> given = partitions(client.fetch(18, request));
      assertThat(given).hasSize(PARTITIONS);
      assertThat(given.stream().mapToInt(data -> Batches.offsets(data.records()).size()))
          .as("max bytes %d", limit)
          .containsExactly(1, 0, 0);
    }
  }

  @Test
  void theLimitOfAPartitionHoldsForEach() throws Exception {
    List<FetchResponse.PartitionData> given =
        partitions(client.fetch(18, allPartitions(3 * BATCH).build()));
    assertThat(given.stream().mapToInt(data -> Batches.offsets(data.records()).size()))
        .containsExactly(2, 2, 2);
  }

  @Test
  void theLimitOfTheRequestHoldsForAllTogether() throws Exception {
    List<FetchResponse.PartitionData> given =
        partitions(client.fetch(18, allPartitions(3 * BATCH).maxBytes(5 * BATCH).build()));
    int bytes = given.stream().mapToInt(data -> Batches.size(data.records())).sum();
    assertThat(bytes).isBetween(3 * BATCH, 5 * BATCH);
  }

  private static FetchRequest.Builder allPartitions(int partitionMaxBytes) {
    FetchRequest.FetchPartition[] wanted = new FetchRequest.FetchPartition[PARTITIONS];
    for (int i = 0; i < PARTITIONS; i++) {
      wanted[i] = Requests.partition(i, 0).toBuilder().partitionMaxBytes(partitionMaxBytes).build();
    }
    return Requests.fetch(Requests.topic("data", id, wanted));
  }

  private static List<FetchResponse.PartitionData> partitions(FetchResponse response) {
    List<FetchResponse.PartitionData> all = new ArrayList<>();
    response.responses().forEach(topic -> all.addAll(topic.partitions()));
    return all;
  }

  @ParameterizedTest(name = "isolation level {0}")
  @ValueSource(bytes = {0, 1, 7})
  void withoutTransactionsIsolationChangesNothing(byte isolation) throws Exception {
    FetchResponse.PartitionData data =
        BrokerClient.onlyPartition(
            client.fetch(
                18,
                Requests.fetch(Requests.topic("data", id, Requests.partition(0, 8)))
                    .isolationLevel(isolation)
                    .build()));
    assertThat(Batches.offsets(data.records())).containsExactly(8L, 9L);
  }

  @ParameterizedTest(name = "version {0}")
  @MethodSource("versionsWithIds")
  void anUnknownTopicIdIsTold(int version) throws Exception {
    Uuid unknown = new Uuid(1, 2);
    FetchResponse response =
        client.fetch(
            version,
            Requests.fetch(
                    Requests.topic("", unknown, Requests.partition(0, 0)),
                    Requests.topic("", id, Requests.partition(0, 9)))
                .build());
    assertThat(response.errorCode()).isZero();
    assertThat(response.responses()).hasSize(2);
    for (FetchResponse.FetchableTopicResponse topic : response.responses()) {
      FetchResponse.PartitionData data = topic.partitions().getFirst();
      if (topic.topicId().equals(unknown)) {
        assertThat(BrokerClient.error(data.errorCode())).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
      } else {
        assertThat(Batches.offsets(data.records())).containsExactly(9L);
      }
    }
  }

  @Test
  void anUnknownNameOrPartitionIsTold() throws Exception {
    assertThat(BrokerClient.error(client.fetch("nowhere", 0, 0).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(BrokerClient.error(client.fetch("data", PARTITIONS, 0).errorCode()))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  /// An error is worth answering for at once, however long the client would wait.
  @Test
  void anErrorEndsTheWait() throws Exception {
    FetchRequest request =
        Requests.fetch(
                Requests.topic("empty", emptyId, Requests.partition(0, 0)),
                Requests.topic("", new Uuid(1, 2), Requests.partition(0, 0)))
            .minBytes(1)
            .maxWaitMs(Integer.MAX_VALUE)
            .build();
    assertThat(client.fetch(18, request).responses()).hasSize(2);
  }

  @Test
  void aFetchOfNothingIsAnsweredAtOnce() throws Exception {
    FetchResponse response =
        client.fetch(18, Requests.fetch().minBytes(1).maxWaitMs(Integer.MAX_VALUE).build());
    assertThat(response.responses()).isEmpty();
  }

  /// While a fetch waits, requests behind it are carried out; their answers wait for its.
  @Test
  void aWaitingFetchHoldsUpAnswersButNotWork() throws Exception {
    Uuid own = client.create("pipelined");
    try (BrokerClient pipeline = broker.connect()) {
      pipeline
          .wire()
          .send(
              ApiKey.FETCH,
              18,
              Requests.fetch(Requests.topic("pipelined", own, Requests.partition(0, 0)))
                  .minBytes(1)
                  .maxWaitMs(Integer.MAX_VALUE)
                  .build());
      pipeline
          .wire()
          .send(
              ApiKey.PRODUCE,
              13,
              Requests.produce("pipelined", own, 0, Requests.ACKS_ALL, Batches.of("behind")));
      FetchResponse fetched = pipeline.wire().receive(FetchResponse.class, ApiKey.FETCH, 18);
      assertThat(Batches.values(BrokerClient.onlyPartition(fetched).records()))
          .containsExactly("behind");
      pipeline.wire().receive(ProduceResponse.class, ApiKey.PRODUCE, 13);
    }
  }
}
