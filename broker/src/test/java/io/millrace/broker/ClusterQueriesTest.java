package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeClusterRequest;
import io.millrace.protocol.message.DescribeClusterResponse;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.DescribeLogDirsResponse;
import io.millrace.protocol.message.DescribeTopicPartitionsRequest;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients ask about the cluster: Metadata, DescribeTopicPartitions, DescribeCluster,
/// DescribeLogDirs, InitProducerId.
@Timeout(60)
final class ClusterQueriesTest {
  private static final int PARTITIONS = 3;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;
  private static Uuid idA = Uuid.ZERO;

  @BeforeAll
  static void start() throws Exception {
    broker =
        TestBroker.start(directory, "num.partitions", Integer.toString(PARTITIONS), "node.id", "5");
    client = broker.connect();
    idA = client.create("a");
    client.create("b", "c");
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
  void everyVersionOfMetadataTellsAllTopics(int version) throws Exception {
    // Version 0 asks for all topics by an empty list.
    MetadataResponse answer =
        client.metadata(
            version,
            MetadataRequest.builder()
                .topics(version == 0 ? List.of() : null)
                .allowAutoTopicCreation(true)
                .build());
    assertThat(answer.topics()).extracting(topic -> topic.name()).contains("a", "b", "c");
    assertThat(answer.brokers())
        .singleElement()
        .satisfies(
            node -> {
              assertThat(node.nodeId()).isEqualTo(5);
              assertThat(node.host()).isEqualTo("127.0.0.1");
              assertThat(node.port()).isEqualTo(broker.endpoint().port());
            });
    MetadataResponse.MetadataResponseTopic a =
        answer.topics().stream()
            .filter(topic -> "a".equals(topic.name()))
            .findFirst()
            .orElseThrow();
    assertThat(a.partitions()).hasSize(PARTITIONS);
    for (MetadataResponse.MetadataResponsePartition partition : a.partitions()) {
      assertThat(partition.errorCode()).isZero();
      assertThat(partition.leaderId()).isEqualTo(5);
      assertThat(partition.replicaNodes()).containsExactly(5);
      assertThat(partition.isrNodes()).containsExactly(5);
      assertThat(partition.offlineReplicas()).isEmpty();
    }
    if (version >= 1) {
      assertThat(answer.controllerId()).isEqualTo(5);
    }
    if (version >= 10) {
      assertThat(a.topicId()).isEqualTo(idA);
    }
  }

  @Test
  void anEmptyListAsksForNoTopicFromVersion1On() throws Exception {
    for (int version = 1; version <= 13; version++) {
      MetadataResponse answer =
          client.metadata(
              version,
              MetadataRequest.builder().topics(List.of()).allowAutoTopicCreation(true).build());
      assertThat(answer.topics()).as("version %d", version).isEmpty();
      assertThat(answer.brokers()).hasSize(1);
    }
  }

  @Test
  void topicsAreFoundById() throws Exception {
    MetadataResponse answer = client.metadata(12, byId(idA, new Uuid(1, 2)));
    assertThat(answer.topics()).hasSize(2);
    for (MetadataResponse.MetadataResponseTopic topic : answer.topics()) {
      if (topic.topicId().equals(idA)) {
        assertThat(topic.name()).isEqualTo("a");
        assertThat(topic.errorCode()).isZero();
      } else {
        assertThat(BrokerClient.error(topic.errorCode())).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
        assertThat(topic.partitions()).isEmpty();
      }
    }
  }

  private static MetadataRequest byId(Uuid... ids) {
    List<MetadataRequest.MetadataRequestTopic> topics = new ArrayList<>();
    for (Uuid id : ids) {
      topics.add(MetadataRequest.MetadataRequestTopic.builder().topicId(id).name(null).build());
    }
    return MetadataRequest.builder().topics(topics).build();
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {4, 9, 13})
  void aClientMayForbidToCreateTopics(int version) throws Exception {
    String name = "forbidden" + version;
    MetadataRequest request =
        Requests.metadata(name).toBuilder().allowAutoTopicCreation(false).build();
    for (int i = 0; i < 2; i++) {
      assertThat(
              BrokerClient.error(client.metadata(version, request).topics().getFirst().errorCode()))
          .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {0, 3, 4, 13})
  void topicsAreCreatedWhenTheyAreAskedFor(int version) throws Exception {
    String name = "created" + version;
    MetadataResponse.MetadataResponseTopic first =
        client.metadata(version, Requests.metadata(name)).topics().getFirst();
    // Kafka says LEADER_NOT_AVAILABLE at first; a client asks until there is a leader.
    assertThat(BrokerClient.error(first.errorCode()))
        .isIn(ErrorCode.NONE, ErrorCode.LEADER_NOT_AVAILABLE);
    MetadataResponse.MetadataResponseTopic second =
        client.metadata(version, Requests.metadata(name)).topics().getFirst();
    assertThat(second.errorCode()).isZero();
    assertThat(second.partitions()).hasSize(PARTITIONS);
    assertThat(client.append(name, PARTITIONS - 1, Batches.of("at once"))).isZero();
  }

  @Test
  void theBrokerMayForbidToCreateTopics(@TempDir Path own) throws Exception {
    try (TestBroker strict = TestBroker.start(own, "auto.create.topics.enable", "false");
        BrokerClient local = strict.connect()) {
      for (int i = 0; i < 2; i++) {
        assertThat(BrokerClient.error(local.metadata("nowhere").topics().getFirst().errorCode()))
            .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      }
      assertThat(BrokerClient.error(local.metadata("../x").topics().getFirst().errorCode()))
          .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }
  }

  @Test
  void metadataOutlivesTheBroker(@TempDir Path own) throws Exception {
    Uuid id;
    String clusterId;
    try (TestBroker first = TestBroker.start(own);
        BrokerClient before = first.connect()) {
      id = before.create("kept");
      clusterId = String.valueOf(before.metadata().clusterId());
    }
    try (TestBroker second = TestBroker.start(own);
        BrokerClient after = second.connect()) {
      assertThat(after.create("kept")).isEqualTo(id);
      assertThat(after.metadata().clusterId()).isEqualTo(clusterId);
    }
  }

  @Test
  void partitionsAreDescribedInPages() throws Exception {
    List<String> seen = new ArrayList<>();
    DescribeTopicPartitionsResponse.Cursor cursor = null;
    int pages = 0;
    do {
      DescribeTopicPartitionsResponse page = describe(2, cursor, "b", "a", "c");
      int count = 0;
      for (var topic : page.topics()) {
        assertThat(topic.errorCode()).isZero();
        for (var partition : topic.partitions()) {
          seen.add(topic.name() + partition.partitionIndex());
          count++;
        }
      }
      assertThat(count).isBetween(1, 2);
      cursor = page.nextCursor();
      pages++;
    } while (cursor != null);
    assertThat(seen).containsExactly("a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2");
    assertThat(pages).isEqualTo(5);
  }

  @Test
  void allTopicsAreDescribedIfNoneIsNamed() throws Exception {
    DescribeTopicPartitionsResponse all = describe(2000, null);
    assertThat(all.topics()).extracting(topic -> topic.name()).contains("a", "b", "c").isSorted();
    assertThat(all.nextCursor()).isNull();
  }

  @Test
  void anUnknownTopicIsDescribedAsUnknown() throws Exception {
    DescribeTopicPartitionsResponse answer = describe(2000, null, "nowhere", "a");
    assertThat(answer.topics()).hasSize(2);
    for (var topic : answer.topics()) {
      assertThat(BrokerClient.error(topic.errorCode()))
          .isEqualTo(
              "a".equals(topic.name()) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
  }

  private static DescribeTopicPartitionsResponse describe(
      int limit, DescribeTopicPartitionsResponse.@Nullable Cursor cursor, String... topics)
      throws Exception {
    List<DescribeTopicPartitionsRequest.TopicRequest> names = new ArrayList<>();
    for (String topic : topics) {
      names.add(DescribeTopicPartitionsRequest.TopicRequest.builder().name(topic).build());
    }
    return client.call(
        DescribeTopicPartitionsResponse.class,
        ApiKey.DESCRIBE_TOPIC_PARTITIONS,
        0,
        DescribeTopicPartitionsRequest.builder()
            .topics(names)
            .responsePartitionLimit(limit)
            .cursor(
                cursor == null
                    ? null
                    : DescribeTopicPartitionsRequest.Cursor.builder()
                        .topicName(cursor.topicName())
                        .partitionIndex(cursor.partitionIndex())
                        .build())
            .build());
  }

  @ParameterizedTest(name = "version {0}, endpoint type {1}: {2}")
  @CsvSource({
    "0,1,NONE", "1,1,NONE", "2,1,NONE",
    "1,2,MISMATCHED_ENDPOINT_TYPE", "2,0,UNSUPPORTED_ENDPOINT_TYPE", "2,7,UNSUPPORTED_ENDPOINT_TYPE"
  })
  void theClusterIsDescribed(int version, byte type, ErrorCode expected) throws Exception {
    DescribeClusterResponse answer =
        client.call(
            DescribeClusterResponse.class,
            ApiKey.DESCRIBE_CLUSTER,
            version,
            DescribeClusterRequest.builder().endpointType(type).build());
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(expected);
    if (expected == ErrorCode.NONE) {
      assertThat(answer.clusterId()).isEqualTo(client.metadata().clusterId());
      assertThat(answer.controllerId()).isEqualTo(5);
      assertThat(answer.brokers())
          .singleElement()
          .satisfies(node -> assertThat(node.brokerId()).isEqualTo(5));
    }
  }

  @Test
  void logDirectoriesAreDescribed() throws Exception {
    client.create("sized");
    client.append("sized", 1, Batches.sized(5000));
    DescribeLogDirsResponse.DescribeLogDirsResult all = logDirs(null);
    assertThat(all.logDir()).isEqualTo(directory.toString());
    assertThat(all.totalBytes()).isGreaterThanOrEqualTo(all.usableBytes()).isPositive();
    assertThat(all.topics()).extracting(topic -> topic.name()).contains("a", "b", "sized");
    DescribeLogDirsResponse.DescribeLogDirsResult one =
        logDirs(
            List.of(
                DescribeLogDirsRequest.DescribableLogDirTopic.builder()
                    .topic("sized")
                    .partitions(List.of(1, 99))
                    .build(),
                DescribeLogDirsRequest.DescribableLogDirTopic.builder()
                    .topic("nowhere")
                    .partitions(List.of(0))
                    .build()));
    assertThat(one.topics())
        .singleElement()
        .satisfies(
            topic -> {
              assertThat(topic.name()).isEqualTo("sized");
              assertThat(topic.partitions())
                  .singleElement()
                  .satisfies(
                      partition -> {
                        assertThat(partition.partitionIndex()).isEqualTo(1);
                        assertThat(partition.partitionSize()).isBetween(5000L, 5200L);
                        assertThat(partition.offsetLag()).isZero();
                        assertThat(partition.isFutureKey()).isFalse();
                      });
            });
  }

  private static DescribeLogDirsResponse.DescribeLogDirsResult logDirs(
      @Nullable List<DescribeLogDirsRequest.DescribableLogDirTopic> topics) throws Exception {
    DescribeLogDirsResponse answer =
        client.call(
            DescribeLogDirsResponse.class,
            ApiKey.DESCRIBE_LOG_DIRS,
            4,
            DescribeLogDirsRequest.builder().topics(topics).build());
    assertThat(answer.errorCode()).isZero();
    assertThat(answer.results()).hasSize(1);
    BrokerClient.check(answer.results().getFirst().errorCode());
    return answer.results().getFirst();
  }

  @ParameterizedTest(name = "id {0}, epoch {1}: {2}")
  @CsvSource({"-1,-1,NONE", "4711,3,NONE", "4711,-1,INVALID_REQUEST", "-1,3,INVALID_REQUEST"})
  void producerIdsGoWithEpochs(long id, short epoch, ErrorCode expected) throws Exception {
    InitProducerIdResponse answer =
        client.call(
            InitProducerIdResponse.class,
            ApiKey.INIT_PRODUCER_ID,
            4,
            InitProducerIdRequest.builder()
                .transactionalId(null)
                .transactionTimeoutMs(1000)
                .producerId(id)
                .producerEpoch(epoch)
                .build());
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(expected);
    assertThat(answer.producerId() >= 0).isEqualTo(expected == ErrorCode.NONE);
  }

  @Test
  void anEmptyTransactionalIdIsInvalid() throws Exception {
    InitProducerIdResponse answer =
        client.call(
            InitProducerIdResponse.class,
            ApiKey.INIT_PRODUCER_ID,
            4,
            InitProducerIdRequest.builder().transactionalId("").transactionTimeoutMs(1000).build());
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(ErrorCode.INVALID_REQUEST);
  }
}
