package io.millrace.bench;

import java.time.Duration;

/// What groups cost that do nothing but live: memory and CPU time of the broker with [IdleGroups],
/// whose heartbeats come from this JVM.
final class IdleGroupsPart implements Part {
  private final int groups;
  private final Duration settle;
  private final Duration measured;

  IdleGroupsPart(int groups, Duration settle, Duration measured) {
    this.groups = groups;
    this.settle = settle;
    this.measured = measured;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    Clients.createTopic(broker.bootstrap(), "idle", 1);
    Clients.awaitGroups(broker.bootstrap());
    try (var idle = new IdleGroups(broker.bootstrap(), "idle", groups)) {
      idle.awaitJoined();
      Thread.sleep(settle);
      double before = ProcessUsage.cpuSecondsOf(broker.handle());
      long startNs = System.nanoTime();
      Thread.sleep(measured);
      double seconds = (System.nanoTime() - startNs) / 1e9;
      double used = ProcessUsage.cpuSecondsOf(broker.handle()) - before;
      idle.check();
      recorder.record(Measure.IDLE_GROUPS_CORES, used / seconds);
      recorder.record(
          Measure.IDLE_GROUPS_RESIDENT, ProcessUsage.of(broker.handle()).residentBytes() / 1e6);
    }
  }
}
