package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files that have been renamed and are removed after `file.delete.delay.ms`, by the background job
/// of the directory. What it does not get to is removed at the next start.
final class Deletions {
  private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);

  private interface Removal {
    void run() throws IOException;
  }

  private record Pending(long dueNanos, Removal removal) {}

  private final Host host;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final List<Pending> pending = new ArrayList<>();

  Deletions(Host host) {
    this.host = host;
  }

  void add(List<Segment> segments, long delayMs) {
    List<Segment> copy = List.copyOf(segments);
    add(
        delayMs,
        () -> {
          for (Segment segment : copy) {
            segment.deleteFiles();
          }
        });
  }

  /// A partition's directory with all files in it.
  void addDirectory(Path directory, long delayMs) {
    add(
        delayMs,
        () -> {
          for (String name : host.disk().list(directory)) {
            host.disk().delete(directory.resolve(name));
          }
          host.disk().delete(directory);
        });
  }

  private void add(long delayMs, Removal removal) {
    long dueNanos = host.clock().nanos() + Math.min(delayMs, Integer.MAX_VALUE) * 1_000_000L;
    lock.lock();
    try {
      pending.add(new Pending(dueNanos, removal));
    } finally {
      lock.unlock();
    }
  }

  /// Removes what is due.
  void runDue() {
    long now = host.clock().nanos();
    List<Pending> due = new ArrayList<>();
    lock.lock();
    try {
      for (Iterator<Pending> all = pending.iterator(); all.hasNext(); ) {
        Pending next = all.next();
        if (now - next.dueNanos >= 0) {
          due.add(next);
          all.remove();
        }
      }
    } finally {
      lock.unlock();
    }
    for (Pending next : due) {
      try {
        next.removal.run();
      } catch (IOException e) {
        // Disk space that is not given back is no reason to stop; the next start tries again.
        LOG.warn("could not remove deleted files: {}", e.toString());
      }
    }
  }
}
