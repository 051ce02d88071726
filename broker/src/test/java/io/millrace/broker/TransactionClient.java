package io.millrace.broker;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeTransactionsRequest;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a transactional producer sends, one request at a time and not always as it should.
final class TransactionClient {
  static final int TIMEOUT_MS = 60_000;

  private final BrokerClient client;
  private final String id;

  /// Finds the coordinator first, as every producer does.
  TransactionClient(BrokerClient client, String id) throws IOException {
    this.client = client;
    this.id = id;
    FindCoordinatorResponse found =
        client.call(
            FindCoordinatorResponse.class,
            ApiKey.FIND_COORDINATOR,
            6,
            FindCoordinatorRequest.builder()
                .keyType((byte) 1)
                .coordinatorKeys(List.of(id))
                .build());
    BrokerClient.check(found.coordinators().getFirst().errorCode());
  }

  /// Which producer this is, and what it sends next.
  record Producer(long id, short epoch) {}

  InitProducerIdResponse init(int version, int timeoutMs) throws IOException {
    InitProducerIdRequest request =
        InitProducerIdRequest.builder().transactionalId(id).transactionTimeoutMs(timeoutMs).build();
    InitProducerIdResponse response;
    do {
      response =
          client.call(InitProducerIdResponse.class, ApiKey.INIT_PRODUCER_ID, version, request);
    } while (isToBeTriedAgain(response.errorCode()));
    return response;
  }

  /// The coordinator may still be reading its log, or a transaction be ending.
  private static boolean isToBeTriedAgain(short error) {
    return error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS.code()
        || error == ErrorCode.NOT_COORDINATOR.code()
        || error == ErrorCode.CONCURRENT_TRANSACTIONS.code();
  }

  Producer init() throws IOException {
    InitProducerIdResponse response = init(5, TIMEOUT_MS);
    BrokerClient.check(response.errorCode());
    return new Producer(response.producerId(), response.producerEpoch());
  }

  ErrorCode produce(
      int version, Producer producer, int sequence, String topic, int partition, String... values)
      throws IOException {
    ProduceResponse response =
        client.call(
            ProduceResponse.class,
            ApiKey.PRODUCE,
            version,
            Requests.produce(
                    topic,
                    Uuid.ZERO,
                    partition,
                    Requests.ACKS_ALL,
                    batch(producer, sequence, values))
                .toBuilder()
                .transactionalId(id)
                .build());
    return BrokerClient.error(
        response.responses().getFirst().partitionResponses().getFirst().errorCode());
  }

  static ByteBuffer batch(Producer producer, int sequence, String... values) {
    RecordBatchBuilder batch =
        new RecordBatchBuilder()
            .producer(producer.id(), producer.epoch(), sequence)
            .transactional(true);
    for (String value : values) {
      batch.append(System.currentTimeMillis(), null, value.getBytes(StandardCharsets.UTF_8));
    }
    return batch.build();
  }

  EndTxnResponse end(int version, Producer producer, boolean commit) throws IOException {
    return client.call(
        EndTxnResponse.class,
        ApiKey.END_TXN,
        version,
        EndTxnRequest.builder()
            .transactionalId(id)
            .producerId(producer.id())
            .producerEpoch(producer.epoch())
            .committed(commit)
            .build());
  }

  /// Ends a transaction of version 2; who the producer is from then on.
  Producer end(Producer producer, boolean commit) throws IOException {
    EndTxnResponse response = end(5, producer, commit);
    BrokerClient.check(response.errorCode());
    return new Producer(response.producerId(), response.producerEpoch());
  }

  /// Adds partitions as clients before transaction version 2 do; the errors, by partition.
  List<ErrorCode> add(Producer producer, String topic, Integer... partitions) throws IOException {
    return client
        .call(
            AddPartitionsToTxnResponse.class,
            ApiKey.ADD_PARTITIONS_TO_TXN,
            3,
            AddPartitionsToTxnRequest.builder()
                .v3AndBelowTransactionalId(id)
                .v3AndBelowProducerId(producer.id())
                .v3AndBelowProducerEpoch(producer.epoch())
                .v3AndBelowTopics(
                    List.of(
                        AddPartitionsToTxnRequest.AddPartitionsToTxnTopic.builder()
                            .name(topic)
                            .partitions(List.of(partitions))
                            .build()))
                .build())
        .resultsByTopicV3AndBelow()
        .getFirst()
        .resultsByPartition()
        .stream()
        .map(result -> BrokerClient.error(result.partitionErrorCode()))
        .toList();
  }

  DescribeTransactionsResponse.TransactionState describe() throws IOException {
    return client
        .call(
            DescribeTransactionsResponse.class,
            ApiKey.DESCRIBE_TRANSACTIONS,
            0,
            DescribeTransactionsRequest.builder().transactionalIds(List.of(id)).build())
        .transactionStates()
        .getFirst();
  }

  /// Asks until the transaction is in a state.
  void awaitState(String state) throws IOException {
    while (!describe().transactionState().equals(state)) {
      Thread.onSpinWait();
    }
  }

  /// What a consumer of committed records gets of a partition, before it leaves out what was
  /// aborted.
  FetchResponse.PartitionData fetchCommitted(String topic, int partition) throws IOException {
    return BrokerClient.onlyPartition(
        client.fetch(
            BrokerClient.FETCH_BY_NAME,
            Requests.fetch(Requests.topic(topic, Uuid.ZERO, Requests.partition(partition, 0)))
                .isolationLevel((byte) 1)
                .build()));
  }
}
