package io.millrace.broker.api;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.transaction.Outcome;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import io.millrace.protocol.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult;
import io.millrace.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnResult;
import io.millrace.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Adds partitions to the transactions of producers, or looks whether they were added (KIP-98,
/// KIP-890). All partitions of a transaction are added or none is.
///
/// Versions: up to 3, a client asks for its own transaction; 2 adds PRODUCER_FENCED; 3 is the first
/// flexible one. From 4 on, a broker asks for the transactions of several clients; 5 adds
/// TRANSACTION_ABORTABLE.
public final class AddPartitionsToTxnHandler implements ApiHandler<AddPartitionsToTxnRequest> {
  private static final short FIRST_VERSION_WITH_FENCED = 2;
  private static final short FIRST_VERSION_OF_BROKERS = 4;
  private static final short FIRST_VERSION_WITH_ABORTABLE = 5;

  private final Coordinator<TransactionMachine> transactions;
  private final Supplier<ClusterImage> image;

  AddPartitionsToTxnHandler(
      Coordinator<TransactionMachine> transactions, Supplier<ClusterImage> image) {
    this.transactions = transactions;
    this.image = image;
  }

  @Override
  public ApiKey api() {
    return ApiKey.ADD_PARTITIONS_TO_TXN;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    // Older versions have an error for each partition only.
    return version >= FIRST_VERSION_OF_BROKERS
        ? Optional.of(AddPartitionsToTxnResponse.builder().errorCode(error.code()).build())
        : Optional.empty();
  }

  @Override
  public Reply handle(AddPartitionsToTxnRequest request, RequestContext context)
      throws InterruptedException {
    short version = context.version();
    List<AddPartitionsToTxnTransaction> asked =
        version >= FIRST_VERSION_OF_BROKERS ? request.transactions() : List.of(single(request));
    List<Asking> askings = new ArrayList<>(asked.size());
    for (AddPartitionsToTxnTransaction transaction : asked) {
      askings.add(ask(transaction, version));
    }
    if (askings.stream().allMatch(Asking::isReady)) {
      return new Reply.Now(response(askings, version));
    }
    return new Reply.Later(
        new Reply.Answer() {
          @Override
          public ApiMessage await() throws InterruptedException {
            return response(askings, version);
          }

          @Override
          public void abandon() {
            askings.forEach(Asking::abandon);
          }
        });
  }

  private static AddPartitionsToTxnTransaction single(AddPartitionsToTxnRequest request) {
    return AddPartitionsToTxnTransaction.builder()
        .transactionalId(request.v3AndBelowTransactionalId())
        .producerId(request.v3AndBelowProducerId())
        .producerEpoch(request.v3AndBelowProducerEpoch())
        .topics(request.v3AndBelowTopics())
        .build();
  }

  private Asking ask(AddPartitionsToTxnTransaction transaction, short version)
      throws InterruptedException {
    List<TopicPartition> partitions = new ArrayList<>();
    for (AddPartitionsToTxnTopic topic : transaction.topics()) {
      topic.partitions().forEach(index -> partitions.add(new TopicPartition(topic.name(), index)));
    }
    List<ErrorCode> missing = missing(partitions);
    if (missing.contains(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)) {
      return new Asking.Told(transaction, missing);
    }
    try {
      return transaction.verifyOnly()
          ? new Asking.Verifying(transaction, verify(transaction, partitions))
          : new Asking.Adding(
              transaction,
              partitions.size(),
              add(transaction, partitions, version >= FIRST_VERSION_OF_BROKERS));
    } catch (CoordinatorException e) {
      return new Asking.Told(transaction, partitions.stream().map(_ -> e.error()).toList());
    }
  }

  private List<ErrorCode> missing(List<TopicPartition> partitions) {
    ClusterImage now = image.get();
    return partitions.stream()
        .map(
            each ->
                now.topic(each.topic())
                    .filter(topic -> topic.partition(each.partition()) != null)
                    .map(_ -> ErrorCode.OPERATION_NOT_ATTEMPTED)
                    .orElse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
        .toList();
  }

  private Answer<List<ErrorCode>> verify(
      AddPartitionsToTxnTransaction transaction, List<TopicPartition> partitions)
      throws CoordinatorException, InterruptedException {
    return transactions.submit(
        transaction.transactionalId(),
        (machine, now) ->
            machine.verify(
                transaction.transactionalId(),
                transaction.producerId(),
                transaction.producerEpoch(),
                partitions,
                now));
  }

  private Answer<Outcome> add(
      AddPartitionsToTxnTransaction transaction,
      List<TopicPartition> partitions,
      boolean isVersion2)
      throws CoordinatorException, InterruptedException {
    return transactions.submit(
        transaction.transactionalId(),
        (machine, now) ->
            machine.addPartitions(
                transaction.transactionalId(),
                transaction.producerId(),
                transaction.producerEpoch(),
                partitions,
                isVersion2,
                now));
  }

  /// What the coordinator was asked for one transaction.
  private sealed interface Asking {
    AddPartitionsToTxnTransaction transaction();

    boolean isReady();

    /// An error for each partition, in their order.
    List<ErrorCode> await() throws CoordinatorException, InterruptedException;

    void abandon();

    /// It was not asked.
    record Told(AddPartitionsToTxnTransaction transaction, List<ErrorCode> await)
        implements Asking {
      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void abandon() {}
    }

    record Adding(
        AddPartitionsToTxnTransaction transaction, int partitionCount, Answer<Outcome> answer)
        implements Asking {
      @Override
      public boolean isReady() {
        return answer.isReady();
      }

      @Override
      public List<ErrorCode> await() throws CoordinatorException, InterruptedException {
        ErrorCode error =
            answer.await(CoordinatorReply.COMMIT_LIMIT) instanceof Outcome.Refused(ErrorCode why)
                ? why
                : ErrorCode.NONE;
        return Collections.nCopies(partitionCount, error);
      }

      @Override
      public void abandon() {
        answer.abandon();
      }
    }

    record Verifying(AddPartitionsToTxnTransaction transaction, Answer<List<ErrorCode>> answer)
        implements Asking {
      @Override
      public boolean isReady() {
        return answer.isReady();
      }

      @Override
      public List<ErrorCode> await() throws CoordinatorException, InterruptedException {
        return answer.await(CoordinatorReply.COMMIT_LIMIT);
      }

      @Override
      public void abandon() {
        answer.abandon();
      }
    }
  }

  private static AddPartitionsToTxnResponse response(List<Asking> askings, short version)
      throws InterruptedException {
    List<AddPartitionsToTxnResult> results = new ArrayList<>(askings.size());
    for (Asking asking : askings) {
      results.add(
          AddPartitionsToTxnResult.builder()
              .transactionalId(asking.transaction().transactionalId())
              .topicResults(results(asking, version))
              .build());
    }
    return version >= FIRST_VERSION_OF_BROKERS
        ? AddPartitionsToTxnResponse.builder().resultsByTransaction(results).build()
        : AddPartitionsToTxnResponse.builder()
            .resultsByTopicV3AndBelow(results.getFirst().topicResults())
            .build();
  }

  private static List<AddPartitionsToTxnTopicResult> results(Asking asking, short version)
      throws InterruptedException {
    List<AddPartitionsToTxnTopic> topics = asking.transaction().topics();
    Iterator<ErrorCode> errors = awaitErrors(asking, topics).iterator();
    List<AddPartitionsToTxnTopicResult> results = new ArrayList<>(topics.size());
    for (AddPartitionsToTxnTopic topic : topics) {
      List<AddPartitionsToTxnPartitionResult> partitions = new ArrayList<>();
      for (int index : topic.partitions()) {
        partitions.add(
            AddPartitionsToTxnPartitionResult.builder()
                .partitionIndex(index)
                .partitionErrorCode(known(errors.next(), version).code())
                .build());
      }
      results.add(
          AddPartitionsToTxnTopicResult.builder()
              .name(topic.name())
              .resultsByPartition(partitions)
              .build());
    }
    return results;
  }

  private static List<ErrorCode> awaitErrors(Asking asking, List<AddPartitionsToTxnTopic> topics)
      throws InterruptedException {
    try {
      return asking.await();
    } catch (CoordinatorException e) {
      int count = topics.stream().mapToInt(topic -> topic.partitions().size()).sum();
      return Collections.nCopies(count, e.error());
    }
  }

  private static ErrorCode known(ErrorCode error, short version) {
    return error == ErrorCode.TRANSACTION_ABORTABLE && version < FIRST_VERSION_WITH_ABORTABLE
        ? ErrorCode.INVALID_TXN_STATE
        : Fencing.error(error, version >= FIRST_VERSION_WITH_FENCED);
  }
}
