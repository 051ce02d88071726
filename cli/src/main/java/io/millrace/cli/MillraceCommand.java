package io.millrace.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `millrace` itself: shows what there is.
@Command(
    name = "millrace",
    description = "A streaming log that speaks the Kafka protocol.",
    mixinStandardHelpOptions = true,
    versionProvider = MillraceCommand.Version.class,
    subcommands = {ServerCommand.class, MillraceCommand.Bench.class},
    exitCodeOnInvalidInput = Millrace.MISTAKE,
    exitCodeOnExecutionException = Millrace.BUG,
    footer = {
      "",
      "Environment:",
      "  MILLRACE_HEAP       maximum heap of the server, as --heap (default 512m)",
      "  MILLRACE_DATA       data directory when neither --data nor log.dirs names one",
      "  MILLRACE_JAVA_OPTS  more JVM flags; they come last and win",
      "  MILLRACE_LOG_LEVEL  error, warn, info (default), debug or trace",
      "  JAVA_HOME           the JDK to try first; 25 or newer is needed"
    })
final class MillraceCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // set by picocli
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return Millrace.MISTAKE;
  }

  /// Listed for the help text only: `bin/millrace` starts the benchmarks, which are not part of
  /// what the server is made of.
  @Command(
      name = "bench",
      description = "Runs the benchmarks beside Apache Kafka (`millrace bench --help`).")
  static final class Bench implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "The benchmarks are started by bin/millrace bench");
    }
  }

  /// The version of this build, and of what it speaks and runs on.
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties build = new Properties();
      try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
        build.load(in);
      }
      return new String[] {
        "millrace %s (Kafka protocol %s, Java %s)"
            .formatted(
                build.getProperty("version"),
                build.getProperty("kafka.version"),
                Runtime.version().toString())
      };
    }
  }
}
