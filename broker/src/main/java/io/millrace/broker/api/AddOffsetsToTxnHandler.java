package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.AddOffsetsToTxnRequest;
import io.millrace.protocol.message.AddOffsetsToTxnResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Optional;

/// Adds the offsets of a group to a producer's transaction: the partition of `__consumer_offsets`
/// that they are in (KIP-98). Clients of transaction version 2 leave that to TxnOffsetCommit.
///
/// Versions: 2 adds PRODUCER_FENCED; 3 is the first flexible one; 4 adds TRANSACTION_ABORTABLE.
public final class AddOffsetsToTxnHandler implements ApiHandler<AddOffsetsToTxnRequest> {
  private static final short FIRST_VERSION_WITH_FENCED = 2;

  private final TransactionReply transactions;
  private final Coordinator<GroupMachine> groups;
  private final InternalTopics topics;

  AddOffsetsToTxnHandler(
      TransactionReply transactions, Coordinator<GroupMachine> groups, InternalTopics topics) {
    this.transactions = transactions;
    this.groups = groups;
    this.topics = topics;
  }

  @Override
  public ApiKey api() {
    return ApiKey.ADD_OFFSETS_TO_TXN;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(response(error));
  }

  @Override
  public Reply handle(AddOffsetsToTxnRequest request, RequestContext context)
      throws InterruptedException {
    if (!topics.ensure(groups.topic())) {
      return new Reply.Now(response(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    }
    TopicPartition offsets;
    try {
      offsets = new TopicPartition(groups.topic(), groups.partitionFor(request.groupId()));
    } catch (CoordinatorException e) {
      return new Reply.Now(response(e.error()));
    }
    short version = context.version();
    return transactions.ask(
        request.transactionalId(),
        _ ->
            (machine, now) ->
                machine.addPartitions(
                    request.transactionalId(),
                    request.producerId(),
                    request.producerEpoch(),
                    List.of(offsets),
                    false,
                    now),
        _ -> response(ErrorCode.NONE),
        error -> response(Fencing.error(error, version >= FIRST_VERSION_WITH_FENCED)));
  }

  private static AddOffsetsToTxnResponse response(ErrorCode error) {
    return AddOffsetsToTxnResponse.builder().errorCode(error.code()).build();
  }
}
