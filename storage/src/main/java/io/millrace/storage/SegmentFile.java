package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The `.log` file of a segment: opened when first needed, shared by its users, closed when it has
/// not been used for a while, so that thousands of idle partitions hold no file handles. Whoever
/// acquired the file may use it until they release it, even if it is renamed or deleted meanwhile.
final class SegmentFile {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentFile.class);

  private final Disk disk;
  private final Path directory;
  private final long baseOffset;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private String suffix = LogNames.LOG;

  @GuardedBy("lock")
  private Disk.@Nullable File file;

  @GuardedBy("lock")
  private int users;

  @GuardedBy("lock")
  private boolean usedSinceSweep;

  /// Closed as soon as nobody uses it.
  @GuardedBy("lock")
  private boolean isRetired;

  SegmentFile(Disk disk, Path directory, long baseOffset) {
    this.disk = disk;
    this.directory = directory;
    this.baseOffset = baseOffset;
  }

  Path path() {
    lock.lock();
    try {
      return directory.resolve(LogNames.file(baseOffset, suffix));
    } finally {
      lock.unlock();
    }
  }

  /// Creates the file, which must not exist, and leaves it open.
  void create() throws IOException {
    lock.lock();
    try {
      file = disk.open(path(), Disk.OpenMode.CREATE_NEW);
      usedSinceSweep = true;
    } finally {
      lock.unlock();
    }
  }

  /// The open file, until [#release].
  Disk.File acquire() throws IOException {
    lock.lock();
    try {
      Disk.File open = file;
      if (open == null) {
        open = disk.open(path(), Disk.OpenMode.EXISTING);
        file = open;
      }
      users++;
      usedSinceSweep = true;
      return open;
    } finally {
      lock.unlock();
    }
  }

  void release() {
    lock.lock();
    try {
      users--;
      closeIfRetired();
    } finally {
      lock.unlock();
    }
  }

  /// Closes the file once nobody uses it any more.
  void retire() {
    lock.lock();
    try {
      isRetired = true;
      closeIfRetired();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void closeIfRetired() {
    if (!isRetired || users > 0 || file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      // What was to be kept has been flushed before.
      LOG.debug("closing {}", directory, e);
    }
    file = null;
  }

  /// Closes the file if nobody uses it and nobody has since the last call. Returns whether a file
  /// is open afterwards.
  boolean closeIfIdle() throws IOException {
    lock.lock();
    try {
      boolean wasUsed = usedSinceSweep;
      usedSinceSweep = false;
      if (file != null && users == 0 && !wasUsed) {
        file.close();
        file = null;
      }
      return file != null;
    } finally {
      lock.unlock();
    }
  }

  /// Adds to the name of the file.
  void rename(String addition) throws IOException {
    lock.lock();
    try {
      Path from = path();
      suffix = suffix + addition;
      disk.rename(from, path());
    } finally {
      lock.unlock();
    }
  }

  void delete() throws IOException {
    disk.delete(path());
  }
}
