package io.millrace.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Disk;
import io.millrace.host.Disk.OpenMode;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.Tasks;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingConsumer;

/// What code relies on whichever host it runs on: run against the real one and the simulated one.
@Timeout(60)
abstract class HostContract {
  abstract Host host();

  /// An empty directory.
  abstract Path dir();

  /// Runs `body` as a task until it has ended, and fails if any task of the host has failed.
  abstract void run(Tasks.Body body) throws Exception;

  private Disk disk() {
    return host().disk();
  }

  private Path path(String name) {
    return dir().resolve(name);
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private void write(String name, String text) throws IOException {
    try (Disk.File file = disk().open(path(name), OpenMode.CREATE_IF_MISSING)) {
      file.write(utf8(text), 0);
    }
  }

  private String read(String name) throws IOException {
    try (Disk.File file = disk().openReadOnly(path(name))) {
      return read(file, 100, 0);
    }
  }

  private static String read(Disk.File file, int room, long position) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(room);
    int count = file.read(target, position);
    assertThat(target.position()).isEqualTo(Math.max(0, count));
    return count < 0 ? "end" : UTF_8.decode(target.flip()).toString();
  }

  // Disk

  @Test
  void readsStopAtTheEndOfTheFile() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            assertThat(read(file, 10, 0)).isEqualTo("end");
            ByteBuffer source = utf8("hello world");
            file.write(source, 0);
            assertThat(source.hasRemaining()).isFalse();
            assertThat(read(file, 5, 0)).isEqualTo("hello");
            assertThat(read(file, 100, 6)).isEqualTo("world");
            assertThat(read(file, 100, 11)).isEqualTo("end");
            assertThat(read(file, 100, 12)).isEqualTo("end");
            assertThat(read(file, 0, 0)).isEmpty();
            assertThat(file.size()).isEqualTo(11);
          }
        });
  }

  @Test
  void writesBeyondTheEndLeaveZeros() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            file.write(utf8("x"), 10_000);
            assertThat(file.size()).isEqualTo(10_001);
            assertThat(read(file, 3, 9_998)).isEqualTo("\0\0x");
            file.write(utf8("yy"), 9_999);
            assertThat(read(file, 9, 9_998)).isEqualTo("\0yy");
          }
        });
  }

  @Test
  void truncateCutsAndNeverExtends() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            file.write(utf8("0123456789"), 0);
            file.truncate(20);
            assertThat(file.size()).isEqualTo(10);
            file.truncate(4);
            assertThat(read(file, 100, 0)).isEqualTo("0123");
            file.write(utf8("8"), 8);
            assertThat(read(file, 100, 0)).isEqualTo("0123\0\0\0\0" + "8");
            file.force();
          }
        });
  }

  @Test
  void openModes() throws Exception {
    run(
        () -> {
          assertThatThrownBy(() -> disk().open(path("none"), OpenMode.EXISTING))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().openReadOnly(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().open(path("none").resolve("x"), OpenMode.CREATE_NEW))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().open(dir(), OpenMode.EXISTING))
              .isInstanceOf(IOException.class);
          write("file", "text");
          assertThatThrownBy(() -> disk().open(path("file"), OpenMode.CREATE_NEW))
              .isInstanceOf(FileAlreadyExistsException.class);
          Disk.File file = disk().openReadOnly(path("file"));
          assertThatThrownBy(() -> file.write(utf8("x"), 0))
              .isInstanceOf(NonWritableChannelException.class);
          file.force();
          file.close();
          file.close();
          assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
          assertThat(read("file")).isEqualTo("text");
        });
  }

  @Test
  void namesInDirectories() throws Exception {
    run(
        () -> {
          disk().createDirectories(path("a").resolve("b"));
          disk().createDirectories(path("a").resolve("b"));
          write("z", "");
          write("B", "");
          write("10", "12345");
          assertThat(disk().list(dir())).containsExactly("10", "B", "a", "z");
          assertThat(disk().isDirectory(path("a"))).isTrue();
          assertThat(disk().isDirectory(path("z"))).isFalse();
          assertThat(disk().exists(path("a").resolve("b"))).isTrue();
          assertThat(disk().exists(path("none"))).isFalse();
          assertThat(disk().size(path("10"))).isEqualTo(5);
          assertThatThrownBy(() -> disk().size(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().list(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().list(path("z")))
              .isInstanceOf(NotDirectoryException.class);
          assertThatThrownBy(() -> disk().createDirectories(path("z")))
              .isInstanceOf(FileAlreadyExistsException.class);
          assertThatThrownBy(() -> disk().forceDirectory(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          disk().forceDirectory(dir());
        });
  }

  @Test
  void deleteTakesFilesAndEmptyDirectories() throws Exception {
    run(
        () -> {
          disk().createDirectories(path("a").resolve("b"));
          write("file", "text");
          assertThatThrownBy(() -> disk().delete(path("a")))
              .isInstanceOf(DirectoryNotEmptyException.class);
          disk().delete(path("a").resolve("b"));
          disk().delete(path("a"));
          disk().delete(path("file"));
          disk().delete(path("none"));
          assertThat(disk().list(dir())).isEmpty();
        });
  }

  @Test
  void renameReplacesFilesAndMovesDirectories() throws Exception {
    run(
        () -> {
          write("old", "old");
          write("new", "new");
          Disk.File open = disk().openReadOnly(path("old"));
          disk().rename(path("new"), path("old"));
          assertThat(read("old")).isEqualTo("new");
          assertThat(read(open, 10, 0)).as("the replaced file lives on").isEqualTo("old");
          open.close();
          disk().createDirectories(path("a"));
          disk().rename(path("old"), path("a").resolve("inside"));
          disk().rename(path("a"), path("b"));
          assertThat(disk().list(path("b"))).containsExactly("inside");
          assertThat(disk().list(dir())).containsExactly("b");
          assertThatThrownBy(() -> disk().rename(path("none"), path("c")))
              .isInstanceOf(NoSuchFileException.class);
          write("file", "");
          assertThatThrownBy(() -> disk().rename(path("file"), path("b")))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void filesStayOpenUnderNewNamesAndWithoutOne() throws Exception {
    run(
        () -> {
          write("file", "text");
          try (Disk.File file = disk().open(path("file"), OpenMode.EXISTING)) {
            disk().rename(path("file"), path("moved"));
            file.write(utf8("T"), 0);
            assertThat(read("moved")).isEqualTo("Text");
            disk().delete(path("moved"));
            file.write(utf8("!"), 4);
            assertThat(read(file, 100, 0)).isEqualTo("Text!");
          }
        });
  }

  @Test
  void mappingsAndFilesSeeTheSameBytes() throws Exception {
    run(
        () -> {
          write("file", "0123456789");
          try (Disk.File file = disk().open(path("file"), OpenMode.EXISTING);
              Disk.Mapping mapping = disk().map(path("file"), 16)) {
            ByteBuffer bytes = mapping.bytes();
            assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(bytes.capacity()).isEqualTo(16);
            assertThat(file.size()).isEqualTo(16);
            assertThat(bytes.get(9)).isEqualTo((byte) '9');
            assertThat(bytes.get(10)).isZero();
            bytes.put(0, (byte) 'x');
            file.write(utf8("y"), 1);
            assertThat(bytes.get(1)).isEqualTo((byte) 'y');
            assertThat(read(file, 3, 0)).isEqualTo("xy2");
            mapping.force();
          }
          Disk.Mapping fresh = disk().map(path("fresh"), 8);
          fresh.bytes().putLong(0, 42);
          fresh.close();
          fresh.close();
          try (Disk.Mapping again = disk().map(path("fresh"), 4)) {
            assertThat(again.bytes().capacity()).isEqualTo(4);
            assertThat(again.bytes().getInt(0)).isZero();
          }
          assertThat(disk().size(path("fresh"))).isEqualTo(8);
        });
  }

  @Test
  void locksExcludeEachOther() throws Exception {
    run(
        () -> {
          Disk.Lock lock = disk().tryLock(path(".lock")).orElseThrow();
          assertThat(disk().tryLock(path(".lock"))).isEmpty();
          assertThat(disk().tryLock(path("other"))).isPresent();
          assertThat(disk().exists(path(".lock"))).isTrue();
          lock.close();
          lock.close();
          Disk.Lock again = disk().tryLock(path(".lock")).orElseThrow();
          lock.close();
          assertThat(disk().tryLock(path(".lock"))).isEmpty();
          again.close();
          assertThatThrownBy(() -> disk().tryLock(path("none").resolve("x")))
              .isInstanceOf(NoSuchFileException.class);
        });
  }

  @Test
  void spaceIsKnown() throws Exception {
    run(
        () -> {
          Disk.Space space = disk().space(dir());
          assertThat(space.usableBytes()).isPositive().isLessThanOrEqualTo(space.totalBytes());
        });
  }

  @Test
  void cancellingDoesNotDisturbFiles() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            Tasks.Task task =
                host()
                    .tasks()
                    .start(
                        "writer",
                        () -> {
                          while (!Thread.currentThread().isInterrupted()) {
                            file.write(utf8("text"), 0);
                            file.force();
                          }
                          file.write(utf8("done"), 0);
                          file.force();
                        });
            while (file.size() == 0) {
              host().clock().sleep(Duration.ofMillis(1));
            }
            task.cancel();
            task.join();
            assertThat(read(file, 10, 0)).isEqualTo("done");
          }
        });
  }

  // Net

  private void connected(ThrowingConsumer<Net.Connection[]> body) throws Exception {
    run(
        () -> {
          try (Net.Listener listener = host().net().listen(new Net.Endpoint("localhost", 0));
              Net.Connection client = host().net().connect(listener.endpoint(), soon());
              Net.Connection server = listener.accept()) {
            body.accept(new Net.Connection[] {client, server});
          } catch (IOException | InterruptedException | RuntimeException | Error e) {
            throw e;
          } catch (Throwable e) {
            throw new AssertionError(e);
          }
        });
  }

  private Deadline soon() {
    return host().clock().deadlineIn(Duration.ofSeconds(30));
  }

  private static String readAll(Net.Connection connection) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(1_000_000);
    int before = 0;
    while (connection.read(target) >= 0) {
      assertThat(target.position()).isGreaterThan(before);
      before = target.position();
    }
    return UTF_8.decode(target.flip()).toString();
  }

  @Test
  void bytesArriveInOrderAndThenTheEnd() throws Exception {
    connected(
        ends -> {
          ends[0].write(utf8("one "), utf8(""), utf8("two "));
          ends[0].write(utf8("three"));
          ends[0].write();
          ends[0].close();
          assertThat(readAll(ends[1])).isEqualTo("one two three");
          assertThat(ends[1].read(ByteBuffer.allocate(1))).isEqualTo(-1);
          assertThat(ends[1].remote().port()).isNotEqualTo(ends[0].remote().port());
        });
  }

  @Test
  void writersWaitForReaders() throws Exception {
    int size = 30_000_000;
    connected(
        ends -> {
          byte[] bytes = new byte[size];
          for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + i / 1000);
          }
          AtomicReference<String> progress = new AtomicReference<>("writing");
          Tasks.Task writer =
              host()
                  .tasks()
                  .start(
                      "writer",
                      () -> {
                        ends[0].write(ByteBuffer.wrap(bytes));
                        progress.set("written");
                        ends[0].close();
                      });
          host().clock().sleep(Duration.ofMillis(50));
          assertThat(progress.get()).isEqualTo("writing");
          ByteBuffer target = ByteBuffer.allocate(size + 1);
          while (ends[1].read(target) >= 0) {
            assertThat(target.position()).isPositive();
          }
          writer.join();
          assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes));
        });
  }

  @Test
  void sendTakesBytesFromAFile() throws Exception {
    connected(
        ends -> {
          write("file", "0123456789");
          try (Disk.File file = disk().openReadOnly(path("file"))) {
            ends[0].write(utf8("<"));
            ends[0].send(file, 2, 3);
            ends[0].send(file, 0, 0);
            ends[0].write(utf8(">"));
            ends[0].send(file, 9, 1);
            assertThatThrownBy(() -> ends[0].send(file, 10, 1)).isInstanceOf(EOFException.class);
            ends[0].close();
            assertThat(readAll(ends[1])).isEqualTo("<234>9");
          }
        });
  }

  @Test
  void closingWakesReadersAndWriters() throws Exception {
    connected(
        ends -> {
          AtomicReference<Throwable> reader = new AtomicReference<>();
          AtomicReference<Throwable> writer = new AtomicReference<>();
          Tasks.Task reading = attempt(() -> ends[0].read(ByteBuffer.allocate(1)), reader);
          Tasks.Task writing =
              attempt(
                  () -> {
                    while (true) {
                      ends[0].write(ByteBuffer.allocate(1_000_000));
                    }
                  },
                  writer);
          host().clock().sleep(Duration.ofMillis(20));
          ends[0].close();
          ends[0].close();
          reading.join();
          writing.join();
          assertThat(reader.get()).isInstanceOf(ClosedChannelException.class);
          assertThat(writer.get()).isInstanceOf(IOException.class);
          assertThatThrownBy(() -> ends[0].read(ByteBuffer.allocate(1)))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> ends[0].write(ByteBuffer.allocate(1)))
              .isInstanceOf(ClosedChannelException.class);
        });
  }

  private Tasks.Task attempt(Tasks.Body body, AtomicReference<Throwable> outcome) {
    return host()
        .tasks()
        .start(
            "attempt",
            () -> {
              try {
                body.run();
              } catch (IOException e) {
                outcome.set(e);
              }
            });
  }

  @Test
  void writingToAPeerThatIsGoneFailsInTheEnd() throws Exception {
    connected(
        ends -> {
          ends[1].close();
          assertThatThrownBy(
                  () -> {
                    while (true) {
                      ends[0].write(utf8("anybody there?"));
                      host().clock().sleep(Duration.ofMillis(1));
                    }
                  })
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void closingWithUnreadBytesResets() throws Exception {
    connected(
        ends -> {
          ends[0].write(utf8("12"));
          assertThat(ends[1].read(ByteBuffer.allocate(1))).isEqualTo(1);
          // In the simulator the second byte may arrive later than the first.
          host().clock().sleep(Duration.ofMillis(50));
          ends[1].close();
          assertThatThrownBy(() -> ends[0].read(ByteBuffer.allocate(1)))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void cancellingATaskThatReadsClosesItsConnection() throws Exception {
    connected(
        ends -> {
          Tasks.Task reader =
              host().tasks().start("reader", () -> ends[0].read(ByteBuffer.allocate(1)));
          host().clock().sleep(Duration.ofMillis(5));
          reader.cancel();
          reader.join();
          assertThat(ends[1].read(ByteBuffer.allocate(1))).isEqualTo(-1);
        });
  }

  @Test
  void listenersAreExclusiveAndEndWhenClosed() throws Exception {
    run(
        () -> {
          Net net = host().net();
          Net.Listener listener = net.listen(new Net.Endpoint("localhost", 0));
          assertThat(listener.endpoint().host()).isEqualTo("localhost");
          assertThat(listener.endpoint().port()).isPositive();
          assertThatThrownBy(() -> net.listen(listener.endpoint()))
              .isInstanceOf(BindException.class)
              .hasMessageContaining(listener.endpoint().toString());
          AtomicReference<Throwable> outcome = new AtomicReference<>();
          Tasks.Task acceptor = attempt(listener::accept, outcome);
          host().clock().sleep(Duration.ofMillis(5));
          listener.close();
          listener.close();
          acceptor.join();
          assertThat(outcome.get()).isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> net.connect(listener.endpoint(), soon()))
              .isInstanceOf(ConnectException.class)
              .hasMessageContaining(listener.endpoint().toString());
          net.listen(listener.endpoint()).close();
        });
  }

  @Test
  void connectingThatCannotWork() throws Exception {
    run(
        () -> {
          Net net = host().net();
          Deadline past = host().clock().deadlineIn(Duration.ZERO);
          assertThatThrownBy(() -> net.connect(new Net.Endpoint("no.such.invalid", 1), soon()))
              .isInstanceOf(UnknownHostException.class);
          try (Net.Listener listener = net.listen(new Net.Endpoint("localhost", 0))) {
            assertThatThrownBy(() -> net.connect(listener.endpoint(), past))
                .isInstanceOf(SocketTimeoutException.class);
          }
        });
  }

  // Clock and tasks

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
