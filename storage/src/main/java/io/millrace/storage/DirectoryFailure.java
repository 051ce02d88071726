package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a log directory has failed: this happens once, and nothing undoes it.
final class DirectoryFailure {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryFailure.class);

  private final Path path;
  private final Tasks tasks;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final List<Runnable> callbacks = new ArrayList<>();

  private volatile @Nullable IOException cause;

  DirectoryFailure(Path path, Tasks tasks) {
    this.path = path;
    this.tasks = tasks;
  }

  boolean hasHappened() {
    return cause != null;
  }

  void throwIfHappened() throws LogDirectoryFailedException {
    IOException known = cause;
    if (known != null) {
      throw new LogDirectoryFailedException(path, known);
    }
  }

  /// Tells those who asked to be told, if this is the first failure. They are called on tasks of
  /// their own, since the caller may hold the lock of a log. Returns what is to be thrown.
  LogDirectoryFailedException happen(IOException newCause) {
    if (newCause instanceof LogDirectoryFailedException known) {
      return known;
    }
    List<Runnable> called = List.of();
    lock.lock();
    try {
      if (cause == null) {
        cause = newCause;
        called = List.copyOf(callbacks);
        LOG.error(
            "log directory {} has failed and is offline until restart: {}",
            path,
            newCause.toString());
        LOG.debug("the failure of {}", path, newCause);
      }
    } finally {
      lock.unlock();
    }
    for (Runnable callback : called) {
      tasks.start("log-directory-failed", callback::run);
    }
    return new LogDirectoryFailedException(path, newCause);
  }

  /// Has `callback` called when it happens, at once if it has.
  void whenHappened(Runnable callback) {
    boolean isPast;
    lock.lock();
    try {
      callbacks.add(callback);
      isPast = cause != null;
    } finally {
      lock.unlock();
    }
    if (isPast) {
      callback.run();
    }
  }
}
