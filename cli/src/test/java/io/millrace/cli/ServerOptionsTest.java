package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class ServerOptionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "server",
        "server --data d",
        "server --data=d --config=f --heap=1g",
        "server --config f --set a=b --heap 1g --set c=d=e --set x=",
      })
  void readsAGoodCommandLineAsPicocliDoes(String line) {
    List<String> args = List.of(line.split(" ", -1));
    assertThat(ServerOptions.parse(args)).contains(byPicocli(args));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bench",
        "--version",
        "server --help",
        "server -h",
        "server --nope x",
        "server --data",
        "server --data --config f",
        "server --data a --data b",
        "server --config a --config b",
        "server --heap 1g --heap 2g",
        "server extra",
      })
  void leavesEverythingElseToPicocli(String line) {
    assertThat(ServerOptions.parse(List.of(line.split(" ", -1)))).isEmpty();
  }

  @Test
  void noArgumentsAreNoServer() {
    assertThat(ServerOptions.parse(List.of())).isEmpty();
  }

  private static ServerOptions byPicocli(List<String> args) {
    CommandLine.ParseResult parsed =
        Millrace.commandLine().parseArgs(args.toArray(String[]::new)).subcommand();
    return ((ServerCommand) parsed.commandSpec().userObject()).options();
  }
}
