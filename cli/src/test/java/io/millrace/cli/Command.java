package io.millrace.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process of the command as users start it, in a directory of its own.
final class Command implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120;

  private final Process process;
  private final Path errors;

  private Command(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  /// What a process that has ended left behind.
  record Result(int exitCode, String out, String err) {}

  /// Starts the main class on this test's class path.
  static Command java(Path directory, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Millrace.class.getName());
    command.addAll(List.of(args));
    return start(directory, Map.of(), command);
  }

  static Command start(Path directory, Map<String, String> environment, List<String> command)
      throws IOException {
    Path errors = Files.createTempFile(directory, "stderr", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
    builder.environment().remove("MILLRACE_DATA");
    builder.environment().remove("MILLRACE_HEAP");
    builder.environment().putAll(environment);
    return new Command(builder.start(), errors);
  }

  /// Waits for the next line on standard output; null at its end.
  String readLine() throws IOException {
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    return line == null ? "(ended) " + Files.readString(errors) : line;
  }

  /// Sends SIGTERM. Not by `Process.destroy`, which closes the streams as well.
  void terminate() {
    process.toHandle().destroy();
  }

  /// Waits for the end.
  Result result() throws IOException, InterruptedException {
    String out;
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      out = String.join("\n", reader.lines().toList());
    }
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the process has not ended: " + Files.readString(errors));
    }
    return new Result(process.exitValue(), out, Files.readString(errors));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
