package io.millrace.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `millrace server` as picocli sees it: the text of `--help`, and the words for mistakes. What a
/// good command line means is read by [ServerOptions]; a test holds the two together.
@Command(
    name = "server",
    description = "Starts a broker. Without any configuration it serves on 127.0.0.1:9092.",
    mixinStandardHelpOptions = true,
    versionProvider = MillraceCommand.Version.class,
    exitCodeOnInvalidInput = Millrace.MISTAKE,
    exitCodeOnExecutionException = Millrace.BUG)
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings, one name=value a line, with Kafka's names (server.properties).")
  private @Nullable String config;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data directory; created if missing. Default: log.dirs, MILLRACE_DATA, ./millrace-data.")
  private @Nullable String data;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "One setting; wins over the file. May be repeated.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      description = "Maximum heap, such as 512m or 2g (read by bin/millrace). Default: 512m.")
  private @Nullable String heap;

  @Override
  public Integer call() {
    return ServerProcess.run(options());
  }

  ServerOptions options() {
    return new ServerOptions(config, data, settings, heap);
  }
}
