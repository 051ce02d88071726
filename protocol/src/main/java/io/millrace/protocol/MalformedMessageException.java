package io.millrace.protocol;

/// Bytes that are not a message: a length past the end, a null where none may be, a bad varint. The
/// sender broke the protocol; nothing of the message was used.
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MalformedMessageException(String message) {
    super(message);
  }
}
