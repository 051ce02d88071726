package io.millrace.cli;

import io.millrace.cli.log.LineLogging;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/// The main class of the `millrace` command.
///
/// Exit codes: 0 after a clean stop, 1 for a mistake of the user (one line on standard error says
/// what and how to mend it), 2 for a bug (with its stack trace).
public final class Millrace {
  static final int OK = 0;
  static final int MISTAKE = 1;
  static final int BUG = 2;

  private Millrace() {}

  /// Runs the command and ends the process with its exit code.
  public static void main(String[] args) {
    // Named, because looking for it on the class path costs some milliseconds.
    System.setProperty("slf4j.provider", LineLogging.class.getName());
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.exit(run(List.of(args)));
  }

  static int run(List<String> args) {
    // picocli takes some 80 ms to say that there is nothing wrong with a usual command line, even
    // from the AOT cache: half of a start. It gets the unusual ones: help, versions and mistakes.
    Optional<ServerOptions> options = ServerOptions.parse(args);
    if (options.isPresent()) {
      return ServerProcess.run(options.get());
    }
    return commandLine().execute(args.toArray(String[]::new));
  }

  static CommandLine commandLine() {
    return new CommandLine(new MillraceCommand())
        .setParameterExceptionHandler(Millrace::explainMistake)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              e.printStackTrace(command.getErr());
              return BUG;
            });
  }

  private static int explainMistake(CommandLine.ParameterException mistake, String[] args) {
    CommandLine command = mistake.getCommandLine();
    String text = String.valueOf(mistake.getMessage()).lines().findFirst().orElse("");
    command
        .getErr()
        .printf(
            "millrace: %s. See '%s --help'.%n",
            text.endsWith(".") ? text.substring(0, text.length() - 1) : text,
            command.getCommandSpec().qualifiedName());
    command.getErr().flush();
    return MISTAKE;
  }
}
