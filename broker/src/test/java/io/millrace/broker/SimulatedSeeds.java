package io.millrace.broker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/// Runs seeds one by one, and makes those that fail easy to run again.
final class SimulatedSeeds {
  private SimulatedSeeds() {}

  /// What became of a seed.
  record Result(long traceHash, String summary) {}

  /// The seeds that the property `seeds` names, as [#run] takes them; without it the first `count`.
  static LongStream chosen(int count) {
    String chosen = System.getProperty("seeds");
    return chosen == null ? LongStream.range(0, count) : range(chosen);
  }

  /// Each argument is a seed, or a range of seeds such as `100-200`.
  static void run(Class<?> program, String[] seeds, LongFunction<Result> run) {
    int failed = 0;
    for (String argument : seeds) {
      for (long seed : range(argument).toArray()) {
        try {
          Result result = run.apply(seed);
          System.out.println(
              seed + " " + Long.toHexString(result.traceHash()) + " " + result.summary());
        } catch (AssertionError e) {
          failed++;
          System.out.println(trace(e));
        }
      }
    }
    System.out.println(program.getSimpleName() + ": " + failed + " failed");
    if (failed > 0) {
      System.exit(1);
    }
  }

  private static LongStream range(String seeds) {
    int dash = seeds.indexOf('-');
    return dash < 0
        ? LongStream.of(Long.parseLong(seeds))
        : LongStream.rangeClosed(
            Long.parseLong(seeds.substring(0, dash)), Long.parseLong(seeds.substring(dash + 1)));
  }

  /// The causes of a failure, the last one with where it happened.
  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    text.append(String.valueOf(failure.getMessage())).append(System.lineSeparator());
    cause.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  /// Adds to a failure how to see it again.
  static <T> T replayable(Class<?> test, long seed, Supplier<T> run) {
    try {
      return run.get();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          ("seed %d failed; run it again with%n  mvn -pl broker -am test -Dtest=%s -Dseeds=%d"
                  + " -Dsurefire.failIfNoSpecifiedTests=false%n%s")
              .formatted(seed, test.getSimpleName(), seed, e.getMessage()),
          e);
    }
  }
}
