package io.millrace.broker;

import io.millrace.broker.SimulatedWorker.Flaw;
import io.millrace.broker.SimulatedWorker.Job;
import io.millrace.protocol.Uuid;
import io.millrace.replication.Partition;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/// Applications that read, process and write exactly once, while they die and are replaced, their
/// requests arrive late, coordinators move, and the broker stops and loses power.
///
/// Holds the broker to RELIABILITY.md 2.4, numbers 3, 4, 6 and 7, and to D11: no transaction is
/// torn by a late request. What the applications had to do is in the log of their input; what they
/// did is what a `read_committed` consumer gets.
final class SimulatedTransactionsRun {
  /// With which the failures begin that are about what became of the input.
  static final String NOT_EXACTLY_ONCE = "not exactly once";

  private static final String INPUT = "input";
  private static final String OUTPUT = "output";
  private static final String AUDIT = "audit";
  private static final String GROUP = "pipeline";
  private static final int PARTITIONS = 2;

  /// How long a request is held back at most.
  private static final int LATEST_MS = 6_000;

  private static final int MAX_TIMEOUT_MS = 6_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// Runs take some 40,000.
  private static final long MAX_STEPS = 1_000_000;

  /// How long after its timeout a transaction may keep readers waiting.
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Simulation simulation;
  private final SplittableRandom random;
  private final SimulatedBroker broker;
  private final SimulatedHost auditor;
  private final LateRequests late;
  private final CommitLedger ledger = new CommitLedger(GROUP);
  private final PartitionOwners owners;
  private final List<SimulatedProducer.Sent> acknowledged = new ArrayList<>();
  private final List<Application> applications = new ArrayList<>();
  private final Protocol protocol;
  private Uuid inputId = Uuid.ZERO;
  private boolean producersStop;
  private boolean workersStop;
  private int runningProducers;

  /// How applications share the input.
  private enum Protocol {
    NONE,
    CLASSIC,
    CONSUMER
  }

  /// A transactional id and whoever works under it: the newest worker, and perhaps others that do
  /// not know yet that they are replaced.
  private static final class Application {
    private final int index;
    private final Job job;
    private final SimulatedHost[] hosts;
    private final boolean[] isBusy;
    private final int[] lives;
    private final String[] names;
    private int newest = -1;
    private int starts;

    Application(int index, Job job, SimulatedHost... hosts) {
      this.index = index;
      this.job = job;
      this.hosts = hosts;
      this.isBusy = new boolean[hosts.length];
      this.lives = new int[hosts.length];
      this.names = new String[hosts.length];
      Arrays.fill(names, "");
    }
  }

  private SimulatedTransactionsRun(Simulation simulation, Flaw flaw) {
    this.simulation = simulation;
    this.random = new SplittableRandom(simulation.seed());
    this.auditor = simulation.host("auditor");
    this.protocol = Protocol.values()[random.nextInt(Protocol.values().length)];
    this.owners = new PartitionOwners(simulation, ConsumerMembership.SESSION);
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
    this.late = new LateRequests(simulation.host("limbo"), 15, LATEST_MS);
    boolean isVersion2 = random.nextInt(4) > 0;
    for (int i = 0; i < PARTITIONS; i++) {
      Job job =
          new Job(
              "worker-" + i,
              INPUT,
              OUTPUT,
              AUDIT,
              isVersion2,
              2_000 + random.nextInt(MAX_TIMEOUT_MS - 2_000),
              flaw);
      applications.add(
          new Application(
              i, job, simulation.host("worker-" + i + "a"), simulation.host("worker-" + i + "b")));
    }
  }

  /// Runs seeds, one or a range: `1 5 100-200`.
  public static void main(String[] seeds) {
    SimulatedSeeds.run(SimulatedTransactionsRun.class, seeds, SimulatedTransactionsRun::run);
  }

  /// Runs a seed and says what happened.
  static SimulatedSeeds.Result run(long seed) {
    return run(seed, Flaw.NONE);
  }

  /// Runs a seed with applications that have a bug.
  static SimulatedSeeds.Result run(long seed, Flaw flaw) {
    return SimulatedSeeds.replayable(
        SimulatedTransactionsTest.class,
        seed,
        () -> {
          try (Simulation simulation = new Simulation(seed).limitSteps(MAX_STEPS)) {
            return new SimulatedTransactionsRun(simulation, flaw).run();
          }
        });
  }

  private SimulatedSeeds.Result run() {
    broker.start();
    inputId = broker.create(auditor, GROUP, INPUT, OUTPUT, AUDIT)[0];
    startProducer();
    applications.forEach(this::startWorker);
    int turns = 12 + random.nextInt(12);
    for (int turn = 0; turn < turns; turn++) {
      broker.pause(1_500);
      disturb();
    }
    producersStop = true;
    simulation.runUntil(() -> runningProducers == 0, PATIENCE);
    dieAll();
    checkEverythingEnds();
    applications.forEach(this::startWorker);
    simulation.runUntil(this::isDone, PATIENCE);
    workersStop = true;
    simulation.runUntil(() -> applications.stream().noneMatch(this::isBusy), PATIENCE);
    checkEverythingEnds();
    audit();
    broker.moveAllCoordinators();
    broker.stop();
    return new SimulatedSeeds.Result(
        simulation.traceHash(),
        "%s v%d, %d batches, %d commits, %d workers, %d states compared, %d late requests"
            .formatted(
                protocol,
                applications.getFirst().job.isVersion2() ? 2 : 1,
                acknowledged.size(),
                ledger.acknowledgedCommits(),
                applications.stream().mapToInt(application -> application.starts).sum(),
                broker.comparedStates(),
                late.delivered()));
  }

