package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Net;
import io.millrace.host.Tasks;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Rows 3 and 40 of the table of bad inputs, in simulated time: clients that stop in the middle of
/// something are disconnected, those that only wait are not.
@Timeout(60)
final class StalledClientTest {
  private static final Net.Endpoint ADDRESS = new Net.Endpoint("server", 9092);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final Duration MAX_IDLE = Duration.ofMinutes(3);
  private static final Duration SLACK = Duration.ofSeconds(3);

  private final Simulation simulation = new Simulation(12);
  private final SimulatedHost server = simulation.host("server");
  private final SimulatedHost host = simulation.host("client");
  private Uuid id = Uuid.ZERO;
  private boolean closed;

  @BeforeEach
  void start() {
    simulation.run(
        server,
        "start",
        () ->
            new BrokerServer(
                    server,
                    TestBroker.config(
                        "server",
                        9092,
                        Path.of("/data"),
                        TestBroker.settings(
                            "connections.max.idle.ms", Long.toString(MAX_IDLE.toMillis()))))
                .start());
    simulation.run(
        host,
        "create",
        () -> {
          try (BrokerClient client = new BrokerClient(host, ADDRESS)) {
            id = client.create("stalled");
            for (int i = 0; i < 10; i++) {
              String value = "x".repeat(100_000);
              client.append("stalled", 0, Batches.at(host.clock().wallMs(), value));
            }
          }
        });
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  @Test
  void row3ALengthAndThenSilence() {
    client(wire -> wire.sendBytes(ByteBuffer.allocate(4).putInt(1000).array()));
    closesAfter(STALL);
  }

  @Test
  void row3HalfARequest() {
    client(wire -> wire.sendBytes(ByteBuffer.allocate(300_000).putInt(0, 500_000).array()));
    // Larger requests have longer, by the slowest rate that is borne.
    closesAfter(STALL.plusSeconds(500_000 / (16 * 1024)));
  }

  @Test
  void row3AByteASecond() {
    client(
        wire -> {
          wire.sendBytes(ByteBuffer.allocate(4).putInt(1000).array());
          for (int i = 0; i < 1000; i++) {
            host.clock().sleep(Duration.ofSeconds(1));
            wire.sendBytes((byte) 1);
          }
        });
    closesAfter(STALL);
  }

  @Test
  void anIdleConnectionIsClosedInTheEnd() {
    client(wire -> wire.sendBytes(new byte[0]));
    closesAfter(MAX_IDLE);
  }

  @Test
  void whoWaitsForAnAnswerIsNotIdle() {
    FetchRequest fetch =
        Requests.fetch(Requests.topic("", id, Requests.partition(0, 10)))
            .minBytes(1)
            .maxWaitMs((int) MAX_IDLE.multipliedBy(2).toMillis())
            .build();
    Tasks.Task task =
        host.tasks()
            .start(
                "wait",
                () -> {
                  try (BrokerClient client = new BrokerClient(host, ADDRESS)) {
                    assertThat(client.fetch(18, fetch).responses()).hasSize(1);
                  }
                });
    simulation.runFor(MAX_IDLE.multipliedBy(2).minus(SLACK));
    assertThat(task.isDone()).isFalse();
    simulation.runUntil(task::isDone, SLACK.multipliedBy(2));
  }

  @Test
  void row40WhoTakesNoResponsesIsDisconnected() {
    FetchRequest fetch = Requests.fetch(Requests.topic("", id, Requests.partition(0, 0))).build();
    simulation.run(
        host,
        "greedy",
        () -> {
          WireClient wire = new WireClient(host, ADDRESS);
          long start = host.clock().nanos();
          try {
            // No client sends so much that nobody reads, but for the broker's limits.
            for (int i = 0; i < 100_000; i++) {
              wire.send(ApiKey.FETCH, 18, fetch);
            }
            throw new AssertionError("the broker took all that was sent");
          } catch (IOException e) {
            closed = true;
          }
          assertThat(Duration.ofNanos(host.clock().nanos() - start))
              .isBetween(STALL.minus(SLACK), STALL.plus(SLACK));
        });
    assertThat(closed).isTrue();
  }

  @FunctionalInterface
  private interface Behaviour {
    void with(WireClient wire) throws IOException, InterruptedException;
  }

  /// Does something and then nothing more, until the broker has closed the connection.
  private void client(Behaviour behaviour) {
    host.tasks()
        .start(
            "client",
            () -> {
              try (WireClient wire = new WireClient(host, ADDRESS)) {
                host.tasks().start("sender", () -> sendQuietly(behaviour, wire));
                closed = wire.isClosedByBroker();
              }
            });
  }

  private static void sendQuietly(Behaviour behaviour, WireClient wire)
      throws InterruptedException {
    try {
      behaviour.with(wire);
    } catch (IOException e) {
      assertThat(e).isNotNull(); // the broker has closed the connection, as it should
    }
  }

  private void closesAfter(Duration expected) {
    simulation.runFor(expected.minus(SLACK));
    assertThat(closed).as("too early").isFalse();
    simulation.runFor(SLACK.multipliedBy(2));
    assertThat(closed).as("too late").isTrue();
  }
}
