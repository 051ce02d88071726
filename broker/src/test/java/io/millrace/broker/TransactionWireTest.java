package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.TransactionClient.Producer;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.protocol.message.WriteTxnMarkersResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Transactions over the wire, by clients of version 2 and older ones: rows 24, 25, 28 and 29 of
/// the table of bad inputs, and that a transaction is never torn by requests that come late.
@Timeout(60)
final class TransactionWireTest {
  /// Of Produce: 9 has to have added its partitions, 12 need not.
  private static final int OLD = 9;

  private static final int NEW = 12;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  private String topic = "";
  private TransactionClient transactions;

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

  @BeforeEach
  void newTopic(TestInfo test) throws Exception {
    topic = test.getTestMethod().orElseThrow().getName();
    client.create(topic);
    transactions = new TransactionClient(client, "id-" + topic);
  }

  @Test
  void committedRecordsAreReadAndAbortedOnesAreKnown() throws Exception {
    Producer first = transactions.init();
    assertThat(transactions.produce(NEW, first, 0, topic, 0, "a", "b")).isEqualTo(ErrorCode.NONE);
    assertThat(transactions.produce(NEW, first, 2, topic, 0, "c")).isEqualTo(ErrorCode.NONE);
    assertThat(transactions.fetchCommitted(topic, 0).lastStableOffset()).isZero();
    assertThat(Batches.size(transactions.fetchCommitted(topic, 0).records())).isZero();
    assertThat(transactions.describe().transactionState()).isEqualTo("Ongoing");

    Producer second = transactions.end(first, true);
    assertThat(second).isEqualTo(new Producer(first.id(), (short) (first.epoch() + 1)));
    transactions.awaitState("CompleteCommit");
    FetchResponse.PartitionData committed = transactions.fetchCommitted(topic, 0);
    assertThat(committed.lastStableOffset()).isEqualTo(4);
    assertThat(Batches.offsets(committed.records())).startsWith(0L, 1L, 2L);

    assertThat(transactions.produce(NEW, second, 0, topic, 0, "d")).isEqualTo(ErrorCode.NONE);
    Producer third = transactions.end(second, false);
    transactions.awaitState("CompleteAbort");
    FetchResponse.PartitionData aborted = transactions.fetchCommitted(topic, 0);
    assertThat(aborted.lastStableOffset()).isEqualTo(6);
    assertThat(aborted.abortedTransactions())
        .containsExactly(
            FetchResponse.AbortedTransaction.builder()
                .producerId(first.id())
                .firstOffset(4)
                .build());
    assertThat(third.epoch()).isEqualTo((short) (second.epoch() + 1));
  }

  @Test
  void theNextTransactionMayFollowAtOnce() throws Exception {
    Producer producer = transactions.init();
    for (int i = 0; i < 20; i++) {
      assertThat(transactions.produce(NEW, producer, 0, topic, i % 2, "v" + i))
          .isEqualTo(ErrorCode.NONE);
      assertThat(transactions.produce(NEW, producer, 0, topic, (i + 1) % 2, "w" + i))
          .isEqualTo(ErrorCode.NONE);
      producer = transactions.end(producer, i % 3 > 0);
    }
    assertThat(client.logEndOffset(topic, 0)).isGreaterThanOrEqualTo(20);
  }

