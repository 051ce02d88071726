package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.protocol.message.DescribeProducersResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.replication.Partition;
import io.millrace.storage.AppendResult;
import io.millrace.storage.VerificationGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Readers of committed transactions, over the wire.
@Timeout(60)
final class ReadCommittedTest {
  private static final byte READ_COMMITTED = 1;
  private static final int LIST_OFFSETS = 10;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory);
    client = broker.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  private static void await(Partition partition, AppendResult result) throws Exception {
    assertThat(
            partition.awaitCommitted(
                result.lastOffset() + 1, broker.host().clock().deadlineIn(Duration.ofSeconds(30))))
        .isEqualTo(ErrorCode.NONE);
  }

  private static void append(
      Partition partition, long producerId, int epoch, int sequence, String value)
      throws Exception {
    ByteBuffer batch =
        new RecordBatchBuilder()
            .producer(producerId, (short) epoch, sequence)
            .transactional(true)
            .append(System.currentTimeMillis(), null, value.getBytes(StandardCharsets.UTF_8))
            .build();
    VerificationGuard guard =
        partition.needsVerification(producerId, (short) epoch)
            ? partition.beginVerification(producerId, (short) epoch, sequence)
            : VerificationGuard.NONE;
    await(partition, partition.append(batch, guard));
  }

  private static void end(Partition partition, long producerId, int epoch, boolean isCommit)
      throws Exception {
    await(partition, partition.appendMarker(producerId, (short) epoch, 0, isCommit, (short) 2));
  }

  private static FetchResponse.PartitionData fetch(String topic, Uuid id, int version, long offset)
      throws IOException {
    return BrokerClient.onlyPartition(
        client.fetch(
            version,
            Requests.fetch(Requests.topic(topic, id, Requests.partition(0, offset)))
                .isolationLevel(READ_COMMITTED)
                .build()));
  }

  private static long latest(String topic, byte isolation) throws IOException {
    ListOffsetsRequest request =
        Requests.listOffsets(topic, 0, -1).toBuilder().isolationLevel(isolation).build();
    return client
        .call(ListOffsetsResponse.class, ApiKey.LIST_OFFSETS, LIST_OFFSETS, request)
        .topics()
        .getFirst()
        .partitions()
        .getFirst()
        .offset();
  }

  private static List<List<Long>> aborted(FetchResponse.PartitionData data) {
    List<FetchResponse.AbortedTransaction> aborted = data.abortedTransactions();
    return Objects.requireNonNull(aborted).stream()
        .map(one -> List.of(one.producerId(), one.firstOffset()))
        .toList();
  }

  static List<Integer> versions() {
    return java.util.stream.IntStream.rangeClosed(4, 18).boxed().toList();
  }

  @ParameterizedTest(name = "version {0}")
  @MethodSource("versions")
  void seesWhatIsDecidedAndLearnsWhatWasAborted(int version) throws Exception {
    String topic = "decided" + version;
    Uuid id = client.create(topic);
    Partition partition = broker.partition(topic, 0);
    client.append(topic, 0, Batches.of("plain"));
    append(partition, 1, 0, 0, "kept");
    append(partition, 2, 0, 0, "dropped");
    FetchResponse.PartitionData open = fetch(topic, id, version, 0);
    assertThat(Batches.values(open.records())).containsExactly("plain");
    assertThat(open.highWatermark()).isEqualTo(3);
    assertThat(open.lastStableOffset()).isEqualTo(1);
    assertThat(aborted(open)).isEmpty();
    assertThat(client.fetch(topic, 0, 0).lastStableOffset()).isEqualTo(1);
    assertThat(Batches.values(client.fetch(topic, 0, 0).records()))
        .containsExactly("plain", "kept", "dropped");
    assertThat(latest(topic, READ_COMMITTED)).isEqualTo(1);
    assertThat(latest(topic, (byte) 0)).isEqualTo(3);

    end(partition, 2, 1, false);
    assertThat(fetch(topic, id, version, 0).lastStableOffset()).isEqualTo(1);
    end(partition, 1, 1, true);
    FetchResponse.PartitionData all = fetch(topic, id, version, 0);
    assertThat(Batches.offsets(all.records())).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(all.lastStableOffset()).isEqualTo(5);
    assertThat(aborted(all)).containsExactly(List.of(2L, 2L));
    assertThat(aborted(fetch(topic, id, version, 4))).isEmpty();
    assertThat(latest(topic, READ_COMMITTED)).isEqualTo(5);
  }

  /// A fetch that a limit of size cuts off is told of the transactions in what it got.
  @Test
  void isToldOfNoMoreThanItGot() throws Exception {
    Uuid id = client.create("cut");
    Partition partition = broker.partition("cut", 0);
    for (int i = 0; i < 50; i++) {
      append(partition, 3, i, 0, "x".repeat(10_000));
      end(partition, 3, i + 1, false);
    }
    FetchResponse.PartitionData some =
        BrokerClient.onlyPartition(
            client.fetch(
                18,
                Requests.fetch(Requests.topic("cut", id, Requests.partition(0, 10)))
                    .isolationLevel(READ_COMMITTED)
                    .maxBytes(35_000)
                    .build()));
    assertThat(Batches.offsets(some.records())).first().isEqualTo(10L);
    assertThat(aborted(some))
        .contains(List.of(3L, 10L), List.of(3L, 12L), List.of(3L, 14L))
        .hasSizeLessThan(6);
  }

  @Test
  void aMarkerEndsTheWaitOfAFetch() throws Exception {
    Uuid id = client.create("waiting");
    Partition partition = broker.partition("waiting", 0);
    append(partition, 4, 0, 0, "late");
    CompletableFuture<FetchResponse.PartitionData> fetched =
        CompletableFuture.supplyAsync(
            () -> {
              try (BrokerClient other = broker.connect()) {
                return BrokerClient.onlyPartition(
                    other.fetch(
                        18,
                        Requests.fetch(Requests.topic("waiting", id, Requests.partition(0, 0)))
                            .isolationLevel(READ_COMMITTED)
                            .minBytes(1)
                            .maxWaitMs(600_000)
                            .build()));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    append(partition, 4, 0, 1, "later");
    assertThat(fetched).isNotDone();
    end(partition, 4, 1, true);
    assertThat(Batches.offsets(fetched.get().records())).containsExactly(0L, 1L, 2L);
  }

  @Test
  void whatIsOpenIsOpenAfterARestart(@TempDir Path own) throws Exception {
    try (TestBroker first = TestBroker.start(own);
        BrokerClient connected = first.connect()) {
      connected.create("again");
      Partition partition = first.partition("again", 0);
      ByteBuffer batch =
          new RecordBatchBuilder()
              .producer(9, (short) 0, 0)
              .transactional(true)
              .append(System.currentTimeMillis(), null, new byte[10])
              .build();
      partition.append(batch, partition.beginVerification(9, (short) 0, 0));
    }
    try (TestBroker second = TestBroker.start(own)) {
      Partition partition = second.partition("again", 0);
      assertThat(partition.highWatermark()).isEqualTo(1);
      assertThat(partition.lastStableOffset()).isZero();
      assertThat(partition.needsVerification(9, (short) 0)).isFalse();
    }
  }

  private static DescribeProducersResponse.PartitionResponse describe(String topic, int partition)
      throws IOException {
    return client
        .call(
            DescribeProducersResponse.class,
            ApiKey.DESCRIBE_PRODUCERS,
            0,
            DescribeProducersRequest.builder()
                .topics(
                    List.of(
                        DescribeProducersRequest.TopicRequest.builder()
                            .name(topic)
                            .partitionIndexes(List.of(partition))
                            .build()))
                .build())
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  @Test
  void producersAreDescribed() throws Exception {
    client.create("described");
    Partition partition = broker.partition("described", 0);
    append(partition, 5, 3, 0, "a");
    append(partition, 6, 0, 0, "b");
    partition.appendMarker(5, (short) 4, 8, false, (short) 0);
    DescribeProducersResponse.PartitionResponse answer = describe("described", 0);
    assertThat(answer.errorCode()).isZero();
    assertThat(answer.errorMessage()).isNull();
    assertThat(answer.activeProducers())
        .anySatisfy(
            ended -> {
              assertThat(ended.producerId()).isEqualTo(5);
              assertThat(ended.producerEpoch()).isEqualTo(4);
              assertThat(ended.lastSequence()).isEqualTo(-1);
              assertThat(ended.coordinatorEpoch()).isEqualTo(8);
              assertThat(ended.currentTxnStartOffset()).isEqualTo(-1);
            })
        .anySatisfy(
            open -> {
              assertThat(open.producerId()).isEqualTo(6);
              assertThat(open.lastSequence()).isZero();
              assertThat(open.lastTimestamp()).isPositive();
              assertThat(open.coordinatorEpoch()).isEqualTo(-1);
              assertThat(open.currentTxnStartOffset()).isEqualTo(1);
            })
        .hasSize(2);
    for (String unknown : List.of("described", "no-such-topic", "no/topic")) {
      assertThat(BrokerClient.error(describe(unknown, 77).errorCode()))
          .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
  }
}
