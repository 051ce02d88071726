package io.millrace.storage;

import java.io.IOException;

/// A log directory cannot be used for a reason that its operator can mend: it is locked by another
/// process, belongs to another node or cluster, is not a directory. The message is one line that
/// says what and how.
public final class LogDirectoryException extends IOException {
  private static final long serialVersionUID = 1L;

  public LogDirectoryException(String message) {
    super(message);
  }

  public LogDirectoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
