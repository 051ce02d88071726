package io.millrace.bench;

import java.time.Duration;
import java.util.Optional;

/// The time from the start of the process on a fresh directory until a producer that was there
/// before has its first record acknowledged (on a topic made on demand), and memory when idle.
final class StartPart implements Part {
  private final Duration idle;

  StartPart(Duration idle) {
    this.idle = idle;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    Optional<Duration> format = broker.format();
    if (format.isPresent()) {
      recorder.record(Measure.FORMAT, format.get().toNanos() / 1e6);
    }
    long startNs = System.nanoTime();
    broker.launch();
    Clients.produceOne(broker.bootstrap(), "first", 0);
    recorder.record(Measure.FIRST_ACK, (System.nanoTime() - startNs) / 1e6);
    Thread.sleep(idle);
    ProcessUsage usage = ProcessUsage.of(broker.handle());
    recorder.record(Measure.IDLE_RESIDENT, usage.residentBytes() / 1e6);
    recorder.record(Measure.IDLE_PROPORTIONAL, usage.proportionalBytes() / 1e6);
  }
}
