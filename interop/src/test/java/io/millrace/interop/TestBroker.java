package io.millrace.interop;

import io.millrace.bench.BrokerKind;
import io.millrace.bench.BrokerProcess;
import io.millrace.bench.Repository;
import io.millrace.bench.Tool;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// One broker process for all tests of a class, on a fresh directory under `target/brokers`. Data
/// and output stay there after a failure.
///
/// With `-Dinterop.broker=kafka` the same tests run against Apache Kafka's broker: a test that
/// fails there expects something that Kafka does not do.
final class TestBroker implements BeforeAllCallback, AfterAllCallback {
  private final Map<String, String> settings;
  private @Nullable BrokerProcess process;

  private TestBroker(Map<String, String> settings) {
    this.settings = settings;
  }

  /// A broker with these settings, started before the tests of the class that registers it.
  static TestBroker with(String... namesAndValues) {
    var settings = new TreeMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new TestBroker(settings);
  }

  /// A broker that is not started yet, on an empty directory of this name.
  static BrokerProcess create(String name, Map<String, String> settings) throws IOException {
    Repository repository = Repository.find();
    Path folder = repository.root().resolve("interop/target/brokers").resolve(name);
    deleteRecursively(folder);
    return BrokerProcess.create(kind(), repository, folder, settings);
  }

  static BrokerKind kind() {
    String id = System.getProperty("interop.broker", BrokerKind.MILLRACE_FSYNC.id());
    return Arrays.stream(BrokerKind.values())
        .filter(kind -> kind.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no broker of this name: " + id));
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    process = create(context.getRequiredTestClass().getSimpleName(), settings);
    process.start();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    try (BrokerProcess stopping = process()) {
      int exitCode = stopping.stop();
      // Kafka's broker ends with the exit code of the signal.
      if (stopping.kind().isMillrace() && exitCode != 0) {
        throw new IllegalStateException(
            "SIGTERM: exit code " + exitCode + "; last lines:\n" + stopping.outputTail());
      }
    }
  }

  BrokerProcess process() {
    return Objects.requireNonNull(process, "the broker has not been started");
  }

  String bootstrap() {
    return process().bootstrap();
  }

  KafkaClients clients() {
    return new KafkaClients(bootstrap());
  }

  /// Runs one of Kafka's tools and returns what it printed; fails unless it ended with exit code 0.
  String kafkaTool(String mainClass, String... arguments) throws Exception {
    var all = new ArrayList<String>(List.of("--bootstrap-server", bootstrap()));
    all.addAll(List.of(arguments));
    return Tool.kafkaBriefly(Repository.find(), mainClass, all).orFail().output();
  }

  static void deleteRecursively(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
