package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.Repository;
import io.millrace.bench.Tool;
import io.millrace.interop.GroupTest.Protocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Apache Kafka's command-line tools for groups, and those that join one.
final class GroupToolsTest {
  private static final String GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
  private static final String CONSOLE = "org.apache.kafka.tools.consumer.ConsoleConsumer";

  /// The topic has ten records per partition, one a minute from here on.
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

  private static final int RECORDS = 10;

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms", "0", "group.min.session.timeout.ms", "1000");

  @TempDir static Path folder;

  @BeforeAll
  static void fill() throws Exception {
    KafkaClients clients = BROKER.clients();
    for (String topic : List.of("tools", "live")) {
      // The records are older than what is kept otherwise.
      clients.createTopic(topic, 2, "retention.ms", "-1");
      try (var producer = clients.producer()) {
        for (int i = 0; i < RECORDS; i++) {
          for (int partition = 0; partition < 2; partition++) {
            long timestamp = FIRST.plus(Duration.ofMinutes(i)).toEpochMilli();
            var _ = producer.send(new ProducerRecord<>(topic, partition, timestamp, "k", "v" + i));
          }
        }
      }
    }
  }

  @Test
  void liveGroupsAreListedAndDescribed() throws Exception {
    for (Protocol protocol : List.of(Protocol.RANGE, Protocol.CONSUMER)) {
      String group = "live-" + protocol;
      try (var consumer =
          protocol.consumer(
              BROKER.clients(), group, "client.id", "tooled", "enable.auto.commit", false)) {
        consumer.subscribe(List.of("live"));
        int count = 0;
        while (count < 2 * RECORDS) {
          count += consumer.poll(Duration.ofMillis(100)).count();
        }
        consumer.commitSync();

        String type = protocol == Protocol.CONSUMER ? "Consumer" : "Classic";
        assertThat(row(GROUPS, group, "--list", "--state")).containsExactly(group, "Stable");
        assertThat(row(GROUPS, group, "--list", "--type")).containsExactly(group, type);
        assertThat(groups("--describe", "--group", group, "--members", "--verbose"))
            .contains("tooled", "/127.0.0.1", "CURRENT-ASSIGNMENT", "live");
        assertThat(groups("--describe", "--group", group, "--state", "--verbose"))
            .contains("Stable", protocol == Protocol.CONSUMER ? "uniform" : "range");
        if (protocol == Protocol.CONSUMER) {
          assertThat(row(GROUPS, group, "--list")).containsExactly(group);
          assertThat(row(GROUPS, group, "--list", "--state", "Stable")).contains(group);
          assertThat(row(GROUPS, group, "--list", "--state", "Empty")).isEmpty();
          assertThat(row(GROUPS, group, "--list", "--type", type)).contains(group);
          assertThat(groups("--describe", "--group", group).lines())
              .filteredOn(line -> line.startsWith(group))
              .hasSize(2)
              .allSatisfy(line -> assertThat(line).contains("live", "10", "tooled", "/127.0.0.1"));
          assertThat(row("org.apache.kafka.tools.GroupsCommand", group, "--list"))
              .containsExactly(group, type, "consumer");
        }
      }
    }
  }

  @Test
  void offsetsAreResetByEveryStrategy() throws Exception {
    String group = "reset";
    commit(group, "tools", 5, 5);

    reset(group, 0, 0, "--to-earliest");
    reset(group, 10, 10, "--to-latest");
    reset(group, 3, 3, "--to-offset", "3");
    reset(group, 7, 7, "--shift-by", "4");
    reset(group, 6, 6, "--shift-by", "-1");
    reset(group, 6, 6, "--to-current");
    reset(group, 4, 4, "--to-datetime", "2026-01-01T00:04:00.000");
    reset(group, 0, 0, "--by-duration", "P10000D");
    Path file = folder.resolve("offsets.csv");
    Files.writeString(file, "tools,0,2\ntools,1,8\n");
    groups("--reset-offsets", "--group", group, "--from-file", file.toString(), "--execute");
    assertThat(committed(group, "tools")).containsExactly(2L, 8L);
    // A plan changes nothing.
    assertThat(
            groups(
                "--reset-offsets",
                "--group",
                group,
                "--topic",
                "tools",
                "--to-earliest",
                "--export",
                "--dry-run"))
        .contains("tools,0,0", "tools,1,0");
    assertThat(committed(group, "tools")).containsExactly(2L, 8L);
    // One partition only.
    groups(
        "--reset-offsets", "--group", group, "--topic", "tools:1", "--to-offset", "9", "--execute");
    assertThat(committed(group, "tools")).containsExactly(2L, 9L);
    assertThat(groups("--describe", "--group", group, "--offsets")).contains("tools");
  }

  private static void reset(String group, long first, long second, String... strategy)
      throws Exception {
    var arguments =
        new ArrayList<>(List.of("--reset-offsets", "--group", group, "--all-topics", "--execute"));
    arguments.addAll(List.of(strategy));
    groups(arguments.toArray(String[]::new));
    assertThat(committed(group, "tools"))
        .as(String.join(" ", strategy))
        .containsExactly(first, second);
  }

