package io.millrace.broker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/// Runs seeds one by one, and makes those that fail easy to run again.
final class SimulatedSeeds {
  private SimulatedSeeds() {}

  /// What became of a seed.
  record Result(long traceHash, String summary) {}

  /// Each argument is a seed, or a range of seeds such as `100-200`.
  static void run(Class<?> program, String[] seeds, LongFunction<Result> run) {
    int failed = 0;
    for (String argument : seeds) {
      int dash = argument.indexOf('-');
      long first = Long.parseLong(dash < 0 ? argument : argument.substring(0, dash));
      long last = dash < 0 ? first : Long.parseLong(argument.substring(dash + 1));
      for (long seed = first; seed <= last; seed++) {
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
  static <T> T replayable(Class<?> program, long seed, Supplier<T> run) {
    try {
      return run.get();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          ("seed %d failed; run it again with%n  java --add-opens java.base/java.lang=ALL-UNNAMED"
                  + " -cp <test class path of the broker> %s %d%n%s")
              .formatted(seed, program.getName(), seed, e.getMessage()),
          e);
    }
  }
}
