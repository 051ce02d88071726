package io.millrace.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A write or an fsync in this log directory failed, now or before. What the disk holds of the
/// unflushed bytes is unknown, so nothing is tried again: the directory is offline until the node
/// is restarted.
public final class LogDirectoryFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  LogDirectoryFailedException(Path directory, @Nullable Throwable cause) {
    super("log directory " + directory + " has failed and is offline until restart", cause);
  }
}
