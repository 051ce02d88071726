package io.millrace.broker.api;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.Machine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A response that is made of several answers of a coordinator, such as one for each group.
final class GatheredReply<A> {
  private final List<Part<A>> parts = new ArrayList<>();

  /// An answer that is there, or to come, or why there is none.
  private record Part<A>(
      @Nullable A value, @Nullable Answer<A> answer, Function<ErrorCode, A> failed) {
    A await() throws InterruptedException {
      if (value != null) {
        return value;
      }
      try {
        if (answer != null) {
          return answer.await(CoordinatorReply.COMMIT_LIMIT);
        }
      } catch (CoordinatorException e) {
        return failed.apply(e.error());
      }
      return failed.apply(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    boolean isReady() {
      return answer == null || answer.isReady();
    }
  }

  /// Adds what is known without the coordinator.
  void add(A value) {
    parts.add(new Part<>(value, null, _ -> value));
  }

  /// Adds an answer; what the coordinator refuses is said by `failed`.
  <M extends Machine> void ask(
      Coordinator<M> coordinator, String key, Command<M, A> command, Function<ErrorCode, A> failed)
      throws InterruptedException {
    try {
      parts.add(new Part<>(null, coordinator.submit(key, command), failed));
    } catch (CoordinatorException e) {
      add(failed.apply(e.error()));
    }
  }

  /// The response, made of all answers in the order in which they were asked for.
  Reply reply(Function<List<A>, ApiMessage> response) throws InterruptedException {
    if (parts.stream().allMatch(Part::isReady)) {
      return new Reply.Now(response.apply(await()));
    }
    return new Reply.Later(
        new Reply.Answer() {
          @Override
          public ApiMessage await() throws InterruptedException {
            return response.apply(GatheredReply.this.await());
          }

          @Override
          public void abandon() {
            for (Part<A> part : parts) {
              Answer<A> answer = part.answer();
              if (answer != null) {
                answer.abandon();
              }
            }
          }
        });
  }

  private List<A> await() throws InterruptedException {
    List<A> answers = new ArrayList<>(parts.size());
    for (Part<A> part : parts) {
      answers.add(part.await());
    }
    return answers;
  }
}
