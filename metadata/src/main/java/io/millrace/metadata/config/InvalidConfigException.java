package io.millrace.metadata.config;

/// A setting that does not exist or has a value that is not allowed. The message is one line for
/// the person who wrote the setting: it names the setting, the value and what is allowed.
public final class InvalidConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigException(String message) {
    super(message);
  }
}