  @Test
  void offsetsAndGroupsAreDeleted() throws Exception {
    String group = "deleted";
    commit(group, "tools", 5, 6);
    commit(group, "live", 7, 8);

    assertThat(groups("--delete-offsets", "--group", group, "--topic", "tools:1"))
        .contains("Successful");
    assertThat(committed(group, "tools")).containsExactly(5L, -1L);
    groups("--delete-offsets", "--group", group, "--topic", "live");
    assertThat(committed(group, "live")).containsExactly(-1L, -1L);
    assertThat(groups("--delete", "--group", group)).contains("successful");
    assertThat(committed(group, "tools")).containsExactly(-1L, -1L);
    assertThat(row(GROUPS, group, "--list")).isEmpty();
  }

  @Test
  void groupWithMembersIsNeitherDeletedNorReset() throws Exception {
    try (var consumer = Protocol.CONSUMER.consumer(BROKER.clients(), "busy")) {
      consumer.subscribe(List.of("live"));
      while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
        // Not in the group yet.
      }

      assertThat(groups("--delete", "--group", "busy")).contains("GroupNotEmptyException");
      assertThat(
              groups(
                  "--reset-offsets",
                  "--group",
                  "busy",
                  "--topic",
                  "live",
                  "--to-earliest",
                  "--execute"))
          .contains("Assignments can only be reset if the group 'busy' is inactive");
      assertThat(groups("--delete-offsets", "--group", "busy", "--topic", "live"))
          .contains("subscribed");
    }
  }

  @Test
  void consoleConsumerReadsWithAndWithoutAGroup() throws Exception {
    String[] values = {
      "--topic", "tools", "--from-beginning", "--max-messages", "20", "--timeout-ms", "30000"
    };
    var withGroup = new ArrayList<>(List.of(values));
    withGroup.addAll(List.of("--group", "console"));

    assertThat(BROKER.kafkaTool(CONSOLE, values).lines()).hasSize(20).contains("v0", "v9");
    assertThat(BROKER.kafkaTool(CONSOLE, withGroup.toArray(String[]::new)).lines()).hasSize(20);
    assertThat(committed("console", "tools")).containsExactly(10L, 10L);
    var consumerProtocol = new ArrayList<>(List.of(values));
    consumerProtocol.addAll(
        List.of("--group", "console-2", "--command-property", "group.protocol=consumer"));
    assertThat(BROKER.kafkaTool(CONSOLE, consumerProtocol.toArray(String[]::new)).lines())
        .hasSize(20);
  }

  @Test
  void consumerPerformanceReads() throws Exception {
    assertThat(
            BROKER.kafkaTool(
                "org.apache.kafka.tools.ConsumerPerformance",
                "--topic",
                "tools",
                "--group",
                "performance",
                "--num-records",
                "20",
                "--timeout",
                "30000"))
        .contains("data.consumed.in.nMsg")
        .containsPattern(", 20, ");
  }

  @Test
  void offsetsTopicIsReadable() throws Exception {
    commit("readable", "tools", 1, 2);

    Tool tool =
        Tool.kafkaBriefly(
            Repository.find(),
            CONSOLE,
            List.of(
                "--bootstrap-server",
                BROKER.bootstrap(),
                "--topic",
                "__consumer_offsets",
                "--from-beginning",
                "--timeout-ms",
                "3000",
                "--formatter",
                "org.apache.kafka.tools.consumer.OffsetsMessageFormatter"));

    assertThat(tool.output())
        .contains("\"group\":\"readable\",\"topic\":\"tools\",\"partition\":1", "\"offset\":2");
  }

  private static void commit(String group, String topic, long first, long second) throws Exception {
    try (var admin = BROKER.clients().admin()) {
      admin
          .alterConsumerGroupOffsets(
              group,
              Map.of(
                  new TopicPartition(topic, 0), new OffsetAndMetadata(first),
                  new TopicPartition(topic, 1), new OffsetAndMetadata(second)))
          .all()
          .get();
    }
  }

  /// What is committed for partitions 0 and 1; -1 for nothing.
  private static List<Long> committed(String group, String topic) throws Exception {
    try (var admin = BROKER.clients().admin()) {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      return KafkaClients.partitions(topic, 2).stream()
          .map(offsets::get)
          .map(offset -> offset == null ? -1L : offset.offset())
          .toList();
    }
  }

  private static String groups(String... arguments) throws Exception {
    var all = new ArrayList<>(List.of("--bootstrap-server", BROKER.bootstrap()));
    all.addAll(List.of(arguments));
    Tool tool = Tool.kafkaBriefly(Repository.find(), GROUPS, all).orFail();
    return tool.output() + tool.errors();
  }

  /// The words of the line of a group, or nothing if it has none.
  private static List<String> row(String tool, String group, String... arguments) throws Exception {
    return BROKER
        .kafkaTool(tool, arguments)
        .lines()
        .map(line -> List.of(line.strip().split("\\s+", -1)))
        .filter(words -> words.getFirst().equals(group))
        .findFirst()
        .orElse(List.of());
  }
}
