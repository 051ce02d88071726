package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.AddOffsetsToTxnRequest;
import io.millrace.protocol.message.AddOffsetsToTxnResponse;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.simulator.SimulatedHost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The producer of a transactional application, as a client of version 2 of transactions (KIP-890)
/// or as one of before, which adds partitions itself and keeps its epoch.
///
/// The older client leaves a late request of its own epoch a way into its next transaction, as is
/// known of it; so after each that was late it takes a new epoch first.
final class TransactionalProducer {
  private static final int PRODUCE_V1 = 11;

  private final SimulatedHost host;
  private final SimulatedClient client;
  private final LateRequests late;
  private final SimulatedWorker.Job job;
  private final String group;
  private final Map<TopicPartition, Integer> sequences = new TreeMap<>();
  private long producerId;
  private short epoch;

  TransactionalProducer(
      SimulatedHost host,
      SimulatedClient client,
      LateRequests late,
      SimulatedWorker.Job job,
      String group) {
    this.host = host;
    this.client = client;
    this.late = late;
    this.job = job;
    this.group = group;
  }

  /// What is to be done when a transaction cannot be committed.
  enum Remedy {
    ABORT,
    INITIALISE,
    ABORT_AND_INITIALISE
  }

  /// The transaction cannot be committed.
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
    private final Remedy remedy;

    Failed(String what, Remedy remedy) {
      super(what, null, false, false);
      this.remedy = remedy;
    }

    boolean isToBeAborted() {
      return remedy != Remedy.INITIALISE;
    }

