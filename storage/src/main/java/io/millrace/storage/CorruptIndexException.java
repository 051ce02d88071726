package io.millrace.storage;

import java.io.IOException;

/// An index file does not say what its segment holds: it is rebuilt from the segment.
final class CorruptIndexException extends IOException {
  private static final long serialVersionUID = 1L;

  CorruptIndexException(String message) {
    super(message);
  }
}
