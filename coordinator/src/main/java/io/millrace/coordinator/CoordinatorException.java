package io.millrace.coordinator;

import io.millrace.protocol.message.ErrorCode;

/// A coordinator cannot do what it was asked: its error is for the client.
public final class CoordinatorException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode error;

  public CoordinatorException(ErrorCode error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  public ErrorCode error() {
    return error;
  }
}
