package io.millrace.protocol;

/// A message, or a value in one of its fields, that the asked version of the protocol cannot carry.
public final class UnsupportedVersionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnsupportedVersionException(String message) {
    super(message);
  }
}
