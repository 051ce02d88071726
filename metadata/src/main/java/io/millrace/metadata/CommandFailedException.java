package io.millrace.metadata;

import io.millrace.protocol.message.ErrorCode;

/// A command got no answer: this node is not the controller, it cannot write, or time was up before
/// the change was committed. In the last two cases the change may still happen.
public final class CommandFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode error;

  public CommandFailedException(ErrorCode error, String message) {
    super(message);
    this.error = error;
  }

  /// What to answer the client.
  public ErrorCode error() {
    return error;
  }
}
