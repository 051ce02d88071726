package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ConsumerTest {
  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  private final KafkaClients clients = BROKER.clients();

  @Test
  void offsetsAreFoundByTime() throws Exception {
    clients.createTopic("times", 1);
    produce("times", 0, 100);
    var partition = new TopicPartition("times", 0);

    try (var consumer = clients.consumer()) {
      assertThat(consumer.beginningOffsets(List.of(partition))).isEqualTo(Map.of(partition, 0L));
      assertThat(consumer.endOffsets(List.of(partition))).isEqualTo(Map.of(partition, 100L));
      assertThat(offsetForTime(consumer, partition, 0))
          .isEqualTo(new OffsetAndTimestamp(0, 1000, epoch()));
      assertThat(offsetForTime(consumer, partition, 1505))
          .isEqualTo(new OffsetAndTimestamp(51, 1510, epoch()));
      assertThat(consumer.offsetsForTimes(Map.of(partition, 99_999L)).get(partition)).isNull();

      consumer.assign(List.of(partition));
      consumer.seek(partition, 51);
      assertThat(KafkaClients.readToEnd(consumer, List.of(partition)).getFirst().timestamp())
          .isEqualTo(1510);
    }
  }

  private static Optional<Integer> epoch() {
    return Optional.of(0);
  }

  private static OffsetAndTimestamp offsetForTime(
      KafkaConsumer<String, String> consumer, TopicPartition partition, long time) {
    return Objects.requireNonNull(consumer.offsetsForTimes(Map.of(partition, time)).get(partition));
  }

  @Test
  void adminFindsEarliestLatestAndNewest() throws Exception {
    clients.createTopic("newest", 1);
    var partition = new TopicPartition("newest", 0);
    try (var producer = clients.producer()) {
      for (long timestamp : new long[] {500, 900, 700}) {
        producer.send(new ProducerRecord<>("newest", 0, timestamp, "k", "v")).get();
      }
    }

    try (Admin admin = clients.admin()) {
      assertThat(list(admin, partition, OffsetSpec.earliest()).offset()).isZero();
      assertThat(list(admin, partition, OffsetSpec.latest()).offset()).isEqualTo(3);
      ListOffsetsResultInfo newest = list(admin, partition, OffsetSpec.maxTimestamp());
      assertThat(newest.offset()).isEqualTo(1);
      assertThat(newest.timestamp()).isEqualTo(900);
      assertThat(list(admin, partition, OffsetSpec.forTimestamp(600)).offset()).isEqualTo(1);
      assertThat(list(admin, partition, OffsetSpec.forTimestamp(901)).offset()).isEqualTo(-1);
    }
  }

  private static ListOffsetsResultInfo list(Admin admin, TopicPartition partition, OffsetSpec spec)
      throws InterruptedException, ExecutionException {
    return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
  }

  @Test
  void positionOutOfRangeIsToldOrResetAsTheConsumerWants() throws Exception {
    clients.createTopic("range", 1);
    produce("range", 0, 10);
    var partition = new TopicPartition("range", 0);

    try (var strict = clients.consumer("auto.offset.reset", "none")) {
      strict.assign(List.of(partition));
      strict.seek(partition, 11);
      assertThatThrownBy(() -> strict.poll(Duration.ofSeconds(30)))
          .isInstanceOf(OffsetOutOfRangeException.class);
    }
    try (var lenient = clients.consumer("auto.offset.reset", "earliest")) {
      lenient.assign(List.of(partition));
      lenient.seek(partition, 11);
      assertThat(KafkaClients.readToEnd(lenient, List.of(partition))).isEmpty();
      assertThat(pollUntil(lenient, 10)).hasSize(10);
    }
  }

  @Test
  void longPollEndsWhenARecordComes() throws Exception {
    clients.createTopic("awaited", 1);
    var partition = new TopicPartition("awaited", 0);
    try (var producer = clients.producer()) {
      producer.partitionsFor("awaited");
      var consumer = clients.consumer("fetch.max.wait.ms", 60_000, "request.timeout.ms", 90_000);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      FutureTask<ConsumerRecords<String, String>> poll =
          start(() -> consumer.poll(Duration.ofSeconds(50)));
      producer.send(new ProducerRecord<>("awaited", 0, "k", "v")).get();

      // Far below the time that the fetch may wait for.
      assertThat(poll.get(30, TimeUnit.SECONDS).count()).isEqualTo(1);
      // The next fetch is on its way already: closing is not to wait for it.
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private static <T> FutureTask<T> start(Callable<T> work) {
    var task = new FutureTask<>(work);
    Thread.startVirtualThread(task);
    return task;
  }

  @Test
  void smallFetchesReadEverything() throws Exception {
    clients.createTopic("small", 3);
    try (var producer = clients.producer("batch.size", 1000)) {
      for (int i = 0; i < 3000; i++) {
        var _ = producer.send(new ProducerRecord<>("small", i % 3, "k", i + "x".repeat(100)));
      }
    }

    assertThat(
            clients.readAll(
                "small",
                "max.partition.fetch.bytes",
                500,
                "fetch.max.bytes",
                2000,
                "max.poll.records",
                7))
        .hasSize(3000);
  }

  @Test
  void assignmentsMayChangeWithinASession() throws Exception {
    clients.createTopic("left", 2);
    clients.createTopic("right", 2);
    var left = KafkaClients.partitions("left", 2);
    var right = KafkaClients.partitions("right", 2);
    var both = new ArrayList<>(left);
    both.addAll(right);

    try (var consumer = clients.consumer("auto.offset.reset", "earliest")) {
      for (int round = 0; round < 3; round++) {
        for (TopicPartition partition : both) {
          produce(partition.topic(), partition.partition(), 10);
        }
        consumer.assign(left);
        left.forEach(partition -> consumer.seek(partition, 0));
        assertThat(KafkaClients.readToEnd(consumer, left)).hasSize(20 * (round + 1));
        consumer.assign(both);
        both.forEach(partition -> consumer.seek(partition, 0));
        assertThat(KafkaClients.readToEnd(consumer, both)).hasSize(40 * (round + 1));
        consumer.pause(left);
        right.forEach(partition -> consumer.seek(partition, 0));
        assertThat(KafkaClients.readToEnd(consumer, right))
            .hasSize(20 * (round + 1))
            .allMatch(record -> record.topic().equals("right"));
        consumer.resume(left);
      }
    }
  }

  @Test
  void committedReadersSeeWhatIsNotTransactional() throws Exception {
    clients.createTopic("committed", 1);
    produce("committed", 0, 10);

    assertThat(clients.readAll("committed", "isolation.level", "read_committed")).hasSize(10);
  }

  @Test
  void topicMadeAnewIsReadAnew() throws Exception {
    for (int round = 0; round < 3; round++) {
      clients.createTopic("anew", 1);
      try (var producer = clients.producer()) {
        String value = "round-" + round;
        producer.send(new ProducerRecord<>("anew", 0, "k", value)).get();
        assertThat(clients.readAll("anew"))
            .extracting(ConsumerRecord::value)
            .isEqualTo(List.of(value));
      }
      try (Admin admin = clients.admin()) {
        admin.deleteTopics(List.of("anew")).all().get();
      }
    }
  }

  @Test
  void topicThatIsNotThereHasNoPartitions() {
    try (var consumer =
        clients.consumer("allow.auto.create.topics", false, "default.api.timeout.ms", 5000)) {
      assertThat(consumer.partitionsFor("never-made")).isEmpty();
      assertThat(consumer.listTopics()).doesNotContainKey("never-made");
    }
  }

  private void produce(String topic, int partition, int count) throws Exception {
    try (var producer = clients.producer()) {
      for (int i = 0; i < count; i++) {
        var _ =
            producer.send(new ProducerRecord<>(topic, partition, 1000L + 10L * i, "k", "v" + i));
      }
    }
  }

  private static List<ConsumerRecord<String, String>> pollUntil(
      KafkaConsumer<String, String> consumer, int count) {
    var records = new ArrayList<ConsumerRecord<String, String>>();
    long deadlineNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (records.size() < count && System.nanoTime() < deadlineNs) {
      consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    }
    return records;
  }
}
