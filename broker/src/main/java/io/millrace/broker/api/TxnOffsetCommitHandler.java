package io.millrace.broker.api;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.TxnOffsetCommitRequest;

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
  private static final short FIRST_VERSION_THAT_ADDS = 5;

  private final Coordinator<GroupMachine> groups;
  private final OffsetsVerifier verifier;

  public TxnOffsetCommitHandler(Coordinator<GroupMachine> groups, OffsetsVerifier verifier) {
    this.groups = groups;
    this.verifier = verifier;
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
      Answer<Long> begun =
          groups.submitTo(
              partition, (machine, now) -> machine.beginVerification(request.producerId()));
      long verification = begun.await(CoordinatorReply.COMMIT_LIMIT);
      ErrorCode error =
          verifier.verify(
              request.transactionalId(),
              request.producerId(),
              request.producerEpoch(),
              partition,
              version >= FIRST_VERSION_THAT_ADDS);
      if (error != ErrorCode.NONE) {
        groups.submitTo(partition, (machine, now) -> machine.endVerification(verification));
        return GroupMachine.failed(request, error);
      }
      return groups
          .submitTo(
              partition,
              (machine, now) -> machine.commitInTransaction(request, version, verification, now))
          .await(CoordinatorReply.COMMIT_LIMIT);
    } catch (CoordinatorException e) {
      return GroupMachine.failed(request, GroupErrors.ofCommit(e.error()));
    }
  }
}
