package io.millrace.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Disk;
import io.millrace.host.Disk.OpenMode;
import io.millrace.host.Host;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What code relies on whichever host it runs on: run against the real one and the simulated one.
/// Time and tasks are here, the rest is in the subclasses.
@Timeout(60)
abstract class HostContract {
  abstract Host host();

  /// An empty directory.
  abstract Path dir();

  /// Runs `body` as a task until it has ended, and fails if any task of the host has failed.
  abstract void run(Tasks.Body body) throws Exception;

  Disk disk() {
    return host().disk();
  }

  Path path(String name) {
    return dir().resolve(name);
  }

  static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  void write(String name, String text) throws IOException {
    try (Disk.File file = disk().open(path(name), OpenMode.CREATE_IF_MISSING)) {
      file.write(utf8(text), 0);
    }
  }

  String read(String name) throws IOException {
    try (Disk.File file = disk().openReadOnly(path(name))) {
      return read(file, 100, 0);
    }
  }

  static String read(Disk.File file, int room, long position) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(room);
    int count = file.read(target, position);
    assertThat(target.position()).isEqualTo(Math.max(0, count));
    return count < 0 ? "end" : UTF_8.decode(target.flip()).toString();
  }

  @Test
  void deadlinesPass() throws Exception {
    run(
        () -> {
          Clock clock = host().clock();
          Deadline deadline = clock.deadlineIn(Duration.ofMillis(5));
          assertThat(clock.isPast(Deadline.NEVER)).isFalse();
          clock.sleep(Duration.ofMillis(6));
          assertThat(clock.isPast(deadline)).isTrue();
          var lock = new ReentrantLock();
          Condition condition = lock.newCondition();
          lock.lock();
          try {
            assertThat(clock.await(lock, condition, deadline)).isFalse();
            Deadline next = clock.deadlineIn(Duration.ofMillis(5));
            while (clock.await(lock, condition, next)) {
              assertThat(lock.isHeldByCurrentThread()).isTrue();
            }
            assertThat(clock.isPast(next)).isTrue();
          } finally {
            lock.unlock();
          }
        });
  }

  @Test
  void signalsEndWaitsWithoutLimit() throws Exception {
    run(
        () -> {
          var lock = new ReentrantLock();
          Condition condition = lock.newCondition();
          boolean[] done = {false};
          Tasks.Task signaller =
              host()
                  .tasks()
                  .startDedicated(
                      "signaller",
                      () -> {
                        lock.lock();
                        try {
                          done[0] = true;
                          condition.signalAll();
                        } finally {
                          lock.unlock();
                        }
                      });
          lock.lock();
          try {
            while (!done[0]) {
              assertThat(host().clock().await(lock, condition, Deadline.NEVER)).isTrue();
            }
          } finally {
            lock.unlock();
          }
          signaller.join();
          assertThat(signaller.isDone()).isTrue();
          assertThat(signaller.name()).isEqualTo("signaller");
        });
  }
}