  private void startProducer() {
    SimulatedHost host = simulation.host("producer");
    runningProducers++;
    host.tasks()
        .start(
            "produce",
            () -> {
              new SimulatedProducer(host, host.name(), INPUT, PARTITIONS, late, acknowledged)
                  .run(() -> producersStop);
              runningProducers--;
            });
  }

  private boolean isBusy(Application application) {
    return application.isBusy[0] || application.isBusy[1];
  }

  /// Starts a worker, which replaces the newest one.
  private void startWorker(Application application) {
    int place = application.newest == 0 ? 1 : 0;
    if (application.isBusy[place]) {
      die(application, place);
    }
    application.newest = place;
    application.isBusy[place] = true;
    int life = ++application.lives[place];
    SimulatedHost host = application.hosts[place];
    String name = host.name() + "/" + application.starts++;
    application.names[place] = name;
    host.tasks()
        .start(
            "work",
            () -> {
              new SimulatedWorker(
                      host, application.job, late, ledger, membership(application, name))
                  .run(() -> workersStop, () -> application.newest != place);
              if (application.lives[place] == life) {
                application.isBusy[place] = false;
              }
            });
  }

  private Function<SimulatedClient, Membership> membership(Application application, String name) {
    return client ->
        switch (protocol) {
          case NONE -> Membership.fixed(Set.of(application.index));
          case CLASSIC -> new ClassicMembership(client, name, GROUP, INPUT, PARTITIONS, owners);
          case CONSUMER ->
              new ConsumerMembership(client, name, GROUP, INPUT, inputId, null, owners);
        };
  }

  private void die(Application application, int place) {
    application.hosts[place].kill();
    application.hosts[place].restart();
    owners.release(application.names[place]);
    application.isBusy[place] = false;
  }

  private void dieAll() {
    for (Application application : applications) {
      for (int place = 0; place < application.hosts.length; place++) {
        die(application, place);
      }
    }
  }

  private void disturb() {
    Application application = applications.get(random.nextInt(applications.size()));
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        broker.moveCoordinator();
        fetchCommitted();
      }
      case 4, 5 -> {
        if (isBusy(application)) {
          die(application, application.newest);
        }
        startWorker(application);
      }
      // The one before goes on until it is fenced.
      case 6 -> startWorker(application);
      case 7 -> broker.restart(random.nextBoolean());
      default -> {}
    }
  }

  /// Judges what a client is told of the committed offsets.
  private void fetchCommitted() {
    simulation.run(
        auditor,
        "fetch offsets",
        () -> {
          try (SimulatedClient client = new SimulatedClient(auditor)) {
            CommittedOffsets.fetch(
                client, ledger, INPUT, List.of(0, 1), Membership.fixed(Set.of()), true);
          }
        });
  }

  /// However the applications ended: after the longest timeout readers wait for no transaction. One
  /// may begin as late as the last request comes.
  private void checkEverythingEnds() {
    simulation.runFor(GRACE.plusMillis(LATEST_MS).plusMillis(MAX_TIMEOUT_MS));
    for (String topic : List.of(OUTPUT, AUDIT, StateTopics.OFFSETS)) {
      for (int index = 0; index < PARTITIONS; index++) {
        Partition partition = broker.partition(topic, index);
        if (partition.lastStableOffset() != partition.highWatermark()) {
          throw new AssertionError(
              "a transaction does not end: the last stable offset of %s is %d, its end %d"
                  .formatted(
                      partition.name(), partition.lastStableOffset(), partition.highWatermark()));
        }
      }
    }
  }

  private boolean isDone() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      long end = broker.partition(INPUT, partition).highWatermark();
      if (end > 0 && ledger.bound(partition) != end) {
        return false;
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
            List<String> audited = FetchedRecords.readAll(client, AUDIT, 0, true).values();
            int records = 0;
            for (int index = 0; index < PARTITIONS; index++) {
              FetchedRecords input = FetchedRecords.readAll(client, INPUT, index, false);
              LogAudit.check(INPUT, index, input, acknowledged);
              LogAudit.checkSequences(OUTPUT, index, readAll(client, OUTPUT, index));
              LogAudit.checkSequences(AUDIT, index, readAll(client, AUDIT, index));
              requireEqual(
                  OUTPUT + "-" + index,
                  input.values().stream().map(SimulatedWorker::processed).toList(),
                  FetchedRecords.readAll(client, OUTPUT, index, true).values());
              List<String> wanted = input.values().stream().map(SimulatedWorker::audited).toList();
              Set<String> ofInput = Set.copyOf(wanted);
              requireEqual(
                  AUDIT + " of " + INPUT + "-" + index,
                  wanted,
                  audited.stream().filter(ofInput::contains).toList());
              records += wanted.size();
            }
            if (audited.size() != records) {
              throw new AssertionError(
                  NOT_EXACTLY_ONCE + ": " + records + " inputs, but audited were " + audited);
            }
          }
        });
  }

  private static FetchedRecords readAll(SimulatedClient client, String topic, int partition)
      throws InterruptedException {
    return FetchedRecords.readAll(client, topic, partition, false);
  }

  private static void requireEqual(String what, List<String> wanted, List<String> found) {
    int same = 0;
    while (same < Math.min(wanted.size(), found.size())
        && wanted.get(same).equals(found.get(same))) {
      same++;
    }
    if (same < Math.max(wanted.size(), found.size())) {
      throw new AssertionError(
          "%s: %s has %d records, not %d; from record %d on they are\n%s, not\n%s"
              .formatted(
                  NOT_EXACTLY_ONCE,
                  what,
                  found.size(),
                  wanted.size(),
                  same,
                  found.subList(same, Math.min(found.size(), same + 5)),
                  wanted.subList(same, Math.min(wanted.size(), same + 5))));
    }
  }
}
