package io.millrace.interop;

import io.millrace.bench.Repository;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// A program beside the test that is listened to line by line, and that can be killed as well as
/// ended. All that it printed stays in a file under `target/programs`.
final class LineProcess implements AutoCloseable {
  private static final Duration END_LIMIT = Duration.ofMinutes(1);
  private static final int TAIL_LINES = 8;

  /// Every process started here, so that none outlives this JVM, however it ends.
  private static final Queue<Process> LEFT_OVER = new ConcurrentLinkedQueue<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().unstarted(() -> LEFT_OVER.forEach(Process::destroyForcibly)));
  }

  private static final AtomicInteger STARTED = new AtomicInteger();

  private final Process process;
  private final ReentrantLock logLock = new ReentrantLock();
  private final BufferedWriter log;
  private final ConcurrentLinkedDeque<String> tail = new ConcurrentLinkedDeque<>();
  private final List<Thread> readers = new ArrayList<>();

  private LineProcess(
      String name, Process process, Consumer<String> output, Consumer<String> errors)
      throws IOException {
    this.process = process;
    Path folder = Repository.find().root().resolve("interop/target/programs");
    Files.createDirectories(folder);
    String file = "%s-%s-%d.log".formatted(name, process.pid(), STARTED.incrementAndGet());
    this.log = Files.newBufferedWriter(folder.resolve(file));
    LEFT_OVER.add(process);
    readers.add(Thread.startVirtualThread(() -> listen(process.inputReader(), output)));
    readers.add(Thread.startVirtualThread(() -> listen(process.errorReader(), errors)));
  }

  /// Starts a program with empty standard input.
  static LineProcess start(List<String> command, Consumer<String> output, Consumer<String> errors)
      throws IOException {
    String name = command.getFirst().substring(command.getFirst().lastIndexOf('/') + 1);
    return start(name, command, output, errors);
  }

  private static LineProcess start(
      String name, List<String> command, Consumer<String> output, Consumer<String> errors)
      throws IOException {
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().close();
    return new LineProcess(name, process, output, errors);
  }

  /// Starts a main class in a JVM that is quick to start, with the libraries of Apache Kafka's
  /// tools and the classes of these tests.
  static LineProcess java(Class<?> mainClass, List<String> arguments, Consumer<String> output)
      throws IOException {
    return java(mainClass.getName(), arguments, output);
  }

  static LineProcess java(String mainClass, List<String> arguments, Consumer<String> output)
      throws IOException {
    Repository repository = Repository.find();
    Path classes = repository.root().resolve("interop/target/test-classes");
    var command =
        new ArrayList<String>(
            List.of(
                Repository.java(),
                "-Xmx512M",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel="
                    + System.getProperty("interop.log", "warn"),
                "-cp",
                classes + ":" + repository.kafkaClassPath(),
                mainClass));
    command.addAll(arguments);
    String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
    return start(name, command, output, _ -> {});
  }

  private void listen(BufferedReader reader, Consumer<String> listener) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        tail.add(line);
        if (tail.size() > TAIL_LINES) {
          tail.poll();
        }
        listener.accept(line);
        write(line);
      }
    } catch (IOException e) {
      tail.add("(output ended: " + e.getMessage() + ")");
    }
  }

  private void write(String line) throws IOException {
    logLock.lock();
    try {
      log.write(line + "\n");
      log.flush();
    } finally {
      logLock.unlock();
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /// The last lines of what it printed.
  String tail() {
    return String.join("\n", tail);
  }

  /// SIGKILL; returns when the process is gone and all it printed has been listened to.
  void kill() throws InterruptedException {
    // Not the process's own method, which closes the pipes with what is still in them.
    process.toHandle().destroyForcibly();
    awaitEnd(END_LIMIT);
  }

  /// SIGTERM, and waits for the end.
  ///
  /// @return the exit code
  int terminate() throws InterruptedException {
    process.toHandle().destroy();
    return awaitEnd(END_LIMIT);
  }

  /// Waits for a program that ends by itself.
  ///
  /// @return the exit code
  int awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end within " + limit + "; its last lines:\n" + tail());
    }
    for (Thread reader : readers) {
      reader.join();
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
