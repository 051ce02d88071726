package io.millrace.metadata;

import java.io.IOException;

/// The stored metadata log cannot be read. The message is for the operator: it names the file, what
/// is wrong with it and what can be done.
public final class MetadataLogException extends IOException {
  private static final long serialVersionUID = 1L;

  public MetadataLogException(String message) {
    super(message);
  }
}
