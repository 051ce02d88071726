package io.millrace.interop;

import io.millrace.bench.BrokerProcess;
import java.util.LongSummaryStatistics;
import java.util.Map;

/// [KillRun] with many rounds; prints what it found. Usage: `interop/kill-rounds [ROUNDS [SEED]]`.
final class KillRounds {
  private KillRounds() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    KillRun.Report report;
    try (BrokerProcess broker = TestBroker.create("KillRounds", Map.of())) {
      System.out.printf("%s, %d rounds, seed %d%n", broker.kind().title(), rounds, seed);
      broker.start();
      report = new KillRun(broker, seed).run(rounds);
    }
    LongSummaryStatistics millis =
        report.restarts().stream().mapToLong(time -> time.toMillis()).summaryStatistics();
    System.out.printf(
        "%d kills, %,d records acknowledged; start until serving: %d to %d ms, mean %.0f ms%n",
        millis.getCount(),
        report.acknowledged(),
        millis.getMin(),
        millis.getMax(),
        millis.getAverage());
    report.violations().forEach(violation -> System.out.println("VIOLATION " + violation));
    System.out.println(
        report.violations().isEmpty()
            ? "every acknowledged record exactly once, in order"
            : "FAILED");
    System.exit(report.violations().isEmpty() ? 0 : 1);
  }
}
