package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Deadline;
import io.millrace.host.Net;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is special to a network between several nodes; the rest is in [NetContract].
@Timeout(60)
class SimulatedNetTest {
  private static final Net.Endpoint SERVER = new Net.Endpoint("server", 9092);

  private final Simulation simulation = new Simulation(5);
  private final SimulatedHost server = simulation.host("server");
  private final SimulatedHost client = simulation.host("client");

  @AfterEach
  void close() {
    simulation.close();
  }

  @Test
  void nodesFindEachOtherByName() {
    server
        .tasks()
        .start(
            "server",
            () -> {
              Net.Listener listener = server.net().listen(new Net.Endpoint("0.0.0.0", 9092));
              try (Net.Connection connection = listener.accept()) {
                assertThat(connection.remote().host()).isEqualTo("client");
                connection.write(ByteBuffer.wrap(new byte[] {42}));
              }
            });
    simulation.run(
        client,
        "client",
        () -> {
          client.clock().sleep(Duration.ofMillis(1));
          try (Net.Connection connection = client.net().connect(SERVER, Deadline.NEVER)) {
            ByteBuffer bytes = ByteBuffer.allocate(10);
            assertThat(connection.read(bytes)).isEqualTo(1);
            assertThat(connection.remote()).isEqualTo(SERVER);
          }
          assertThatThrownBy(() -> client.net().listen(new Net.Endpoint("server", 1)))
              .isInstanceOf(BindException.class);
          assertThatThrownBy(
                  () -> client.net().connect(new Net.Endpoint("localhost", 9092), Deadline.NEVER))
              .as("every node has a localhost of its own")
              .isInstanceOf(ConnectException.class);
        });
    assertThat(simulation.nanos()).isGreaterThan(1_000_000);
  }

  @Test
  void streamsAreCutAnywhereButStayStreams() {
    Set<Integer> sizes = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      try (Simulation run = new Simulation(seed)) {
        SimulatedHost from = run.host("from");
        SimulatedHost to = run.host("server");
        byte[] sent = new byte[10_000];
        new SplittableRandom(seed).nextBytes(sent);
        ByteBuffer received = ByteBuffer.allocate(sent.length);
        to.tasks()
            .start(
                "reader",
                () -> {
                  Net.Connection connection = to.net().listen(SERVER).accept();
                  for (int n = connection.read(received);
                      received.hasRemaining();
                      n = connection.read(received)) {
                    sizes.add(n);
                  }
                });
        from.tasks()
            .start(
                "writer",
                () -> {
                  from.clock().sleep(Duration.ofMillis(1));
                  from.net().connect(SERVER, Deadline.NEVER).write(ByteBuffer.wrap(sent));
                });
        run.runUntilIdle();
        assertThat(received.array()).as("seed %d", seed).isEqualTo(sent);
      }
    }
    assertThat(sizes).hasSizeGreaterThan(50);
  }

  @Test
  void thePeersOfANodeThatGoesDownNotice() {
    List<String> noticed = new ArrayList<>();
    server
        .tasks()
        .start(
            "server",
            () -> {
              Net.Listener listener = server.net().listen(SERVER);
              while (true) {
                listener.accept();
              }
            });
    client
        .tasks()
        .start(
            "client",
            () -> {
              client.clock().sleep(Duration.ofMillis(1));
              Net.Connection connection = client.net().connect(SERVER, Deadline.NEVER);
              connection.write(ByteBuffer.allocate(1));
              try {
                noticed.add("read " + connection.read(ByteBuffer.allocate(1)));
              } catch (IOException e) {
                noticed.add(String.valueOf(e.getMessage()));
              }
              assertThatThrownBy(() -> client.net().connect(SERVER, Deadline.NEVER))
                  .isInstanceOf(ConnectException.class);
            });
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(noticed).isEmpty();
    server.crash();
    simulation.runUntilIdle();
    assertThat(noticed).containsExactly("Connection reset");
    assertThat(simulation.describeTasks()).isEqualTo("No task is left.");
  }

  @Test
  void aNodeThatRestartsListensAgain() {
    simulation.run(server, "first", () -> server.net().listen(SERVER));
    server.kill();
    server.restart();
    server.tasks().start("second", () -> server.net().listen(SERVER).accept().close());
    simulation.run(
        client,
        "client",
        () -> {
          client.clock().sleep(Duration.ofMillis(1));
          Net.Connection connection = client.net().connect(SERVER, Deadline.NEVER);
          assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        });
  }
}
