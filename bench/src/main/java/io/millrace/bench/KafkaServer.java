package io.millrace.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How Apache Kafka's broker is started here: broker and controller in one process, with the values
/// of the `config/server.properties` that it ships and the JVM flags of its start scripts.
final class KafkaServer {
  private static final List<String> JVM_FLAGS =
      List.of(
          "-Xmx1G",
          "-Xms1G",
          "-server",
          "-XX:+UseG1GC",
          "-XX:MaxGCPauseMillis=20",
          "-XX:InitiatingHeapOccupancyPercent=35",
          "-XX:+ExplicitGCInvokesConcurrent",
          "-Djava.awt.headless=true");

  private KafkaServer() {}

  static List<String> properties(
      int port, int controllerPort, Path dataDirectory, Map<String, String> settings) {
    var properties = new TreeMap<String, String>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.bootstrap.servers", "127.0.0.1:" + controllerPort);
    properties.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
    properties.put("num.network.threads", "3");
    properties.put("num.io.threads", "8");
    properties.put("socket.send.buffer.bytes", "102400");
    properties.put("socket.receive.buffer.bytes", "102400");
    properties.put("socket.request.max.bytes", "104857600");
    properties.put("log.dirs", dataDirectory.toString());
    properties.put("num.partitions", "1");
    properties.put("num.recovery.threads.per.data.dir", "2");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("log.retention.hours", "168");
    properties.put("log.segment.bytes", "1073741824");
    properties.put("log.retention.check.interval.ms", "300000");
    properties.putAll(settings);
    return properties.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toList();
  }

  static List<String> formatCommand(Repository repository, Path config) {
    var command =
        new ArrayList<>(
            Repository.javaCommand(
                repository.kafkaClassPath(), List.of("-Xmx256M"), "kafka.tools.StorageTool"));
    command.addAll(List.of("format", "--standalone", "-t", "bWlsbHJhY2UtYmVuY2gtMQ", "-c"));
    command.add(config.toString());
    return command;
  }

  static List<String> serverCommand(Repository repository, Path config) {
    var command =
        new ArrayList<>(
            Repository.javaCommand(repository.kafkaClassPath(), JVM_FLAGS, "kafka.Kafka"));
    command.add(config.toString());
    return command;
  }
}
