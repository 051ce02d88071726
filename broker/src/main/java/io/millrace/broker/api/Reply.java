package io.millrace.broker.api;

import io.millrace.protocol.ApiMessage;
import java.io.IOException;

/// What becomes of a request. Replies of a connection leave in the order of its requests.
public sealed interface Reply {
  /// The response is there.
  record Now(ApiMessage response) implements Reply {}

  /// The response has to be waited for.
  record Later(Answer answer) implements Reply {}

  /// The client expects no response (`acks=0`).
  record Silent() implements Reply {}

  /// The connection is closed: the client expects no response, yet has to learn that something is
  /// wrong.
  record Close(String reason) implements Reply {}

  /// A response that is still to come.
  interface Answer {
    /// Waits for it, on the task that writes the connection's responses.
    ApiMessage await() throws IOException, InterruptedException;

    /// The connection is gone: [#await], running or to come, should return soon with whatever it
    /// has.
    default void abandon() {}
  }
}
