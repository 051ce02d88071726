package io.millrace.broker.net;

import java.io.IOException;

/// What arrives is not a sequence of frames; the connection cannot go on.
public final class FramingException extends IOException {
  private static final long serialVersionUID = 1L;

  public FramingException(String message) {
    super(message);
  }
}
