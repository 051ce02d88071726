package io.millrace.broker.api;

import io.millrace.broker.ProducerIds;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import java.util.Optional;

/// Gives a producer its id and epoch (KIP-98).
///
/// An idempotent producer that has an id already and asks again gets a new one. A transactional
/// producer keeps its id and gets a new epoch, which fences whoever had the one before, and aborts
/// what that one had begun.
///
/// Versions: 2 is the first flexible one; 3 lets the producer name the id it had (KIP-360); 4 adds
/// PRODUCER_FENCED; 5 adds TRANSACTION_ABORTABLE; 6 adds two-phase commit (KIP-939, unstable).
public final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {
  private static final short FIRST_VERSION_WITH_FENCED = 4;

  private final ProducerIds producerIds;
  private final TransactionReply transactions;

  InitProducerIdHandler(ProducerIds producerIds, TransactionReply transactions) {
    this.producerIds = producerIds;
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.INIT_PRODUCER_ID;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(InitProducerIdRequest request, RequestContext context)
      throws InterruptedException {
    boolean hasId = request.producerId() >= 0;
    boolean hasEpoch = request.producerEpoch() >= 0;
    if (hasId != hasEpoch) {
      return new Reply.Now(failed(ErrorCode.INVALID_REQUEST));
    }
    String transactionalId = request.transactionalId();
    if (transactionalId == null) {
      return new Reply.Now(
          switch (producerIds.next()) {
            case ProducerIds.Next.Failed(ErrorCode error) -> failed(error);
            case ProducerIds.Next.Id(long producerId) -> granted(producerId, (short) 0);
          });
    }
    if (transactionalId.isEmpty()) {
      return new Reply.Now(failed(ErrorCode.INVALID_REQUEST));
    }
    return transactions.ask(
        transactionalId,
        freshId -> (machine, now) -> machine.init(request, freshId, now),
        done -> granted(done.producerId(), done.producerEpoch()),
        error -> failed(Fencing.error(error, context.version() >= FIRST_VERSION_WITH_FENCED)));
  }

  private static InitProducerIdResponse granted(long producerId, short producerEpoch) {
    return InitProducerIdResponse.builder()
        .producerId(producerId)
        .producerEpoch(producerEpoch)
        .build();
  }

  private static InitProducerIdResponse failed(ErrorCode error) {
    return InitProducerIdResponse.builder()
        .errorCode(error.code())
        .producerId(-1)
        .producerEpoch((short) -1)
        .build();
  }
}
