package io.millrace.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line of the benchmarks.
@Command(
    name = "bench",
    description = "Measures Millrace.",
    subcommands = CompareCommand.class,
    mixinStandardHelpOptions = true)
public final class Bench {
  private Bench() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }
}
