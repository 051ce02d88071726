package io.millrace.broker.api;

import io.millrace.broker.ProducerIds;
import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.transaction.Outcome;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ErrorCode;
import java.util.function.Function;

/// Asks the transaction coordinator as [CoordinatorReply] does, and asks again with a new producer
/// id where it needs one: the coordinator's machine cannot wait for the controller to give it one.
final class TransactionReply {
  private static final long NO_ID = -1;

  private final Coordinator<TransactionMachine> transactions;
  private final ProducerIds producerIds;

  TransactionReply(Coordinator<TransactionMachine> transactions, ProducerIds producerIds) {
    this.transactions = transactions;
    this.producerIds = producerIds;
  }

  /// A request that may need a producer id which nobody has; -1 stands for none.
  @FunctionalInterface
  interface Asked {
    Command<TransactionMachine, Outcome> with(long freshId);
  }

  /// The response is made by `done` if the request was granted, by `failed` if not.
  Reply ask(
      String transactionalId,
      Asked asked,
      Function<Outcome.Done, ApiMessage> done,
      Function<ErrorCode, ApiMessage> failed)
      throws InterruptedException {
    try {
      Answer<Outcome> answer = transactions.submit(transactionalId, asked.with(NO_ID));
      Asking asking = new Asking(transactionalId, asked, answer, done, failed);
      return answer.isReady() ? new Reply.Now(asking.await()) : new Reply.Later(asking);
    } catch (CoordinatorException e) {
      return new Reply.Now(failed.apply(e.error()));
    }
  }

  private final class Asking implements Reply.Answer {
    private final String transactionalId;
    private final Asked asked;
    private final Function<Outcome.Done, ApiMessage> done;
    private final Function<ErrorCode, ApiMessage> failed;
    private volatile boolean isAbandoned;
    private volatile Answer<Outcome> answer;

    Asking(
        String transactionalId,
        Asked asked,
        Answer<Outcome> answer,
        Function<Outcome.Done, ApiMessage> done,
        Function<ErrorCode, ApiMessage> failed) {
      this.transactionalId = transactionalId;
      this.asked = asked;
      this.answer = answer;
      this.done = done;
      this.failed = failed;
    }

    @Override
    public ApiMessage await() throws InterruptedException {
      try {
        Outcome outcome = answer.await(CoordinatorReply.COMMIT_LIMIT);
        if (outcome instanceof Outcome.NeedsProducerId) {
          outcome = askAgain();
        }
        return switch (outcome) {
          case Outcome.Done granted -> done.apply(granted);
          case Outcome.Refused(ErrorCode error) -> failed.apply(error);
          case Outcome.NeedsProducerId _ ->
              throw new IllegalStateException(transactionalId + " has got a producer id");
        };
      } catch (CoordinatorException e) {
        return failed.apply(e.error());
      }
    }

    private Outcome askAgain() throws CoordinatorException, InterruptedException {
      return switch (producerIds.next()) {
        case ProducerIds.Next.Failed(ErrorCode error) -> new Outcome.Refused(error);
        case ProducerIds.Next.Id(long freshId) -> {
          answer = transactions.submit(transactionalId, asked.with(freshId));
          if (isAbandoned) {
            answer.abandon();
          }
          yield answer.await(CoordinatorReply.COMMIT_LIMIT);
        }
      };
    }

    @Override
    public void abandon() {
      isAbandoned = true;
      answer.abandon();
    }
  }
}
