package io.millrace.simulator;

import io.millrace.host.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// A world made from one seed: nodes with their files, the network between them, and time. The same
/// seed and the same program give the same run, event by event, on every machine.
///
/// A simulation belongs to one platform thread at a time: the one that sets it up and calls `run`.
/// All tasks run on it, one at a time, so that neither this class nor what is built on it needs
/// locks against other threads.
///
/// Needs the JVM flag `--add-opens java.base/java.lang=ALL-UNNAMED`. Tasks that are left over when
/// a simulation is closed are never continued; with `-Djdk.trackAllThreads=false` the JVM forgets
/// them too.
public final class Simulation implements AutoCloseable {
  private final Seed seed;
  private final Trace trace = new Trace();
  private final Scheduler scheduler;
  private final Network network;
  private final Map<String, SimulatedHost> hosts = new TreeMap<>();

  public Simulation(long seed) {
    this.seed = new Seed(seed);
    scheduler = new Scheduler(this.seed, trace);
    network = new Network(this.seed, scheduler, trace);
  }

  public long seed() {
    return seed.value();
  }

  /// The node of this name, which is also its name in the network. It is made at the first call.
  public SimulatedHost host(String name) {
    return hosts.computeIfAbsent(
        name, missing -> new SimulatedHost(missing, seed, scheduler, trace, network));
  }

  /// How many steps one call of a `run` method may take before it fails. 10 million by default.
  public Simulation limitSteps(long limit) {
    scheduler.limitSteps(limit);
    return this;
  }

  /// Runs until `condition` holds, which is evaluated between steps and must not wait. Fails with a
  /// list of the waiting tasks if nothing can happen any more before.
  public void runUntil(BooleanSupplier condition) {
    runUntil(condition, Long.MAX_VALUE);
  }

  /// Runs until `condition` holds. Fails with a list of the waiting tasks if it does not within
  /// `limit` of simulated time, or if nothing can happen any more before.
  public void runUntil(BooleanSupplier condition, Duration limit) {
    runUntil(condition, scheduler.nanos() + limit.toNanos());
  }

  private void runUntil(BooleanSupplier condition, long limitNanos) {
    if (!scheduler.run(condition, limitNanos)) {
      throw scheduler.failed("stuck, nothing can happen any more.\n" + scheduler.describe());
    }
    if (!condition.getAsBoolean()) {
      throw scheduler.failed("what was waited for did not happen.\n" + scheduler.describe());
    }
  }

  /// Runs until nothing can happen any more. Tasks may be left that wait for something.
  public void runUntilIdle() {
    if (scheduler.run(() -> false, Long.MAX_VALUE)) {
      throw new AssertionError("a run without an end has ended");
    }
  }

  /// Runs until `duration` of simulated time has passed.
  public void runFor(Duration duration) {
    long end = scheduler.nanos() + duration.toNanos();
    if (!scheduler.run(() -> false, end)) {
      scheduler.moveTo(end);
    }
  }

  /// Runs `body` as a task of `host` until it has ended.
  public void run(SimulatedHost host, String name, Tasks.Body body) {
    Tasks.Task task = host.tasks().start(name, body);
    runUntil(task::isDone);
  }

  /// Simulated time since the start, in nanoseconds.
  public long nanos() {
    return scheduler.nanos();
  }

  /// Steps taken so far.
  public long steps() {
    return scheduler.steps();
  }

  /// A hash of everything that has happened: which task ran when, every timer, and what passed
  /// through disk and network.
  public long traceHash() {
    return trace.hash();
  }

  /// How many events the trace has had.
  public long traceLength() {
    return trace.count();
  }

  /// The last events of the trace as text, for diagnosis.
  public List<String> recentEvents() {
    return trace.recent();
  }

  /// The tasks that have not ended and where they are, for diagnosis.
  public String describeTasks() {
    return scheduler.describe();
  }

  @Override
  public void close() {
    scheduler.close();
  }
}
