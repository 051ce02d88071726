package io.millrace.host.jdk;

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
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What only the real host does; what both hosts promise is tested by the simulator's module.
@Timeout(60)
class JdkHostTest {
  private final LinkedBlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final Host host = new JdkHost((task, failure) -> failures.add(task + ": " + failure));
  private final Tasks tasks = host.tasks();
  private final Disk disk = host.disk();
  private final Net net = host.net();

  @TempDir Path dir;

  @AfterEach
  void noUnexpectedFailures() {
    assertThat(failures).isEmpty();
  }

  @Test
  void tasksHaveNamesAndKindsOfThreads() throws Exception {
    var threads = new LinkedBlockingQueue<Thread>();
    tasks.start("cheap", () -> threads.add(Thread.currentThread())).join();
    Tasks.Task dedicated =
        tasks.startDedicated("dedicated", () -> threads.add(Thread.currentThread()));
    dedicated.join();
    assertThat(dedicated.isDone()).isTrue();
    Thread cheap = threads.take();
    assertThat(cheap.isVirtual()).isTrue();
    assertThat(cheap.getName()).isEqualTo("cheap");
    Thread own = threads.take();
    assertThat(own.isVirtual()).isFalse();
    assertThat(own.isDaemon()).isTrue();
    assertThat(own.getName()).isEqualTo("dedicated");
  }

  @Test
  void whatLeavesABodyIsAFailure() throws Exception {
    tasks
        .start(
            "broken",
            () -> {
              throw new IOException("no luck");
            })
        .join();
    tasks
        .start(
            "confused",
            () -> {
              throw new InterruptedException("nobody cancelled");
            })
        .join();
    assertThat(failures.take()).isEqualTo("broken: java.io.IOException: no luck");
    assertThat(failures.take()).startsWith("confused: java.lang.InterruptedException");
  }

  @Test
  void aCancelledTaskHasNotFailed() throws Exception {
    Tasks.Task sleeper = tasks.start("sleeper", () -> host.clock().sleep(Duration.ofDays(1)));
    sleeper.cancel();
    sleeper.join();
  }

