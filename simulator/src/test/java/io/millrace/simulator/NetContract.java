package io.millrace.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Deadline;
import io.millrace.host.Disk;
import io.millrace.host.Net;
import io.millrace.host.Tasks;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;

/// Listeners and connections.
abstract class NetContract extends DiskContract {
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
}
