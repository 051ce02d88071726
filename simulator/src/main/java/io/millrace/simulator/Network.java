package io.millrace.simulator;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The wires between all nodes. One direction between two nodes has its own delays; what is sent on
/// one connection arrives in order.
final class Network {
  private final Seed seed;
  private final Scheduler scheduler;
  private final Trace trace;
  private final Map<String, SimulatedNet> nets = new HashMap<>();
  private final Map<String, Link> links = new HashMap<>();
  private long nextConnection;

  Network(Seed seed, Scheduler scheduler, Trace trace) {
    this.seed = seed;
    this.scheduler = scheduler;
    this.trace = trace;
  }

  void add(SimulatedNet net) {
    nets.put(net.hostName(), net);
  }

  @Nullable SimulatedNet find(String hostName) {
    return nets.get(hostName);
  }

  Link link(String from, String to) {
    return links.computeIfAbsent(
        from + ">" + to, name -> new Link(seed.random("link " + name), from.equals(to)));
  }

  SplittableRandom connectionRandom() {
    return seed.random("connection " + nextConnection++);
  }

  /// Does `action` when `delayNanos` have passed.
  void after(long delayNanos, String what, Runnable action) {
    scheduler.schedule(null, delayNanos, what, action);
  }

  long nanos() {
    return scheduler.nanos();
  }

  void mayYield() {
    scheduler.mayYield();
  }

  void trace(String kind, String subject, long value) {
    trace.add(scheduler.nanos(), kind, subject, value);
  }

  /// One direction between two nodes: a delay of its own, some jitter, and once in a while a packet
  /// that takes much longer.
  static final class Link {
    private final SplittableRandom random;
    private final long baseNanos;

    Link(SplittableRandom random, boolean local) {
      this.random = random;
      this.baseNanos = local ? 10_000 : random.nextLong(50_000, 500_000);
    }

    long delayNanos() {
      long jitter = random.nextLong(baseNanos);
      long retransmission = random.nextInt(200) == 0 ? random.nextLong(20_000_000) : 0;
      return baseNanos + jitter + retransmission;
    }
  }
}
