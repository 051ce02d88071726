package io.millrace.storage;

/// The offset that was asked for is below the log start offset or beyond the log end offset.
public final class OffsetOutOfRangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OffsetOutOfRangeException(String message) {
    // Consumers run into this in the course of normal work: no stack trace.
    super(message, null, false, false);
  }
}
