package io.millrace.broker.api;

import io.millrace.broker.ProducerIds;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import java.util.Optional;

/// Gives an idempotent producer its id (KIP-98). A producer that has one already and asks again
/// gets a new one: only transactional producers keep theirs.
///
/// Versions: 2 is the first flexible one; 3 lets the producer name the id it had; 4 and 5 add error
/// codes; 6 adds two-phase commit (KIP-939, unstable).
public final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {
  private final ProducerIds producerIds;

  public InitProducerIdHandler(ProducerIds producerIds) {
    this.producerIds = producerIds;
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
    if (request.transactionalId() != null) {
      // Without a transaction coordinator there is nobody to ask for a transactional id's state.
      return new Reply.Now(
          failed(
              request.transactionalId().isEmpty()
                  ? ErrorCode.INVALID_REQUEST
                  : ErrorCode.UNSUPPORTED_VERSION));
    }
    boolean hasId = request.producerId() >= 0;
    boolean hasEpoch = request.producerEpoch() >= 0;
    if (hasId != hasEpoch) {
      return new Reply.Now(failed(ErrorCode.INVALID_REQUEST));
    }
    return new Reply.Now(
        switch (producerIds.next()) {
          case ProducerIds.Next.Failed(ErrorCode error) -> failed(error);
          case ProducerIds.Next.Id(long producerId) ->
              InitProducerIdResponse.builder()
                  .producerId(producerId)
                  .producerEpoch((short) 0)
                  .build();
        });
  }

  private static InitProducerIdResponse failed(ErrorCode error) {
    return InitProducerIdResponse.builder()
        .errorCode(error.code())
        .producerId(-1)
        .producerEpoch((short) -1)
        .build();
  }
}
