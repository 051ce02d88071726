package io.millrace.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A command-line program run to its end in a process of its own.
///
/// @param exitCode as the program ended
/// @param output what it wrote to standard output
/// @param errors what it wrote to standard error
public record Tool(int exitCode, String output, String errors) {
  /// The limit for one run; a program that has not ended by then is killed.
  private static final long LIMIT_SECONDS = 600;

  /// Runs one of Apache Kafka's tools, by its main class, with Kafka's own libraries.
  public static Tool kafka(Repository repository, String mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    return java(repository.kafkaClassPath(), mainClass, arguments, List.of("-Xmx512M"));
  }

  /// The same in a JVM that is quick to start and slow to run, for tools that do little.
  public static Tool kafkaBriefly(Repository repository, String mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    return java(
        repository.kafkaClassPath(),
        mainClass,
        arguments,
        List.of("-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
  }

  /// Runs a client of this module with the same libraries as Kafka's tools.
  static Tool client(Repository repository, Class<?> mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    return run(clientCommand(repository, mainClass, arguments));
  }

  /// The command of [#client], for those that talk with it while it runs.
  static List<String> clientCommand(
      Repository repository, Class<?> mainClass, List<String> arguments) {
    return javaCommand(
        repository.clientClassPath(), mainClass.getName(), arguments, List.of("-Xmx512M"));
  }

  private static Tool java(
      String classPath, String mainClass, List<String> arguments, List<String> flags)
      throws IOException, InterruptedException {
    return run(javaCommand(classPath, mainClass, arguments, flags));
  }

  private static List<String> javaCommand(
      String classPath, String mainClass, List<String> arguments, List<String> flags) {
    var allFlags = new ArrayList<>(flags);
    allFlags.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    var command = new ArrayList<>(Repository.javaCommand(classPath, allFlags, mainClass));
    command.addAll(arguments);
    return command;
  }

  /// Runs any program with empty standard input.
  public static Tool run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().close();
    var errors = new StringBuilder();
    Thread errorReader = Thread.ofVirtual().start(() -> drain(process, errors));
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("did not end within " + LIMIT_SECONDS + " s: " + command);
    }
    errorReader.join();
    return new Tool(process.exitValue(), output, errors.toString());
  }

  private static void drain(Process process, StringBuilder into) {
    try {
      into.append(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      into.append("(").append(e.getMessage()).append(")");
    }
  }

  /// This run, if it ended well.
  public Tool orFail() throws IOException {
    if (exitCode != 0) {
      throw new IOException("exit code " + exitCode + "\n" + output + "\n" + errors);
    }
    return this;
  }
}
