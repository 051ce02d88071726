package io.millrace.broker.api;

import io.millrace.broker.TransactionVerification;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import java.util.List;

/// Commits how far a group has read with the transaction of a producer (KIP-98): the offsets count
/// once the transaction is committed.
///
/// The transaction has to be open and to include the partition of the offsets: whoever answers for
/// transactions is asked first. A transaction that ends in between makes that void.
///
/// Versions: 2 adds the leader epoch; 3 is the first flexible one and names the member (KIP-447); 4
/// adds TRANSACTION_ABORTABLE; 5 adds the partition to the transaction (KIP-890); 6 names topics by
/// their ids (KIP-1319).
public final class TxnOffsetCommitHandler implements ApiHandler<TxnOffsetCommitRequest> {
  private static final short FIRST_VERSION_WITH_ABORTABLE = 4;
  private static final short FIRST_VERSION_THAT_ADDS = 5;
  private static final int MAX_ATTEMPTS = 3;

  private final Coordinator<GroupMachine> groups;
  private final TransactionVerification transactions;

  public TxnOffsetCommitHandler(
      Coordinator<GroupMachine> groups, TransactionVerification transactions) {
    this.groups = groups;
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.TXN_OFFSET_COMMIT;
  }

  @Override
  public Reply handle(TxnOffsetCommitRequest request, RequestContext context) {
    short version = context.version();
    return new Reply.Later(() -> commit(request, version));
  }

  private ApiMessage commit(TxnOffsetCommitRequest request, short version)
      throws InterruptedException {
    try {
      int partition = groups.partitionFor(request.groupId());
      for (int attempt = 1; ; attempt++) {
        long verification =
            groups
                .submitTo(
                    partition, (machine, _) -> machine.beginVerification(request.producerId()))
                .await(CoordinatorReply.COMMIT_LIMIT);
        ErrorCode error = verify(request, version, partition);
        if (error != ErrorCode.NONE) {
          groups.submitTo(partition, (machine, _) -> machine.endVerification(verification));
          return GroupMachine.failed(request, error);
        }
        // It may have waited for the end of the producer's last transaction, which made it void.
        if (attempt == MAX_ATTEMPTS || isGood(verification, partition)) {
          return groups
              .submitTo(
                  partition,
                  (machine, now) ->
                      machine.commitInTransaction(request, version, verification, now))
              .await(CoordinatorReply.COMMIT_LIMIT);
        }
      }
    } catch (CoordinatorException e) {
      return GroupMachine.failed(request, GroupErrors.ofCommit(e.error()));
    }
  }

  private boolean isGood(long verification, int partition)
      throws CoordinatorException, InterruptedException {
    return groups
        .submitTo(partition, (machine, _) -> machine.isVerificationGood(verification))
        .await(CoordinatorReply.COMMIT_LIMIT);
  }

  private ErrorCode verify(TxnOffsetCommitRequest request, short version, int partition)
      throws InterruptedException {
    String id = request.transactionalId();
    List<TopicPartition> offsets = List.of(new TopicPartition(groups.topic(), partition));
    List<ErrorCode> errors =
        version >= FIRST_VERSION_THAT_ADDS
            ? transactions.add(id, request.producerId(), request.producerEpoch(), offsets)
            : transactions.verify(id, request.producerId(), request.producerEpoch(), offsets);
    ErrorCode error = errors.getFirst();
    return error == ErrorCode.TRANSACTION_ABORTABLE && version < FIRST_VERSION_WITH_ABORTABLE
        ? ErrorCode.INVALID_TXN_STATE
        : error;
  }
}
