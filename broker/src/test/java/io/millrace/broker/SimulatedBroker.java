package io.millrace.broker;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.host.Net;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A broker on a simulated host and what can happen to it: it stops, loses its power, and its
/// coordinators move, which for one broker means that they are dropped and loaded anew.
///
/// Its methods are called between the steps of the simulation, where nothing else runs; so what is
/// compared before and after a move is the state at one moment.
final class SimulatedBroker {
  static final Net.Endpoint ADDRESS = new Net.Endpoint("server", 9092);
  static final int STATE_PARTITIONS = 2;

  /// More than anything takes that is not stuck.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Simulation simulation;
  private final SimulatedHost server;
  private final Map<String, String> settings;
  private final SplittableRandom random;
  private @Nullable BrokerServer broker;
  private int comparedStates;

  SimulatedBroker(Simulation simulation, SplittableRandom random, String... settings) {
    this.simulation = simulation;
    this.server = simulation.host("server");
    this.random = random;
    this.settings = TestBroker.settings(settings);
    String partitions = Integer.toString(STATE_PARTITIONS);
    this.settings.put("offsets.topic.num.partitions", partitions);
    this.settings.put("transaction.state.log.num.partitions", partitions);
    // A full index ends a segment: the smallest of it makes for many small ones.
    this.settings.put("log.index.interval.bytes", "256");
    this.settings.put("log.index.size.max.bytes", "240");
  }

  void start() {
    simulation.run(
        server,
        "start",
        () -> {
          BrokerServer next =
              new BrokerServer(
                  server,
                  TestBroker.config(ADDRESS.host(), ADDRESS.port(), Path.of("/data"), settings));
          next.start();
          broker = next;
        });
  }

  void stop() {
    BrokerServer running = running();
    broker = null;
    simulation.run(server, "stop", running::stop);
  }

  /// Stops the broker, in order or by taking its power, and starts it again after a while.
  void restart(boolean losesPower) {
    if (losesPower) {
      awaitBadMoment();
      broker = null;
      server.crash();
      server.restart();
    } else {
      stop();
    }
    pause(2_000);
    start();
  }

  /// Waits, mostly, until something was written and is not on stable storage yet.
  private void awaitBadMoment() {
    List<Partition> all = running().partitions().all();
    long limit = simulation.nanos() + 1_000_000_000L;
    simulation.runUntil(() -> isUnflushed(all) || simulation.nanos() >= limit, PATIENCE);
    long steps = simulation.steps() + random.nextInt(20);
    simulation.runUntil(
        () -> !isUnflushed(all) || simulation.steps() >= steps || simulation.nanos() >= limit,
        PATIENCE);
  }

  private static boolean isUnflushed(List<Partition> partitions) {
    for (Partition partition : partitions) {
      if (partition.log().flushedOffset() < partition.log().logEndOffset()) {
        return true;
      }
    }
    return false;
  }

  /// Lets up to `ms` milliseconds pass.
  void pause(int ms) {
    simulation.runFor(Duration.ofNanos(random.nextLong(1_000_000L, ms * 1_000_000L)));
  }

  /// The partition of a topic, which must be there.
  Partition partition(String topic, int index) {
    return find(topic, index).orElseThrow();
  }

  private Optional<Partition> find(String topic, int index) {
    return running().partitions().find(new TopicPartition(topic, index));
  }

  /// How often a state that was loaded was compared with the one that was dropped.
  int comparedStates() {
    return comparedStates;
  }

  /// Moves the coordinator of one partition of one internal topic.
  void moveCoordinator() {
    int index = random.nextInt(STATE_PARTITIONS);
    if (random.nextBoolean()) {
      move(running().coordinators().groups(), index, machine -> machine.hardState());
    } else {
      move(
          running().coordinators().transactions().coordinator(),
          index,
          machine -> machine.hardState());
    }
  }

  /// Moves all of them.
  void moveAllCoordinators() {
    Coordinators all = running().coordinators();
    for (int index = 0; index < STATE_PARTITIONS; index++) {
      move(all.groups(), index, machine -> machine.hardState());
      move(all.transactions().coordinator(), index, machine -> machine.hardState());
    }
  }

  /// Compares the state with what its log says, if all of it is committed at this moment.
  private <M extends Machine> void move(
      Coordinator<M> coordinator, int index, Function<M, Object> hardState) {
    Optional<Partition> found = find(coordinator.topic(), index);
    if (found.isEmpty()) {
      return;
    }
    Partition partition = found.get();
    Object before = stateOf(coordinator, index, hardState);
    running().coordinators().onResigning(partition.name());
    pause(random.nextInt(4) == 0 ? 3_000 : 100);
    running().coordinators().onLeading(partition);
    if (before == null) {
      // Something was decided and not committed: it may be lost or not.
      return;
    }
    Object[] after = new Object[1];
    simulation.runUntil(
        () -> (after[0] = stateOf(coordinator, index, hardState)) != null, PATIENCE);
    if (!before.equals(after[0])) {
      throw new AssertionError(
          "the state of "
              + partition.name()
              + " was\n"
              + before
              + "\nbut its log says\n"
              + after[0]);
    }
    comparedStates++;
  }

  /// The hard state of a machine; null if it is not there, or is ahead of what is committed.
  private static <M extends Machine> @Nullable Object stateOf(
      Coordinator<M> coordinator, int index, Function<M, Object> hardState) {
    try {
      Answer<Object> answer =
          coordinator.submitTo(index, (machine, _) -> Decision.reply(hardState.apply(machine)));
      return answer.isReady() ? answer.await(Duration.ZERO) : null;
    } catch (CoordinatorException e) {
      if (e.error() == ErrorCode.COORDINATOR_NOT_AVAILABLE) {
        throw new AssertionError("a coordinator has failed", e);
      }
      return null;
    } catch (InterruptedException e) {
      throw new AssertionError("what is between two steps cannot be interrupted", e);
    }
  }

  /// Makes topics, and lets the broker make its internal ones.
  Uuid[] create(SimulatedHost host, String groupId, String... topics) {
    Uuid[] ids = new Uuid[topics.length];
    simulation.run(
        host,
        "create",
        () -> {
          try (BrokerClient client = new BrokerClient(host, ADDRESS)) {
            for (int i = 0; i < topics.length; i++) {
              ids[i] = client.create(topics[i]);
            }
          }
          try (SimulatedClient client = new SimulatedClient(host)) {
            client.findCoordinator(SimulatedClient.GROUP, groupId);
            client.findCoordinator(SimulatedClient.TRANSACTION, groupId);
          }
        });
    return ids;
  }

  private BrokerServer running() {
    BrokerServer current = broker;
    if (current == null) {
      throw new IllegalStateException("no broker runs");
    }
    return current;
  }
}
