package io.millrace.broker;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.transaction.Outcome;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/// [TransactionVerification] with the transaction coordinator of this broker.
public final class LocalTransactionVerification implements TransactionVerification {
  /// The producer is waiting, and tries again on its own.
  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);

  private final Coordinator<TransactionMachine> transactions;

  public LocalTransactionVerification(Coordinator<TransactionMachine> transactions) {
    this.transactions = transactions;
  }

  @Override
  public List<ErrorCode> add(
      String transactionalId, long producerId, short producerEpoch, List<TopicPartition> partitions)
      throws InterruptedException {
    ErrorCode error;
    try {
      Outcome outcome =
          transactions
              .submit(
                  transactionalId,
                  (machine, now) ->
                      machine.addPartitions(
                          transactionalId, producerId, producerEpoch, partitions, true, now))
              .await(COMMIT_LIMIT);
      error = outcome instanceof Outcome.Refused(ErrorCode why) ? why : ErrorCode.NONE;
    } catch (CoordinatorException e) {
      error = e.error();
    }
    return Collections.nCopies(partitions.size(), forProducer(error));
  }

  @Override
  public List<ErrorCode> verify(
      String transactionalId, long producerId, short producerEpoch, List<TopicPartition> partitions)
      throws InterruptedException {
    try {
      return transactions
          .submit(
              transactionalId,
              (machine, now) ->
                  machine.verify(transactionalId, producerId, producerEpoch, partitions, now))
          .await(COMMIT_LIMIT)
          .stream()
          .map(LocalTransactionVerification::forProducer)
          .toList();
    } catch (CoordinatorException e) {
      return Collections.nCopies(partitions.size(), e.error());
    }
  }

  /// Clients take a fenced epoch in an answer to what they write for fatal only by this name.
  private static ErrorCode forProducer(ErrorCode error) {
    return error == ErrorCode.PRODUCER_FENCED ? ErrorCode.INVALID_PRODUCER_EPOCH : error;
  }
}
