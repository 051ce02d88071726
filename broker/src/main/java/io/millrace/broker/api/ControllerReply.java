package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.metadata.Command;
import io.millrace.metadata.CommandFailedException;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.protocol.ApiMessage;
import java.time.Duration;
import java.util.function.Function;

/// Has the controller decide about a command while the request is handled, so that the requests of
/// a connection take effect in their order, and waits for the commit where the response is awaited.
final class ControllerReply {
  /// What a client gives for a timeout may be less than one write to disk takes.
  private static final int SHORTEST_TIMEOUT_MS = 1_000;

  /// For requests that do not say how long to wait.
  static final int DEFAULT_TIMEOUT_MS = 30_000;

  private final ControllerRuntime controller;
  private final Clock clock;

  ControllerReply(ControllerRuntime controller, Clock clock) {
    this.controller = controller;
    this.clock = clock;
  }

  /// The response is made by `answered` from the answer, or by `failed` if there is none.
  <A> Reply propose(
      Command<A> command,
      int timeoutMs,
      Function<A, ApiMessage> answered,
      Function<Outcome, ApiMessage> failed) {
    Deadline deadline =
        clock.deadlineIn(Duration.ofMillis(Math.max(timeoutMs, SHORTEST_TIMEOUT_MS)));
    ControllerRuntime.Proposal<A> proposal;
    try {
      proposal = controller.propose(command);
    } catch (CommandFailedException e) {
      return new Reply.Now(failed.apply(outcome(e)));
    }
    return new Reply.Later(
        () -> {
          try {
            return answered.apply(proposal.await(deadline));
          } catch (CommandFailedException e) {
            return failed.apply(outcome(e));
          }
        });
  }

  private static Outcome outcome(CommandFailedException e) {
    return new Outcome(e.error(), String.valueOf(e.getMessage()));
  }
}
