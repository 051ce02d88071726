package io.millrace.broker.api;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.Optional;

/// Commits or aborts a producer's transaction (KIP-98). Answered when that is decided for good; the
/// markers are written after.
///
/// Versions: 2 adds PRODUCER_FENCED; 3 is the first flexible one; 4 adds TRANSACTION_ABORTABLE; 5
/// is of transaction version 2 and gives the producer the epoch of its next transaction (KIP-890).
public final class EndTxnHandler implements ApiHandler<EndTxnRequest> {
  private static final short FIRST_VERSION_WITH_FENCED = 2;
  private static final short FIRST_VERSION_WITH_NEXT_EPOCH = 5;

  private final TransactionReply transactions;

  EndTxnHandler(TransactionReply transactions) {
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.END_TXN;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(EndTxnRequest request, RequestContext context) throws InterruptedException {
    short version = context.version();
    boolean isVersion2 = version >= FIRST_VERSION_WITH_NEXT_EPOCH;
    return transactions.ask(
        request.transactionalId(),
        freshId -> (machine, now) -> machine.end(request, isVersion2, freshId, now),
        done ->
            EndTxnResponse.builder()
                .producerId(done.producerId())
                .producerEpoch(done.producerEpoch())
                .build(),
        error -> failed(Fencing.error(error, version >= FIRST_VERSION_WITH_FENCED)));
  }

  private static EndTxnResponse failed(ErrorCode error) {
    return EndTxnResponse.builder().errorCode(error.code()).build();
  }
}
