package io.millrace.cli;

import io.millrace.metadata.config.InvalidConfigException;
import io.millrace.storage.LogDirectoryException;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/// Tells the mistakes of users from bugs, and puts them in one line that says what to do.
final class StartFailure {
  private StartFailure() {}

  /// The line for a mistake of the user, or for a machine that does not let the server start; empty
  /// if the failure is neither. What is best known counts, however deep it is wrapped.
  static Optional<String> explain(Throwable failure) {
    Optional<String> line = Optional.empty();
    for (Throwable cause = failure; cause != null && line.isEmpty(); cause = cause.getCause()) {
      line = explainOne(cause);
    }
    if (line.isEmpty() && failure instanceof IOException) {
      line = Optional.of("cannot start: " + failure.getMessage());
    }
    return line.map(text -> text.replace('\n', ' '));
  }

  private static Optional<String> explainOne(Throwable cause) {
    return switch (cause) {
      case InvalidConfigException e -> Optional.of(String.valueOf(e.getMessage()));
      case LogDirectoryException e -> Optional.of(String.valueOf(e.getMessage()));
      case BindException e ->
          Optional.of(
              "cannot listen on "
                  + e.getMessage()
                  + ". Stop what uses the port, or choose another address with"
                  + " --set listeners=PLAINTEXT://127.0.0.1:<port> (0: any free port)");
      case UnknownHostException e ->
          Optional.of(
              "cannot listen: " + e.getMessage() + ". Set listeners to an address of this machine");
      case FileSystemException e ->
          Optional.of(e.getFile() + ": " + reason(e) + ". Choose another with --data");
      default -> Optional.empty();
    };
  }

  /// Why a file or directory cannot be used, in words.
  static String reason(Exception failure) {
    return switch (failure) {
      case NoSuchFileException e -> "there is no such file";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "is a file, not a directory";
      case NotDirectoryException e -> "is not a directory";
      case FileSystemException e when e.getReason() != null -> String.valueOf(e.getReason());
      default -> String.valueOf(failure.getMessage());
    };
  }
}
