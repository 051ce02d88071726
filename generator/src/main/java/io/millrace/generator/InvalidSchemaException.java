package io.millrace.generator;

/// A schema or an argument of the command that makes no sense: the message says where and why.
final class InvalidSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidSchemaException(String message) {
    super(message);
  }
}
