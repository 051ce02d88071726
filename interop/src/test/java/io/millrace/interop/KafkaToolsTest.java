package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.Repository;
import io.millrace.bench.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Apache Kafka's command-line tools, each in a JVM of its own. [GroupToolsTest] has those for
/// groups and [TransactionToolsTest] those for transactions.
final class KafkaToolsTest {
  private static final String TOPICS = "org.apache.kafka.tools.TopicCommand";
  private static final String CONFIGS = "kafka.admin.ConfigCommand";

  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  @TempDir static Path folder;

  @Test
  void topicCommandCreatesListsDescribesAltersAndDeletes() throws Exception {
    BROKER.kafkaTool(
        TOPICS,
        "--create",
        "--topic",
        "tool",
        "--partitions",
        "2",
        "--config",
        "retention.ms=5000");

    assertThat(BROKER.kafkaTool(TOPICS, "--list").lines()).contains("tool");
    assertThat(BROKER.kafkaTool(TOPICS, "--describe", "--topic", "tool"))
        .contains("PartitionCount: 2", "ReplicationFactor: 1", "retention.ms=5000", "Partition: 1");
    BROKER.kafkaTool(TOPICS, "--alter", "--topic", "tool", "--partitions", "5");
    assertThat(BROKER.kafkaTool(TOPICS, "--describe", "--topic", "tool"))
        .contains("PartitionCount: 5");
    BROKER.kafkaTool(TOPICS, "--delete", "--topic", "tool");
    assertThat(BROKER.kafkaTool(TOPICS, "--list").lines()).doesNotContain("tool");
  }

  @Test
  void configCommandChangesTopics() throws Exception {
    BROKER.clients().createTopic("configured", 1);

    BROKER.kafkaTool(
        CONFIGS,
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "configured",
        "--add-config",
        "retention.ms=7000,cleanup.policy=[compact,delete]");

    String[] describe = {"--describe", "--entity-type", "topics", "--entity-name", "configured"};
    assertThat(BROKER.kafkaTool(CONFIGS, describe))
        .contains("retention.ms=7000", "cleanup.policy=compact,delete");
    BROKER.kafkaTool(
        CONFIGS,
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "configured",
        "--delete-config",
        "retention.ms");
    assertThat(BROKER.kafkaTool(CONFIGS, describe)).doesNotContain("retention.ms=7000");
  }

  @Test
  void configCommandDescribesBrokers() throws Exception {
    assertThat(BROKER.kafkaTool(CONFIGS, "--describe", "--entity-type", "brokers", "--all"))
        .contains("log.retention.hours=168", "STATIC_BROKER_CONFIG");
  }

  @Test
  void getOffsetShellTellsTheOffsets() throws Exception {
    BROKER.clients().createTopic("offsets", 2);
    produce("offsets", 1, 3);

    String tool = "org.apache.kafka.tools.GetOffsetShell";
    assertThat(BROKER.kafkaTool(tool, "--topic", "offsets").lines())
        .contains("offsets:0:0", "offsets:1:3");
    assertThat(BROKER.kafkaTool(tool, "--topic", "offsets", "--time", "earliest").lines())
        .contains("offsets:0:0", "offsets:1:0");
    assertThat(
            BROKER
                .kafkaTool(tool, "--topic-partitions", "offsets:1", "--time", "max-timestamp")
                .lines())
        .contains("offsets:1:2");
  }

  @Test
  void deleteRecordsCommandMovesTheStart() throws Exception {
    BROKER.clients().createTopic("trimmed", 1);
    produce("trimmed", 0, 10);
    Path json = folder.resolve("delete.json");
    Files.writeString(
        json,
        """
        {"partitions": [{"topic": "trimmed", "partition": 0, "offset": 4}], "version": 1}
        """);

    String output =
        BROKER.kafkaTool(
            "org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", json.toString());

    assertThat(output).contains("low_watermark: 4");
    assertThat(BROKER.clients().readAll("trimmed").getFirst().offset()).isEqualTo(4);
  }

  @Test
  void logDirsCommandTellsSizes() throws Exception {
    BROKER.clients().createTopic("sized", 1);
    produce("sized", 0, 10);

    assertThat(
            BROKER.kafkaTool(
                "org.apache.kafka.tools.LogDirsCommand", "--describe", "--topic-list", "sized"))
        .contains("\"partition\":\"sized-0\"", "\"offsetLag\":0", "\"error\":null");
  }

  @Test
  void brokerApiVersionsCommandKnowsEveryApi() throws Exception {
    assertThat(BROKER.kafkaTool("org.apache.kafka.tools.BrokerApiVersionsCommand"))
        .contains(BROKER.bootstrap(), "Produce(0): ", "Fetch(1): ", "ListOffsets(2): ");
  }

  @Test
  void producerPerformanceDelivers() throws Exception {
    BROKER.clients().createTopic("performance", 3);

    String output =
        Tool.kafka(
                Repository.find(),
                "org.apache.kafka.tools.ProducerPerformance",
                List.of(
                    "--topic",
                    "performance",
                    "--num-records",
                    "20000",
                    "--record-size",
                    "1000",
                    "--throughput",
                    "-1",
                    "--command-property",
                    "bootstrap.servers=" + BROKER.bootstrap(),
                    "acks=all"))
            .orFail()
            .output();

    assertThat(output).contains("20000 records sent");
    try (var consumer = BROKER.clients().consumer()) {
      assertThat(
              consumer.endOffsets(KafkaClients.partitions("performance", 3)).values().stream()
                  .mapToLong(Long::longValue)
                  .sum())
          .isEqualTo(20_000);
    }
  }

  @Test
  void endToEndLatencyMeasures() throws Exception {
    Tool tool =
        Tool.kafkaBriefly(
                Repository.find(),
                "org.apache.kafka.tools.EndToEndLatency",
                List.of(
                    "--bootstrap-server",
                    BROKER.bootstrap(),
                    "--topic",
                    "latency",
                    "--num-records",
                    "500",
                    "--producer-acks",
                    "all",
                    "--record-size",
                    "100"))
            .orFail();

    assertThat(tool.output()).contains("Percentiles: 50th = ");
  }

  @Test
  void consoleProducerWritesItsInput() throws Exception {
    BROKER.clients().createTopic("typed", 1);
    Path input = folder.resolve("input");
    Files.writeString(input, "one\ntwo\nthree\n");
    var command =
        List.of(
            "/bin/sh",
            "-c",
            "exec '%s' -cp '%s' org.apache.kafka.tools.ConsoleProducer --bootstrap-server %s --topic typed < '%s'"
                .formatted(
                    Repository.java(),
                    Repository.find().kafkaClassPath(),
                    BROKER.bootstrap(),
                    input));

    Tool.run(command).orFail();

    assertThat(TestReads.values(BROKER.clients(), "typed", 3))
        .isEqualTo(List.of("one", "two", "three"));
  }

  private static void produce(String topic, int partition, int count) throws Exception {
    try (var producer = BROKER.clients().producer()) {
      for (int i = 0; i < count; i++) {
        producer.send(new ProducerRecord<>(topic, partition, 1000L + i, "k", "v" + i)).get();
      }
    }
  }
}
