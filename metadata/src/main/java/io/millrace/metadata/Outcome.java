package io.millrace.metadata;

import io.millrace.protocol.message.ErrorCode;

/// Whether one thing that was asked for was done: an error code of the protocol, and a sentence for
/// people if it was not.
public record Outcome(ErrorCode error, String message) {
  public static final Outcome DONE = new Outcome(ErrorCode.NONE, "");

  static Outcome failed(ErrorCode error, String message) {
    return new Outcome(error, message);
  }

  public boolean isDone() {
    return error == ErrorCode.NONE;
  }
}