  @Test
  void aProduceThatComesAfterTheEndIsFenced() throws Exception {
    Producer first = transactions.init();
    transactions.produce(NEW, first, 0, topic, 0, "a");
    Producer second = transactions.end(first, true);
    transactions.awaitState("CompleteCommit");
    long end = client.logEndOffset(topic, 0);

    // Held up on its way, and of a partition that had no part in the transaction.
    assertThat(transactions.produce(NEW, first, 1, topic, 0, "late"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
    assertThat(transactions.produce(NEW, first, 0, topic, 1, "late"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
    transactions.produce(NEW, second, 0, topic, 1, "b");
    assertThat(transactions.produce(NEW, first, 0, topic, 1, "late"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
    assertThat(client.logEndOffset(topic, 0)).isEqualTo(end);
    transactions.end(second, true);
    transactions.awaitState("CompleteCommit");
    assertThat(Batches.values(transactions.fetchCommitted(topic, 1).records()))
        .doesNotContain("late");
  }

  @Test
  void anOldClientsProduceThatComesAfterTheEndIsRefused() throws Exception {
    Producer producer = transactions.init();
    assertThat(transactions.add(producer, topic, 0)).containsExactly(ErrorCode.NONE);
    assertThat(transactions.produce(OLD, producer, 0, topic, 0, "a")).isEqualTo(ErrorCode.NONE);
    BrokerClient.check(transactions.end(4, producer, true).errorCode());
    transactions.awaitState("CompleteCommit");
    long end = client.logEndOffset(topic, 0);

    assertThat(transactions.produce(OLD, producer, 1, topic, 0, "late"))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(transactions.add(producer, topic, 1)).containsExactly(ErrorCode.NONE);
    assertThat(transactions.produce(OLD, producer, 1, topic, 0, "late"))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(client.logEndOffset(topic, 0)).isEqualTo(end);
  }

  @Test
  void partitionsHaveToBeAddedByOldClients() throws Exception {
    Producer producer = transactions.init();
    assertThat(transactions.produce(OLD, producer, 0, topic, 0, "a"))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(transactions.produce(11, producer, 0, topic, 0, "a"))
        .isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
    assertThat(transactions.produce(OLD, new Producer(987_654, (short) 0), 0, topic, 0, "a"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    assertThat(client.logEndOffset(topic, 0)).isZero();
  }

  @Test
  void partitionsThatDoNotExistCannotBeAdded() throws Exception {
    Producer producer = transactions.init();
    assertThat(transactions.add(producer, topic, 0, 7))
        .containsExactly(ErrorCode.OPERATION_NOT_ATTEMPTED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(transactions.describe().transactionState()).isEqualTo("Empty");
  }

  @Test
  void whatIsTransactionalNeedsATransactionalId() throws Exception {
    Producer producer = transactions.init();
    assertThat(
            BrokerClient.error(
                client.produce(topic, 0, TransactionClient.batch(producer, 0, "a")).errorCode()))
        .isEqualTo(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    assertThat(client.logEndOffset(topic, 0)).isZero();
  }

  @Test
  void whoComesAnewFencesWhoWasThere() throws Exception {
    Producer zombie = transactions.init();
    transactions.produce(NEW, zombie, 0, topic, 0, "a");
    Producer successor = transactions.init();

    assertThat(successor.epoch()).isEqualTo((short) (zombie.epoch() + 2));
    assertThat(transactions.produce(NEW, zombie, 1, topic, 0, "late"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
    assertThat(BrokerClient.error(transactions.end(5, zombie, true).errorCode()))
        .isEqualTo(ErrorCode.PRODUCER_FENCED);
    assertThat(BrokerClient.error(transactions.end(1, zombie, true).errorCode()))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
    assertThat(transactions.add(zombie, topic, 0)).containsExactly(ErrorCode.PRODUCER_FENCED);
    FetchResponse.PartitionData data = transactions.fetchCommitted(topic, 0);
    assertThat(data.lastStableOffset()).isEqualTo(2);
    assertThat(data.abortedTransactions()).hasSize(1);
  }

  @Test
  void timeoutsHaveToBeInRange() throws Exception {
    for (int timeoutMs : new int[] {0, -1, Integer.MAX_VALUE, 900_001}) {
      assertThat(BrokerClient.error(transactions.init(5, timeoutMs).errorCode()))
          .isEqualTo(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }
  }

  @Test
  void aTransactionThatTakesTooLongIsAborted() throws Exception {
    var slow = transactions.init(5, 100);
    Producer producer = new Producer(slow.producerId(), slow.producerEpoch());
    transactions.produce(NEW, producer, 0, topic, 0, "a");
    transactions.awaitState("CompleteAbort");
    assertThat(transactions.fetchCommitted(topic, 0).lastStableOffset()).isEqualTo(2);
    assertThat(transactions.produce(NEW, producer, 1, topic, 0, "late"))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
  }

  @Test
  void endsInWrongStatesAreRefused() throws Exception {
    Producer producer = transactions.init();
    assertThat(BrokerClient.error(transactions.end(5, producer, true).errorCode()))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(BrokerClient.error(transactions.end(4, producer, true).errorCode()))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(
            BrokerClient.error(
                transactions.end(5, new Producer(987_654, (short) 0), true).errorCode()))
        .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    transactions.produce(NEW, producer, 0, topic, 0, "a");
    Producer next = transactions.end(producer, true);
    assertThat(transactions.end(producer, true)).isEqualTo(next);
  }

  @Test
  void brokersAskForSeveralTransactions() throws Exception {
    Producer producer = transactions.init();
    transactions.add(producer, topic, 0);
    AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction verifying =
        AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction.builder()
            .transactionalId("id-" + topic)
            .producerId(producer.id())
            .producerEpoch(producer.epoch())
            .verifyOnly(true)
            .topics(
                List.of(
                    AddPartitionsToTxnRequest.AddPartitionsToTxnTopic.builder()
                        .name(topic)
                        .partitions(List.of(0, 1))
                        .build()))
            .build();
    AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction unknown =
        verifying.toBuilder().transactionalId("nobody").verifyOnly(false).build();
    for (int version = 4; version <= 5; version++) {
      AddPartitionsToTxnResponse response =
          client.call(
              AddPartitionsToTxnResponse.class,
              ApiKey.ADD_PARTITIONS_TO_TXN,
              version,
              AddPartitionsToTxnRequest.builder()
                  .transactions(List.of(verifying, unknown))
                  .build());
      ErrorCode notAdded =
          version == 4 ? ErrorCode.INVALID_TXN_STATE : ErrorCode.TRANSACTION_ABORTABLE;
      assertThat(errors(response, 0)).containsExactly(ErrorCode.NONE, notAdded);
      assertThat(errors(response, 1)).containsOnly(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    }
  }

  private static List<ErrorCode> errors(AddPartitionsToTxnResponse response, int index) {
    return response
        .resultsByTransaction()
        .get(index)
        .topicResults()
        .getFirst()
        .resultsByPartition()
        .stream()
        .map(result -> BrokerClient.error(result.partitionErrorCode()))
        .toList();
  }

  @Test
  void transactionsAreListed() throws Exception {
    Producer producer = transactions.init();
    transactions.produce(NEW, producer, 0, topic, 1, "a");
    ListTransactionsRequest request =
        ListTransactionsRequest.builder()
            .stateFilters(List.of("Ongoing", "Nonsense"))
            .producerIdFilters(List.of(producer.id()))
            .durationFilter(-1)
            .transactionalIdPattern("id-transactionsAre.*")
            .build();
    ListTransactionsResponse listed = list(request);
    assertThat(listed.unknownStateFilters()).containsExactly("Nonsense");
    assertThat(listed.transactionStates())
        .extracting(ListTransactionsResponse.TransactionState::transactionalId)
        .containsExactly("id-" + topic);
    assertThat(list(request.toBuilder().transactionalIdPattern("id").build()).transactionStates())
        .isEmpty();
    assertThat(
            BrokerClient.error(
                list(request.toBuilder().transactionalIdPattern("(").build()).errorCode()))
        .isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
    assertThat(transactions.describe().topics().getFirst().partitions()).containsExactly(1);
  }

  private static ListTransactionsResponse list(ListTransactionsRequest request) throws Exception {
    return client.call(ListTransactionsResponse.class, ApiKey.LIST_TRANSACTIONS, 2, request);
  }

  @Test
  void markersEndATransaction() throws Exception {
    Producer producer = transactions.init();
    transactions.produce(NEW, producer, 0, topic, 0, "a");
    WriteTxnMarkersRequest request =
        WriteTxnMarkersRequest.builder()
            .markers(
                List.of(
                    WriteTxnMarkersRequest.WritableTxnMarker.builder()
                        .producerId(producer.id())
                        .producerEpoch(producer.epoch())
                        .transactionResult(false)
                        .coordinatorEpoch(0)
                        .topics(
                            List.of(
                                WriteTxnMarkersRequest.WritableTxnMarkerTopic.builder()
                                    .name(topic)
                                    .partitionIndexes(List.of(0, 9))
                                    .build()))
                        .build()))
            .build();
    WriteTxnMarkersResponse response =
        client.call(WriteTxnMarkersResponse.class, ApiKey.WRITE_TXN_MARKERS, 1, request);
    assertThat(response.markers().getFirst().topics().getFirst().partitions())
        .extracting(result -> BrokerClient.error(result.errorCode()))
        .containsExactly(ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(transactions.fetchCommitted(topic, 0).lastStableOffset()).isEqualTo(2);
  }

  @Test
  void transactionsSurviveARestart(@TempDir Path own) throws Exception {
    Producer first;
    try (TestBroker before = TestBroker.start(own);
        BrokerClient connection = before.connect()) {
      connection.create(topic);
      TransactionClient there = new TransactionClient(connection, "restarted");
      first = there.init();
      there.produce(NEW, first, 0, topic, 0, "a");
    }
    try (TestBroker after = TestBroker.start(own);
        BrokerClient connection = after.connect()) {
      TransactionClient there = new TransactionClient(connection, "restarted");
      there.awaitState("Ongoing");
      assertThat(there.produce(NEW, first, 1, topic, 0, "b")).isEqualTo(ErrorCode.NONE);
      assertThat(there.fetchCommitted(topic, 0).lastStableOffset()).isZero();
      Producer second = there.end(first, true);
      there.awaitState("CompleteCommit");
      assertThat(there.fetchCommitted(topic, 0).lastStableOffset()).isEqualTo(3);
      assertThat(there.end(first, true)).isEqualTo(second);
    }
  }
}
