package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.interop.GroupTest.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Where a group goes on after its consumers, or the broker, were gone.
final class GroupCommitTest {
  private static final int RECORDS = 100;

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms",
          "0",
          "group.min.session.timeout.ms",
          "500",
          "group.consumer.min.session.timeout.ms",
          "500",
          "group.consumer.session.timeout.ms",
          "1000",
          "group.consumer.min.heartbeat.interval.ms",
          "100",
          "group.consumer.heartbeat.interval.ms",
          "200");

  private final KafkaClients clients = BROKER.clients();

  @ParameterizedTest
  @EnumSource
  void commitsOutliveConsumersAndAKilledBroker(Protocol protocol) throws Exception {
    String topic = "kept-" + protocol;
    fill(topic);
    var partition = new TopicPartition(topic, 0);
    try (var consumer = consumer(protocol, topic, false)) {
      poll(consumer, 10);
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(42, "forty-two")));
    }

    BROKER.process().kill();
    BROKER.process().launch();
    BROKER.process().awaitReady();

    try (var consumer = consumer(protocol, topic, false)) {
      assertThat(consumer.committed(Set.of(partition)))
          .containsEntry(partition, new OffsetAndMetadata(42, "forty-two"));
      assertThat(poll(consumer, RECORDS - 42)).containsExactlyElementsOf(values(42, RECORDS));
    }
  }

  /// At least once: what was processed and not yet committed comes again.
  @ParameterizedTest
  @EnumSource
  void processedButNotCommittedComesAgainAfterACrash(Protocol protocol) throws Exception {
    String topic = "again-" + protocol;
    fill(topic);
    KafkaConsumer<String, String> crashing = consumer(protocol, topic, false);
    assertThat(poll(crashing, 10)).containsExactlyElementsOf(values(0, 10));
    crashing.commitSync();
    assertThat(poll(crashing, 10)).containsExactlyElementsOf(values(10, 20));
    crash(crashing);

    try (var consumer = consumer(protocol, topic, false)) {
      assertThat(poll(consumer, RECORDS - 10)).containsExactlyElementsOf(values(10, RECORDS));
    }
  }

  /// At most once: what was committed and not yet processed does not come again.
  @ParameterizedTest
  @EnumSource
  void committedButNotProcessedDoesNotComeAgainAfterACrash(Protocol protocol) throws Exception {
    String topic = "never-" + protocol;
    fill(topic);
    KafkaConsumer<String, String> crashing = consumer(protocol, topic, false);
    poll(crashing, 10);
    crashing.commitSync();
    crash(crashing);

    try (var consumer = consumer(protocol, topic, false)) {
      assertThat(poll(consumer, RECORDS - 10)).containsExactlyElementsOf(values(10, RECORDS));
    }
  }

  /// The client commits what earlier polls returned, never what the last one did unless it closes.
  @ParameterizedTest
  @EnumSource
  void automaticCommitsCoverWhatWasProcessed(Protocol protocol) throws Exception {
    String topic = "auto-" + protocol;
    fill(topic);
    try (var consumer = consumer(protocol, topic, true)) {
      assertThat(poll(consumer, 30)).hasSize(30);
    }

    var partition = new TopicPartition(topic, 0);
    try (var consumer = consumer(protocol, topic, false)) {
      assertThat(consumer.committed(Set.of(partition)))
          .containsEntry(partition, new OffsetAndMetadata(30, java.util.Optional.of(0), ""));
      assertThat(poll(consumer, RECORDS - 30)).containsExactlyElementsOf(values(30, RECORDS));
    }
  }

  @Test
  void consumersWithoutMembershipCommitToo() throws Exception {
    String topic = "simple";
    fill(topic);
    var partition = new TopicPartition(topic, 0);
    try (var consumer = clients.consumer("group.id", "simple", "enable.auto.commit", false)) {
      consumer.assign(List.of(partition));
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7)));
    }

    try (var consumer = clients.consumer("group.id", "simple", "enable.auto.commit", false)) {
      consumer.assign(List.of(partition));
      assertThat(consumer.position(partition)).isEqualTo(7);
      assertThat(Objects.requireNonNull(consumer.committed(Set.of(partition)).get(partition)))
          .isEqualTo(new OffsetAndMetadata(7));
    }
  }

  /// One topic, many groups: each has offsets of its own.
  @ParameterizedTest
  @EnumSource
  void groupsDoNotShareOffsets(Protocol protocol) throws Exception {
    String topic = "shared-" + protocol;
    fill(topic);
    for (String group : List.of("first", "second")) {
      try (var consumer =
          protocol.consumer(
              clients, topic + "-" + group, "max.poll.records", 10, "enable.auto.commit", false)) {
        consumer.subscribe(List.of(topic));
        assertThat(poll(consumer, RECORDS)).containsExactlyElementsOf(values(0, RECORDS));
        consumer.commitSync();
      }
    }
  }

  private KafkaConsumer<String, String> consumer(Protocol protocol, String topic, boolean auto) {
    KafkaConsumer<String, String> consumer =
        protocol == Protocol.CONSUMER
            ? protocol.consumer(clients, topic, "max.poll.records", 10, "enable.auto.commit", auto)
            : protocol.consumer(
                clients,
                topic,
                "max.poll.records",
                10,
                "enable.auto.commit",
                auto,
                "session.timeout.ms",
                1000,
                "heartbeat.interval.ms",
                200);
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  /// Gone without a word.
  private static void crash(KafkaConsumer<String, String> consumer) {
    consumer.close(
        CloseOptions.timeout(Duration.ZERO)
            .withGroupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));
  }

  private void fill(String topic) throws Exception {
    clients.createTopic(topic, 1);
    try (var producer = clients.producer()) {
      for (int i = 0; i < RECORDS; i++) {
        var _ = producer.send(new ProducerRecord<>(topic, 0, null, Integer.toString(i)));
      }
    }
  }

  private static List<String> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  /// The values of the next records; the count is a multiple of what one poll returns, or reaches
  /// the end.
  private static List<String> poll(KafkaConsumer<String, String> consumer, int count) {
    var values = new ArrayList<String>();
    long deadlineNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (values.size() < count && System.nanoTime() < deadlineNs) {
      for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
        values.add(record.value());
      }
    }
    return values;
  }
}
