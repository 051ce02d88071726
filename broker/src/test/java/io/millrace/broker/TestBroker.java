package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Machine;
import io.millrace.broker.config.ServerProperties;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.jdk.JdkHost;
import io.millrace.protocol.TopicPartition;
import io.millrace.replication.Partition;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A whole broker in the process of the test, on the real host. What fails in a task of it fails
/// the test when the broker is closed.
final class TestBroker implements Closeable {
  private static final long BUFFER_BYTES = 256L << 20;

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Host host = new JdkHost((_, failure) -> failures.add(failure));
  private final BrokerServer server;

  private TestBroker(Path directory, Map<String, String> settings) {
    server = new BrokerServer(host, config("127.0.0.1", 0, directory, settings));
  }

  /// Starts a broker on any free port.
  static TestBroker start(Path directory, String... namesAndValues) throws Exception {
    TestBroker broker = new TestBroker(directory, settings(namesAndValues));
    broker.server.start();
    return broker;
  }

  static Map<String, String> settings(String... namesAndValues) {
    Map<String, String> settings = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return settings;
  }

  /// The configuration of a broker with one plaintext listener.
  static BrokerConfig config(
      String hostName, int port, Path directory, Map<String, String> settings) {
    ServerProperties.Builder properties =
        ServerProperties.builder()
            .put("listeners", "PLAINTEXT://" + hostName + ":" + port, "test")
            .put("log.dirs", directory.toString(), "test");
    settings.forEach((name, value) -> properties.put(name, value, "test"));
    return BrokerConfig.of(properties.build(), new Machine(() -> hostName, BUFFER_BYTES));
  }

  Net.Endpoint endpoint() {
    return server.endpoints().getFirst();
  }

  Host host() {
    return host;
  }

  Partition partition(String topic, int index) {
    return server.partitions().find(new TopicPartition(topic, index)).orElseThrow();
  }

  BrokerClient connect() throws IOException {
    return new BrokerClient(host, endpoint());
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the broker stopped", e);
    }
    if (!failures.isEmpty()) {
      AssertionError error = new AssertionError("tasks of the broker failed");
      failures.forEach(error::addSuppressed);
      throw error;
    }
  }
}
