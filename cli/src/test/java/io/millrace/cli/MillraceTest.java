package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The command as a process.
@Timeout(180)
final class MillraceTest {
  private static final String ANY_PORT = "listeners=PLAINTEXT://127.0.0.1:0";
  private static final Pattern READY =
      Pattern.compile(
          "millrace is ready: bootstrap 127\\.0\\.0\\.1:(\\d+), data (.+), durability fsync,"
              + " (\\d+) ms since process start");

  @TempDir private Path directory;

  @Test
  void servesWithoutConfigurationAndStopsCleanlyOnSigterm() throws Exception {
    try (Command server = Command.java(directory, "server", "--set", ANY_PORT)) {
      Matcher ready = READY.matcher(server.readLine());
      assertThat(ready.matches()).as("%s", ready).isTrue();
      assertThat(ready.group(2)).isEqualTo(directory.resolve("millrace-data").toString());
      try (Socket client =
          new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(ready.group(1)))) {
        assertThat(client.isConnected()).isTrue();
      }
      server.terminate();
      Command.Result result = server.result();
      assertThat(result.exitCode()).as(result.err()).isZero();
      assertThat(result.out()).isEmpty();
    }
  }

  @Test
  void aDirectoryServesOneProcessAtATime() throws Exception {
    String data = directory.resolve("data").toString();
    try (Command first = Command.java(directory, "server", "--data", data, "--set", ANY_PORT)) {
      assertThat(first.readLine()).startsWith("millrace is ready");
      assertThat(mistake("server", "--data", data, "--set", ANY_PORT)).contains(data, "process");
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThat(mistake("server", "--set", "listeners=PLAINTEXT://" + address))
          .contains("cannot listen on " + address, "--set listeners=");
    }
  }

  @Test
  void aDirectoryThatIsAFileIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    assertThat(mistake("server", "--data", file.toString(), "--set", ANY_PORT))
        .contains(file.toString());
  }

  @Test
  void anUnknownSettingIsNamedWithTheNearest() throws Exception {
    Files.writeString(directory.resolve("s.properties"), "# c\nnum.partition=3\n");
    assertThat(mistake("server", "--config", "s.properties"))
        .isEqualTo(
            "millrace: unknown broker setting 'num.partition'; did you mean 'num.partitions'?"
                + " (s.properties:2)");
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    assertThat(mistake("server", "--config", "nowhere.properties"))
        .isEqualTo(
            "millrace: cannot read the configuration file nowhere.properties: there is no such"
                + " file");
  }

  @Test
  void anUnknownOptionIsNamed() throws Exception {
    assertThat(mistake("server", "--prot", "1"))
        .isEqualTo("millrace: Unknown options: '--prot', '1'. See 'millrace server --help'.");
    assertThat(mistake("sever")).startsWith("millrace: Unmatched argument at index 0: 'sever'");
  }

  @Test
  void helpAndVersionAreAnswered() throws Exception {
    Command.Result help = run("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("server", "MILLRACE_HEAP");
    assertThat(run("server", "--help").out()).contains("--config", "--data", "--set", "--heap");
    assertThat(run("--version").out())
        .matches("millrace \\d+\\.\\d+\\S* \\(Kafka protocol 4\\.\\d+\\.\\d+, Java \\d+.*\\)");
  }

  private Command.Result run(String... args) throws IOException, InterruptedException {
    try (Command command = Command.java(directory, args)) {
      return command.result();
    }
  }

  /// The one line that a mistake is answered with, the log lines before it left out.
  private String mistake(String... args) throws IOException, InterruptedException {
    Command.Result result = run(args);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).doesNotContain("\tat ", "Exception");
    String last = result.err().strip();
    return last.substring(last.lastIndexOf('\n') + 1);
  }
}