  /// The JDK closes a file channel under everybody when a thread that uses it is interrupted.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancellingATaskLeavesItsFilesOpen(boolean dedicated) throws Exception {
    try (Disk.File file = disk.open(dir.resolve("shared"), OpenMode.CREATE_NEW)) {
      for (int round = 0; round < 200; round++) {
        CountDownLatch started = new CountDownLatch(1);
        Tasks.Body body =
            () -> {
              ByteBuffer bytes = ByteBuffer.allocate(8192);
              while (!Thread.currentThread().isInterrupted()) {
                file.write(bytes.clear(), 0);
                file.read(bytes.clear(), 0);
                file.size();
                started.countDown();
              }
              file.write(bytes.clear(), 0);
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
            };
        Tasks.Task task =
            dedicated ? tasks.startDedicated("user", body) : tasks.start("user", body);
        started.await();
        task.cancel();
        task.join();
        assertThat(file.size()).isEqualTo(8192);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendWaitsForASlowPeerAndCancelEndsIt(boolean dedicated) throws Exception {
    int size = 20_000_000;
    try (Disk.File file = disk.open(dir.resolve("large"), OpenMode.CREATE_NEW);
        Net.Listener listener = net.listen(new Net.Endpoint("127.0.0.1", 0));
        Net.Connection client = net.connect(listener.endpoint(), Deadline.NEVER);
        Net.Connection server = listener.accept()) {
      file.write(pattern(size), 0);
      Tasks.Body body =
          () -> {
            server.send(file, 0, size);
            server.send(file, 0, size);
          };
      Tasks.Task sender =
          dedicated ? tasks.startDedicated("sender", body) : tasks.start("sender", body);
      ByteBuffer received = ByteBuffer.allocate(size);
      while (received.hasRemaining()) {
        assertThat(client.read(received)).isPositive();
      }
      assertThat(received.flip()).isEqualTo(pattern(size));
      sender.cancel();
      sender.join();
      assertThat(file.size()).isEqualTo(size);
    }
  }

  @Test
  void manySlowPeersHoldNoCarriers() throws Exception {
    int connections = 64;
    int size = 100_000_000; // more than the buffers of two sockets ever hold
    try (Disk.File file = disk.open(dir.resolve("large"), OpenMode.CREATE_NEW);
        Net.Listener listener = net.listen(new Net.Endpoint("127.0.0.1", 0))) {
      file.write(pattern(1), size - 1);
      List<Tasks.Task> started = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        Net.Connection client = net.connect(listener.endpoint(), Deadline.NEVER);
        Net.Connection server = listener.accept();
        started.add(
            tasks.start(
                "sender-" + i,
                () -> {
                  try (server) {
                    assertThatThrownBy(() -> server.send(file, 0, size))
                        .isInstanceOf(IOException.class);
                  }
                }));
        started.add(
            tasks.start(
                "closer-" + i,
                () -> {
                  client.read(ByteBuffer.allocate(1));
                  client.close();
                }));
      }
      tasks.start("still served", () -> {}).join();
      for (Tasks.Task task : started) {
        task.join();
      }
    }
  }

  @Test
  void sendFromAFileThatIsTooShort() throws Exception {
    try (Disk.File file = disk.open(dir.resolve("short"), OpenMode.CREATE_NEW);
        Net.Listener listener = net.listen(new Net.Endpoint("localhost", 0));
        Net.Connection client = net.connect(listener.endpoint(), Deadline.NEVER)) {
      file.write(pattern(10), 0);
      assertThatThrownBy(() -> client.send(file, 5, 10))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("short ends before byte 10");
    }
  }

  @Test
  void addressesThatCannotBeUsed() throws Exception {
    try (Net.Listener listener = net.listen(new Net.Endpoint("127.0.0.1", 0))) {
      assertThatThrownBy(() -> net.listen(listener.endpoint()))
          .isInstanceOf(BindException.class)
          .hasMessageContaining(listener.endpoint().toString());
    }
    assertThatThrownBy(() -> net.listen(new Net.Endpoint("no.such.host.invalid", 0)))
        .isInstanceOf(UnknownHostException.class);
    assertThatThrownBy(() -> net.connect(new Net.Endpoint("127.0.0.1", 1), new Deadline(0, false)))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void listenOnIpv6AndOnAllAddresses() throws Exception {
    for (String name : List.of("::1", "")) {
      try (Net.Listener listener = net.listen(new Net.Endpoint(name, 0));
          Net.Connection client =
              net.connect(
                  new Net.Endpoint("::1", listener.endpoint().port()),
                  host.clock().deadlineIn(Duration.ofSeconds(30)));
          Net.Connection server = listener.accept()) {
        client.write(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {2, 3}));
        ByteBuffer received = ByteBuffer.allocate(3);
        while (received.hasRemaining()) {
          assertThat(server.read(received)).isPositive();
        }
        assertThat(received.array()).containsExactly(1, 2, 3);
      }
    }
  }

  @Test
  void closingAListenerEndsAccept() throws Exception {
    Net.Listener listener = net.listen(new Net.Endpoint("127.0.0.1", 0));
    var ended = new CompletableFuture<Throwable>();
    tasks.start(
        "acceptor",
        () -> {
          try {
            listener.accept();
          } catch (IOException e) {
            ended.complete(e);
          }
        });
    listener.close();
    assertThat(ended.get()).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void awaitEndsAtItsDeadline() throws Exception {
    Clock clock = host.clock();
    var lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    Deadline deadline = clock.deadlineIn(Duration.ofMillis(20));
    lock.lock();
    try {
      while (clock.await(lock, condition, deadline)) {
        assertThat(clock.isPast(deadline)).isFalse();
      }
    } finally {
      lock.unlock();
    }
    assertThat(clock.isPast(deadline)).isTrue();
  }

  private static ByteBuffer pattern(int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int i = 0; i < size; i++) {
      bytes.put((byte) (i * 31 + i / 1000));
    }
    return bytes.flip();
  }
}
