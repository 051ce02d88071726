package io.millrace.broker;

import io.millrace.protocol.Uuid;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Two groups, of the classic and of the consumer protocol, that read one topic while members come,
/// leave and die, coordinators move, and the broker stops and loses power.
///
/// Holds the groups to RELIABILITY.md 2.4, numbers 3 and 4: idempotent producers' order, committed
/// offsets, states equal to their logs; moreover, every record is delivered and no partition owned
/// twice at a time.
final class SimulatedGroupsRun {
  private static final String TOPIC = "events";
  private static final int PARTITIONS = 4;
  private static final int PRODUCERS = 2;
  private static final int MAX_MEMBERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Simulation simulation;
  private final SplittableRandom random;
  private final SimulatedBroker broker;
  private final SimulatedHost auditor;
  private final LateRequests late;
  private final List<SimulatedProducer.Sent> acknowledged = new ArrayList<>();
  private final List<ConsumerSlot> slots = new ArrayList<>();
  private final List<SimulatedGroup> groups = new ArrayList<>();
  private boolean producersStop;
  private int running;

  /// What is known of a group.
  private record SimulatedGroup(
      boolean isClassic,
      CommitLedger ledger,
      PartitionOwners owners,
      Map<Integer, Set<String>> delivered,
      @Nullable String assignor) {}

  /// A place for members, one after the other.
  private static final class ConsumerSlot {
    private final SimulatedHost host;
    private final SimulatedGroup group;
    private int lives;
    private @Nullable Life life;

    ConsumerSlot(SimulatedHost host, SimulatedGroup group) {
      this.host = host;
      this.group = group;
    }
  }

  /// A member from its start to its end.
  private static final class Life implements BooleanSupplier {
    private final String name;
    private boolean isLeaving;
    private boolean isOver;

    Life(String name) {
      this.name = name;
    }

    @Override
    public boolean getAsBoolean() {
      return isLeaving;
    }
  }

  private SimulatedGroupsRun(Simulation simulation) {
    this.simulation = simulation;
    this.random = new SplittableRandom(simulation.seed());
    this.auditor = simulation.host("auditor");
    this.broker =
        new SimulatedBroker(
            simulation,
            random.split(),
            "num.partitions",
            Integer.toString(PARTITIONS),
            "group.initial.rebalance.delay.ms",
            "200",
            "group.consumer.min.heartbeat.interval.ms",
            Integer.toString(ConsumerMembership.HEARTBEAT_MS),
            "group.consumer.heartbeat.interval.ms",
            Integer.toString(ConsumerMembership.HEARTBEAT_MS),
            "group.consumer.min.session.timeout.ms",
            Long.toString(ConsumerMembership.SESSION.toMillis()),
            "group.consumer.session.timeout.ms",
            Long.toString(ConsumerMembership.SESSION.toMillis()));
    this.late = new LateRequests(simulation.host("limbo"), 15, 3_000);
  }

  /// Runs seeds, one or a range: `1 5 100-200`.
  public static void main(String[] seeds) {
    SimulatedSeeds.run(SimulatedGroupsRun.class, seeds, SimulatedGroupsRun::run);
  }

  /// Runs a seed and says what happened.
  static SimulatedSeeds.Result run(long seed) {
    return SimulatedSeeds.replayable(
        SimulatedGroupsRun.class,
        seed,
        () -> {
          try (Simulation simulation = new Simulation(seed)) {
            return new SimulatedGroupsRun(simulation).run();
          }
        });
  }

  private SimulatedSeeds.Result run() {
    broker.start();
    Uuid topicId = broker.create(auditor, "classic", TOPIC)[0];
    addGroup("classic", true, null);
    addGroup("consumer", false, random.nextBoolean() ? "range" : null);
    for (int i = 0; i < PRODUCERS; i++) {
      startProducer(i);
    }
    for (ConsumerSlot slot : slots) {
      if (random.nextInt(3) > 0) {
        join(slot, topicId);
      }
    }
    int turns = 12 + random.nextInt(12);
    for (int turn = 0; turn < turns; turn++) {
      broker.pause(1_500);
      disturb(topicId);
    }
    finish(topicId);
    audit();
    broker.moveAllCoordinators();
    long commits = groups.stream().mapToLong(group -> group.ledger().acknowledgedCommits()).sum();
    broker.stop();
    return new SimulatedSeeds.Result(
        simulation.traceHash(),
        "%d batches, %d commits, %d states compared, %d late requests"
            .formatted(acknowledged.size(), commits, broker.comparedStates(), late.delivered()));
  }

