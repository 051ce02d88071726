package io.millrace.broker.api;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.Machine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.function.Function;

/// Has a coordinator decide about a command while the request is handled, so that the requests of a
/// connection take effect in their order, and waits for the answer where the response is awaited.
final class CoordinatorReply {
  /// How long an answer may wait to be committed once it is given (`offsets.commit.timeout.ms`).
  static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);

  private CoordinatorReply() {}

  /// The response is made by `answered` from the answer, or by `failed` if there is none.
  static <M extends Machine, A> Reply ask(
      Coordinator<M> coordinator,
      String key,
      Command<M, A> command,
      Function<A, ApiMessage> answered,
      Function<ErrorCode, ApiMessage> failed)
      throws InterruptedException {
    try {
      return of(coordinator.submit(key, command), answered, failed);
    } catch (CoordinatorException e) {
      return new Reply.Now(failed.apply(e.error()));
    }
  }

  /// As [#ask], of an answer that is there or to come.
  static <A> Reply of(
      Answer<A> answer, Function<A, ApiMessage> answered, Function<ErrorCode, ApiMessage> failed)
      throws InterruptedException {
    if (answer.isReady()) {
      return new Reply.Now(await(answer, answered, failed));
    }
    return new Reply.Later(
        new Reply.Answer() {
          @Override
          public ApiMessage await() throws InterruptedException {
            return CoordinatorReply.await(answer, answered, failed);
          }

          @Override
          public void abandon() {
            answer.abandon();
          }
        });
  }

  private static <A> ApiMessage await(
      Answer<A> answer, Function<A, ApiMessage> answered, Function<ErrorCode, ApiMessage> failed)
      throws InterruptedException {
    try {
      return answered.apply(answer.await(COMMIT_LIMIT));
    } catch (CoordinatorException e) {
      return failed.apply(e.error());
    }
  }
}
