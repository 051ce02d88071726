package io.millrace.interop;

import io.millrace.bench.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Publishes a file line by line with kcat and reads it back with kcat and with Kafka's console
/// consumer.
final class KcatRoundTrip {
  static final int PARTITIONS = 6;

  private final KafkaClients clients;

  KcatRoundTrip(KafkaClients clients) {
    this.clients = clients;
  }

  /// The program, which the tests need: its absence is a failure, not a reason to skip them.
  static void checkInstalled() {
    if (!Path.of("/usr/bin/kcat").toFile().canExecute()) {
      throw new IllegalStateException("/usr/bin/kcat is missing: apt-get install kcat");
    }
  }

  void produce(String topic, Path file, String codec) throws Exception {
    clients.createTopic(topic, PARTITIONS);
    run(
        List.of(
            "kcat",
            "-P",
            "-b",
            clients.bootstrap(),
            "-t",
            topic,
            "-K",
            "\\t",
            "-z",
            codec,
            "-l",
            file.toString()),
        new LineDigest());
  }

  /// All partitions at once: kcat ends at the end of all of them.
  LineDigest readWithKcat(String topic) throws Exception {
    return run(
        List.of(
            "kcat",
            "-C",
            "-b",
            clients.bootstrap(),
            "-t",
            topic,
            "-o",
            "beginning",
            "-e",
            "-q",
            "-f",
            "%k\\t%s\\n"),
        new LineDigest());
  }

  /// One partition after the other: without a partition, the console consumer joins a group.
  LineDigest readWithConsoleConsumer(String topic) throws Exception {
    var digest = new LineDigest();
    try (var consumer = clients.consumer()) {
      for (var end : consumer.endOffsets(KafkaClients.partitions(topic, PARTITIONS)).entrySet()) {
        if (end.getValue() > 0) {
          run(consoleConsumer(topic, end.getKey().partition(), end.getValue()), digest);
        }
      }
    }
    return digest;
  }

  private List<String> consoleConsumer(String topic, int partition, long count) {
    return List.of(
        Repository.java(),
        "-Xmx512M",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        Repository.find().kafkaClassPath(),
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        "--bootstrap-server",
        clients.bootstrap(),
        "--topic",
        topic,
        "--partition",
        Integer.toString(partition),
        "--offset",
        "earliest",
        "--max-messages",
        Long.toString(count),
        "--timeout-ms",
        "60000",
        "--formatter-property",
        "print.key=true",
        "--formatter-property",
        "key.separator=\t");
  }

  private static LineDigest run(List<String> command, LineDigest digest)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(new ArrayList<>(command)).start();
    process.getOutputStream().close();
    var errors = new StringBuilder();
    Thread errorReader = Thread.startVirtualThread(() -> drain(process.getErrorStream(), errors));
    digest.add(process.getInputStream());
    int exitCode = process.waitFor();
    errorReader.join();
    if (exitCode != 0) {
      throw new IOException("exit code " + exitCode + " of " + command + "\n" + errors);
    }
    return digest;
  }

  private static void drain(InputStream in, StringBuilder into) {
    try {
      into.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      into.append("(").append(e.getMessage()).append(")");
    }
  }
}