  private void addGroup(String name, boolean isClassic, @Nullable String assignor) {
    Map<Integer, Set<String>> delivered = new TreeMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      delivered.put(partition, new HashSet<>());
    }
    Duration session = isClassic ? ClassicMembership.SESSION : ConsumerMembership.SESSION;
    SimulatedGroup group =
        new SimulatedGroup(
            isClassic,
            new CommitLedger(name),
            new PartitionOwners(simulation, session),
            delivered,
            assignor);
    groups.add(group);
    for (int i = 0; i < MAX_MEMBERS; i++) {
      slots.add(new ConsumerSlot(simulation.host(name + "-" + i), group));
    }
  }

  private void startProducer(int index) {
    SimulatedHost host = simulation.host("producer-" + index);
    running++;
    host.tasks()
        .start(
            "produce",
            () -> {
              new SimulatedProducer(host, host.name(), TOPIC, PARTITIONS, late, acknowledged)
                  .run(() -> producersStop);
              running--;
            });
  }

  private void join(ConsumerSlot slot, Uuid topicId) {
    SimulatedGroup group = slot.group;
    Life life = new Life(slot.host.name() + "/" + slot.lives++);
    slot.life = life;
    Function<SimulatedClient, Membership> membership =
        client ->
            group.isClassic()
                ? new ClassicMembership(
                    client, life.name, group.ledger().group(), TOPIC, PARTITIONS, group.owners())
                : new ConsumerMembership(
                    client,
                    life.name,
                    group.ledger().group(),
                    TOPIC,
                    topicId,
                    group.assignor(),
                    group.owners());
    slot.host
        .tasks()
        .start(
            "consume",
            () -> {
              new SimulatedConsumer(
                      slot.host, life.name, TOPIC, group.ledger(), group.delivered(), membership)
                  .run(life);
              life.isOver = true;
            });
  }

  private void disturb(Uuid topicId) {
    ConsumerSlot slot = slots.get(random.nextInt(slots.size()));
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        broker.moveCoordinator();
        fetchCommitted();
      }
      case 3, 4 -> die(slot);
      case 5 -> leave(slot);
      case 6, 7 -> {
        if (isFree(slot)) {
          join(slot, topicId);
        }
      }
      case 8 -> broker.restart(random.nextBoolean());
      default -> {}
    }
  }

  private static boolean isFree(ConsumerSlot slot) {
    Life life = slot.life;
    return life == null || life.isOver;
  }

  private static void die(ConsumerSlot slot) {
    Life life = slot.life;
    if (life != null && !life.isOver) {
      slot.host.kill();
      slot.host.restart();
      slot.group.owners().release(life.name);
      slot.life = null;
    }
  }

  private static void leave(ConsumerSlot slot) {
    Life life = slot.life;
    if (life != null) {
      life.isLeaving = true;
    }
  }

  /// Judges what a client is told of the committed offsets.
  private void fetchCommitted() {
    simulation.run(
        auditor,
        "fetch offsets",
        () -> {
          try (SimulatedClient client = new SimulatedClient(auditor)) {
            for (SimulatedGroup group : groups) {
              CommittedOffsets.fetch(
                  client,
                  group.ledger(),
                  TOPIC,
                  group.delivered().keySet(),
                  Membership.fixed(Set.of()),
                  false);
            }
          }
        });
  }

  /// Nothing is disturbed any more: everything has to be consumed and committed.
  @SuppressWarnings("ReferenceEquality") // a group is itself only
  private void finish(Uuid topicId) {
    producersStop = true;
    simulation.runUntil(() -> running == 0, PATIENCE);
    for (SimulatedGroup group : groups) {
      boolean isEmpty = true;
      for (ConsumerSlot slot : slots) {
        isEmpty &= slot.group != group || isFree(slot) || isLeaving(slot);
      }
      if (isEmpty) {
        ConsumerSlot slot =
            slots.stream().filter(s -> s.group == group && isFree(s)).findFirst().orElseThrow();
        join(slot, topicId);
      }
    }
    simulation.runUntil(this::isConsumed, PATIENCE);
    slots.forEach(SimulatedGroupsRun::leave);
    simulation.runUntil(() -> slots.stream().allMatch(SimulatedGroupsRun::isFree), PATIENCE);
  }

  private static boolean isLeaving(ConsumerSlot slot) {
    Life life = slot.life;
    return life != null && life.isLeaving;
  }

  private boolean isConsumed() {
    for (SimulatedGroup group : groups) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        long end = broker.partition(TOPIC, partition).highWatermark();
        if (end > 0 && group.ledger().bound(partition) != end) {
          return false;
        }
      }
    }
    return true;
  }

  private void audit() {
    fetchCommitted();
    simulation.run(
        auditor,
        "audit",
        () -> {
          try (SimulatedClient client = new SimulatedClient(auditor)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
              FetchedRecords log = FetchedRecords.readAll(client, TOPIC, partition, false);
              LogAudit.check(TOPIC, partition, log, acknowledged);
              for (SimulatedGroup group : groups) {
                Set<String> missing = new HashSet<>(log.values());
                missing.removeAll(group.delivered().get(partition));
                if (!missing.isEmpty()) {
                  throw new AssertionError(
                      group.ledger().group() + " never got " + missing.size() + " records");
                }
              }
            }
          }
        });
  }
}
