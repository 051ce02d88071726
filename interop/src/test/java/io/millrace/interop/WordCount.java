package io.millrace.interop;

import io.millrace.bench.BrokerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// [WordCountRun] with a big text and a round of kills for every 5 MB; prints what it found. Usage:
/// `interop/word-count [MEGABYTES]`.
final class WordCount {
  /// A killed application is found missing, and its transactions end, within seconds.
  static final Map<String, String> SETTINGS =
      Map.of(
          "group.initial.rebalance.delay.ms",
          "200",
          "transaction.abort.timed.out.transaction.cleanup.interval.ms",
          "500");

  private static final long CACHE_BYTES = 10_000_000;

  private WordCount() {}

  public static void main(String[] args) throws Exception {
    long megabytes = args.length > 0 ? Long.parseLong(args[0]) : 10;
    Path text = Files.createTempFile("millrace-text", ".txt");
    WordCountRun.Report report;
    long startNs = System.nanoTime();
    try (BrokerProcess broker = TestBroker.create("WordCount", SETTINGS)) {
      SourceLines.write(text, megabytes * 1_000_000);
      System.out.printf("%s, %,d MB of text%n", broker.kind().title(), megabytes);
      broker.start();
      report = new WordCountRun(broker, text, CACHE_BYTES).run((int) Math.max(1, megabytes / 5));
    } finally {
      Files.delete(text);
    }
    System.out.printf(
        "%,d lines, %,d words, %d kills of application and broker, %.0f s%n",
        report.lines(), report.words(), report.kills(), (System.nanoTime() - startNs) / 1e9);
    report.violations().forEach(violation -> System.out.println("VIOLATION " + violation));
    System.out.println(report.violations().isEmpty() ? "every count exact" : "FAILED");
    System.exit(report.violations().isEmpty() ? 0 : 1);
  }
}