    boolean isToBeInitialised() {
      return remedy != Remedy.ABORT;
    }
  }

  /// Takes a new epoch, and has whatever was open aborted.
  void initialise() throws InterruptedException {
    InitProducerIdResponse answer =
        client.ask(
            new Call<>(
                InitProducerIdResponse.class,
                ApiKey.INIT_PRODUCER_ID,
                job.isVersion2() ? 5 : 4,
                InitProducerIdRequest.builder()
                    .transactionalId(job.transactionalId())
                    .transactionTimeoutMs(job.timeoutMs())
                    .build(),
                InitProducerIdResponse::errorCode));
    BrokerClient.check(answer.errorCode());
    producerId = answer.producerId();
    epoch = answer.producerEpoch();
    sequences.clear();
  }

  /// Begins a transaction over what becomes of `inputs`.
  void begin(Map<Integer, List<String>> inputs) throws InterruptedException, Failed {
    if (job.isVersion2()) {
      return;
    }
    AddPartitionsToTxnResponse added =
        client.ask(
            new Call<>(
                AddPartitionsToTxnResponse.class,
                ApiKey.ADD_PARTITIONS_TO_TXN,
                3,
                AddPartitionsToTxnRequest.builder()
                    .v3AndBelowTransactionalId(job.transactionalId())
                    .v3AndBelowProducerId(producerId)
                    .v3AndBelowProducerEpoch(epoch)
                    .v3AndBelowTopics(
                        List.of(
                            topic(job.output(), List.copyOf(inputs.keySet())),
                            topic(job.audit(), List.of(0))))
                    .build(),
                TransactionalProducer::error));
    check("AddPartitionsToTxn", error(added));
    AddOffsetsToTxnResponse offsets =
        client.ask(
            new Call<>(
                AddOffsetsToTxnResponse.class,
                ApiKey.ADD_OFFSETS_TO_TXN,
                3,
                AddOffsetsToTxnRequest.builder()
                    .transactionalId(job.transactionalId())
                    .producerId(producerId)
                    .producerEpoch(epoch)
                    .groupId(group)
                    .build(),
                AddOffsetsToTxnResponse::errorCode));
    check("AddOffsetsToTxn", offsets.errorCode());
  }

  private static AddPartitionsToTxnRequest.AddPartitionsToTxnTopic topic(
      String name, List<Integer> partitions) {
    return AddPartitionsToTxnRequest.AddPartitionsToTxnTopic.builder()
        .name(name)
        .partitions(partitions)
        .build();
  }

  private static int error(AddPartitionsToTxnResponse response) {
    return response.resultsByTopicV3AndBelow().stream()
        .flatMap(topic -> topic.resultsByPartition().stream())
        .mapToInt(AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult::partitionErrorCode)
        .filter(code -> code != ErrorCode.NONE.code())
        .findFirst()
        .orElse(response.errorCode());
  }

  void produce(String topic, int partition, List<String> values)
      throws InterruptedException, Failed {
    TopicPartition name = new TopicPartition(topic, partition);
    if (job.flaw() == SimulatedWorker.Flaw.RETRIES_ANEW && host.entropy().nextInt(20) == 0) {
      send(name, values);
    }
    send(name, values);
  }

  private void send(TopicPartition name, List<String> values) throws InterruptedException, Failed {
    int sequence = sequences.getOrDefault(name, 0);
    RecordBatchBuilder records =
        new RecordBatchBuilder().transactional(true).producer(producerId, epoch, sequence);
    for (String value : values) {
      records.append(host.clock().wallMs(), null, value.getBytes(StandardCharsets.UTF_8));
    }
    ByteBuffer batch = records.build();
    ProduceResponse answer =
        askPerhapsLate(
            new Call<>(
                ProduceResponse.class,
                ApiKey.PRODUCE,
                job.isVersion2() ? BrokerClient.PRODUCE_BY_NAME : PRODUCE_V1,
                Requests.produce(
                        name.topic(), Uuid.ZERO, name.partition(), Requests.ACKS_ALL, batch)
                    .toBuilder()
                    .transactionalId(job.transactionalId())
                    .build(),
                TransactionalProducer::error));
    int error = error(answer);
    if (error != ErrorCode.DUPLICATE_SEQUENCE_NUMBER.code()) {
      check("Produce", error);
    }
    sequences.put(name, sequence + values.size());
  }

  private static int error(ProduceResponse response) {
    return response.responses().getFirst().partitionResponses().getFirst().errorCode();
  }

  /// Commits offsets with the transaction.
  void commitOffsets(Map<Integer, Long> offsets, String metadata, Membership membership)
      throws InterruptedException, Failed {
    List<TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition> partitions = new ArrayList<>();
    offsets.forEach(
        (partition, offset) ->
            partitions.add(
                TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                    .partitionIndex(partition)
                    .committedOffset(offset)
                    .committedMetadata(metadata)
                    .build()));
    TxnOffsetCommitResponse answer =
        askPerhapsLate(
            new Call<>(
                TxnOffsetCommitResponse.class,
                ApiKey.TXN_OFFSET_COMMIT,
                job.isVersion2() ? 5 : 4,
                TxnOffsetCommitRequest.builder()
                    .transactionalId(job.transactionalId())
                    .groupId(group)
                    .producerId(producerId)
                    .producerEpoch(epoch)
                    .memberId(membership.memberId())
                    .generationIdOrMemberEpoch(membership.generation())
                    .topics(
                        List.of(
                            TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                                .name(job.input())
                                .partitions(partitions)
                                .build()))
                    .build(),
                TransactionalProducer::error));
    ErrorCode error = ErrorCode.forCode((short) error(answer));
    if (SimulatedWorker.isLostMembership(error)) {
      membership.refused(error);
      throw new Failed("TxnOffsetCommit: " + error, Remedy.ABORT);
    }
    check("TxnOffsetCommit", error.code());
  }

  private static int error(TxnOffsetCommitResponse response) {
    return response.topics().getFirst().partitions().stream()
        .mapToInt(TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition::errorCode)
        .filter(code -> code != ErrorCode.NONE.code())
        .findFirst()
        .orElse(ErrorCode.NONE.code());
  }

  /// Commits offsets as a consumer does, which is wrong here. Returns whether that was possible.
  boolean commitOutside(Map<Integer, Long> offsets, String metadata, Membership membership)
      throws InterruptedException {
    return SimulatedConsumer.error(
            client.ask(
                SimulatedConsumer.commitCall(group, job.input(), offsets, metadata, membership)))
        == ErrorCode.NONE.code();
  }

  /// Commits or aborts; whoever is told of a failure does not know which of both became of it.
  void end(boolean isCommit) throws InterruptedException, Failed {
    if (host.entropy().nextInt(2) == 0) {
      late.free();
    }
    EndTxnResponse answer =
        askPerhapsLate(
            new Call<>(
                EndTxnResponse.class,
                ApiKey.END_TXN,
                job.isVersion2() ? 5 : 4,
                EndTxnRequest.builder()
                    .transactionalId(job.transactionalId())
                    .producerId(producerId)
                    .producerEpoch(epoch)
                    .committed(isCommit)
                    .build(),
                EndTxnResponse::errorCode));
    if (answer.errorCode() != ErrorCode.NONE.code()) {
      check("EndTxn", answer.errorCode());
      throw new Failed("EndTxn", Remedy.INITIALISE);
    }
    if (job.isVersion2()) {
      if (answer.producerId() != producerId || answer.producerEpoch() != epoch) {
        sequences.clear();
      }
      producerId = answer.producerId();
      epoch = answer.producerEpoch();
    }
  }

  private <T extends ApiMessage> T askPerhapsLate(Call<T> call)
      throws InterruptedException, Failed {
    if (job.isVersion2()) {
      return client.askPerhapsLate(call);
    }
    if (late.takes(host)) {
      late.add(call.type(), call.api(), call.version(), call.request());
      throw new Failed(
          call.api() + " of an older client is late",
          call.api() == ApiKey.END_TXN ? Remedy.INITIALISE : Remedy.ABORT_AND_INITIALISE);
    }
    return client.ask(call);
  }

  private void check(String api, int code) throws Failed {
    ErrorCode error = ErrorCode.forCode((short) code);
    switch (error) {
      case NONE -> {}
      case TRANSACTION_ABORTABLE -> throw new Failed(api + ": " + error, Remedy.ABORT);
      case INVALID_PRODUCER_EPOCH,
          PRODUCER_FENCED,
          INVALID_TXN_STATE,
          INVALID_PRODUCER_ID_MAPPING,
          OUT_OF_ORDER_SEQUENCE_NUMBER,
          UNKNOWN_PRODUCER_ID ->
          throw new Failed(api + ": " + error, Remedy.INITIALISE);
      default ->
          throw new AssertionError(api + " of " + job.transactionalId() + " was answered " + error);
    }
  }
}
