package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `bin/millrace` and what it runs. Runs after the module is packaged.
@Timeout(300)
final class DistributionIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path LAUNCHER = ROOT.resolve("bin/millrace");
  private static final Path LIBRARIES = ROOT.resolve("cli/target/millrace/lib");
  private static final String ANY_PORT = "listeners=PLAINTEXT://127.0.0.1:0";

  @TempDir private Path directory;

  @Test
  void hasNoKafkaOnItsClassPath() throws IOException {
    try (Stream<Path> jars = Files.list(LIBRARIES)) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .contains("millrace-cli.jar")
          .noneMatch(name -> name.contains("kafka"));
    }
  }

  @Test
  void startsAndStopsFromAnyDirectoryThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), LAUNCHER);
    try (Command server =
        start(Map.of("MILLRACE_DATA", directory + "/d"), link, "server", "--set", ANY_PORT)) {
      assertThat(server.readLine())
          .startsWith("millrace is ready")
          .contains("data " + directory + "/d");
      server.terminate();
      Command.Result result = server.result();
      assertThat(result.exitCode()).as(result.err()).isZero();
    }
  }

  @Test
  void passesOverAJdkThatIsTooOld() throws Exception {
    Path old = directory.resolve("jdk");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 9\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    try (Command command = start(Map.of("JAVA_HOME", old.toString()), LAUNCHER, "--version")) {
      Command.Result result = command.result();
      assertThat(result.exitCode()).as(result.err()).isZero();
      assertThat(result.out()).startsWith("millrace ");
    }
  }

  @Test
  void namesABadHeap() throws Exception {
    assertThat(mistake(Map.of(), "server", "--heap", "lots"))
        .isEqualTo(
            "millrace: --heap: 'lots' is not a size. Give a number with k, m or g, such as 512m or"
                + " 2g.");
    assertThat(mistake(Map.of("MILLRACE_HEAP", "3m"), "server"))
        .isEqualTo("millrace: MILLRACE_HEAP: '3m' is too small. The server needs at least 32m.");
    assertThat(mistake(Map.of(), "server", "--heap")).startsWith("millrace: --heap needs a size");
  }

  private Command start(Map<String, String> environment, Path launcher, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    return Command.start(directory, environment, command);
  }

  private String mistake(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    try (Command command = start(environment, LAUNCHER, args)) {
      Command.Result result = command.result();
      assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
      return result.err().strip();
    }
  }
}
