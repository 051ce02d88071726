package io.millrace.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A broker as users run it, in a process of its own, with a data directory that outlives the
/// process: it can be stopped or killed and started again on the same directory and port.
///
/// Used by one thread.
public final class BrokerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
  private static final int OUTPUT_TAIL_LINES = 40;

  /// Every process started here, so that none outlives this JVM, however it ends.
  private static final Queue<Process> LEFT_OVER = new ConcurrentLinkedQueue<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().unstarted(() -> LEFT_OVER.forEach(BrokerProcess::killTree)));
  }

  private final BrokerKind kind;
  private final Path workDirectory;
  private final int port;
  private final List<String> formatCommand;
  private final List<String> serverCommand;
  private final Predicate<String> isReadyLine;
  private final ConcurrentLinkedDeque<String> output = new ConcurrentLinkedDeque<>();
  private @Nullable Process process;
  private @Nullable CountDownLatch readyOrEnded;
  private volatile @Nullable String readyLine;

  private BrokerProcess(
      BrokerKind kind,
      Path workDirectory,
      int port,
      List<String> formatCommand,
      List<String> serverCommand,
      Predicate<String> isReadyLine) {
    this.kind = kind;
    this.workDirectory = workDirectory;
    this.port = port;
    this.formatCommand = formatCommand;
    this.serverCommand = serverCommand;
    this.isReadyLine = isReadyLine;
  }

  /// A broker on a free port, not started yet.
  ///
  /// @param workDirectory where data, configuration and output go; made if need be
  /// @param settings by the names of `server.properties`, on top of those of the kind
  public static BrokerProcess create(
      BrokerKind kind, Repository repository, Path workDirectory, Map<String, String> settings)
      throws IOException {
    Files.createDirectories(workDirectory);
    var allSettings = new TreeMap<String, String>(kind.settings());
    allSettings.putAll(settings);
    return kind.isMillrace()
        ? millrace(kind, repository, workDirectory, allSettings)
        : kafka(kind, repository, workDirectory, allSettings);
  }

  private static BrokerProcess millrace(
      BrokerKind kind, Repository repository, Path workDirectory, Map<String, String> settings) {
    int port = freePort();
    var command = new ArrayList<String>();
    command.add(repository.launcher().toString());
    command.addAll(List.of("server", "--data", workDirectory.resolve("data").toString()));
    command.addAll(List.of("--set", "listeners=PLAINTEXT://127.0.0.1:" + port));
    settings.forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
    String address = ":" + port;
    return new BrokerProcess(
        kind, workDirectory, port, List.of(), command, line -> line.contains(address));
  }

  private static BrokerProcess kafka(
      BrokerKind kind, Repository repository, Path workDirectory, Map<String, String> settings)
      throws IOException {
    int port = freePort();
    Path config = workDirectory.resolve("server.properties");
    Files.write(
        config, KafkaServer.properties(port, freePort(), workDirectory.resolve("data"), settings));
    return new BrokerProcess(
        kind,
        workDirectory,
        port,
        KafkaServer.formatCommand(repository, config),
        KafkaServer.serverCommand(repository, config),
        line -> line.contains("Kafka Server started"));
  }

  /// A port that nobody listens on now.
  public static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public BrokerKind kind() {
    return kind;
  }

  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  public Path dataDirectory() {
    return workDirectory.resolve("data");
  }

  /// Formats the data directory if the broker needs that as a step of its own.
  ///
  /// @return how long it took, or nothing if there is no such step
  public Optional<Duration> format() throws IOException, InterruptedException {
    if (formatCommand.isEmpty()) {
      return Optional.empty();
    }
    long startNs = System.nanoTime();
    Path log = workDirectory.resolve("format.log");
    Process format =
        new ProcessBuilder(formatCommand)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int exitCode = format.waitFor();
    if (exitCode != 0) {
      throw new IOException("formatting failed with exit code " + exitCode + ": see " + log);
    }
    return Optional.of(Duration.ofNanos(System.nanoTime() - startNs));
  }

  /// Formats if need be, launches and waits until the broker says that it serves.
  public void start() throws IOException, InterruptedException {
    if (!Files.exists(dataDirectory())) {
      format();
    }
    launch();
    awaitReady();
  }

  /// Starts the process and does not wait.
  public void launch() throws IOException {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(kind.id() + " is running already, pid " + process.pid());
    }
    readyLine = null;
    var builder = new ProcessBuilder(serverCommand);
    // The launcher is to use the JDK of this program, whatever `java` is on the path.
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.directory(workDirectory.toFile());
    Process started = builder.start();
    process = started;
    LEFT_OVER.add(started);
    // Both streams count: the ready line is in one of them, and both are closed when it ends.
    var latch = new CountDownLatch(2);
    readyOrEnded = latch;
    watch(started.inputReader(), latch);
    watch(started.errorReader(), latch);
  }

  private void watch(BufferedReader reader, CountDownLatch latch) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (var log =
                  Files.newBufferedWriter(
                      workDirectory.resolve("server.log"),
                      StandardOpenOption.CREATE,
                      StandardOpenOption.APPEND)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  remember(line);
                  log.write(line + "\n");
                  log.flush();
                  if (readyLine == null && isReadyLine.test(line)) {
                    readyLine = line;
                    latch.countDown();
                    latch.countDown();
                  }
                }
              } catch (IOException e) {
                remember("(output ended: " + e.getMessage() + ")");
              } finally {
                latch.countDown();
              }
            });
  }

  private void remember(String line) {
    output.add(line);
    if (output.size() > OUTPUT_TAIL_LINES) {
      output.poll();
    }
  }

  public void awaitReady() throws IOException, InterruptedException {
    CountDownLatch latch = Objects.requireNonNull(readyOrEnded, "launch first");
    boolean settled = latch.await(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    if (readyLine == null) {
      throw new IOException(
          kind.id()
              + (settled ? " ended" : " did not serve within " + START_LIMIT.toSeconds() + " s")
              + "; its last lines:\n"
              + outputTail());
    }
  }

  /// The line by which the broker said that it serves.
  public String readyLine() {
    return Objects.requireNonNull(readyLine, "not ready yet");
  }

  /// The last lines of what the broker printed, over all its starts.
  public String outputTail() {
    return String.join("\n", output);
  }

  public ProcessHandle handle() {
    return running().toHandle();
  }

  private Process running() {
    Process current = process;
    if (current == null || !current.isAlive()) {
      throw new IllegalStateException(kind.id() + " is not running; last lines:\n" + outputTail());
    }
    return current;
  }

  /// SIGTERM, and waits for the end.
  ///
  /// @return the exit code
  public int stop() throws IOException, InterruptedException {
    Process current = running();
    current.destroy();
    if (!current.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      kill();
      throw new IOException(
          kind.id()
              + " did not stop within "
              + STOP_LIMIT.toSeconds()
              + " s of SIGTERM; its last lines:\n"
              + outputTail());
    }
    return current.exitValue();
  }

  /// SIGKILL to the broker (and to a launcher in front of it), and waits for the end.
  public void kill() throws InterruptedException {
    Process current = running();
    List<ProcessHandle> parts = killTree(current);
    current.waitFor();
    for (ProcessHandle part : parts) {
      part.onExit().join();
    }
  }

  private static List<ProcessHandle> killTree(Process process) {
    List<ProcessHandle> parts = ProcessUsage.withDescendants(process.toHandle());
    parts.forEach(ProcessHandle::destroyForcibly);
    return parts;
  }

  @Override
  public void close() {
    Process current = process;
    if (current != null && current.isAlive()) {
      try {
        kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
