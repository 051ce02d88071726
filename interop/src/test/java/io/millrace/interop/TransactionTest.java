package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The transactional producer of Kafka's Java client. [PipelineTest] is about pipelines.
final class TransactionTest {
  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200");

  private final KafkaClients clients = BROKER.clients();

  @Test
  void committedReadersSeeWhatWasCommittedAndNothingElse() throws Exception {
    clients.createTopic("seen", 2);
    try (var producer = producer("seen")) {
      producer.initTransactions();
      for (int i = 0; i < 20; i++) {
        producer.beginTransaction();
        send(producer, "seen", 0, i + "-a");
        send(producer, "seen", 1, i + "-b");
        // What was not sent yet is dropped by an abort.
        producer.flush();
        if (i % 3 == 0) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
      }
    }

    List<String> committed =
        IntStream.range(0, 20)
            .filter(i -> i % 3 != 0)
            .boxed()
            .flatMap(i -> List.of(i + "-a", i + "-b").stream())
            .toList();
    assertThat(committed("seen")).containsExactlyInAnyOrderElementsOf(committed);
    assertThat(clients.readAll("seen")).hasSize(40);
  }

  /// Compressed batches of many sizes, interleaved with a producer without transactions.
  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd"})
  void abortedBatchesAreLeftOutAmongOthers(String codec) throws Exception {
    String topic = "mixed-" + codec;
    clients.createTopic(topic, 1);
    var expected = new ArrayList<String>();
    try (var plain = clients.producer("compression.type", codec);
        var one = producer(topic + "-1", "compression.type", codec, "batch.size", 500);
        var two = producer(topic + "-2", "compression.type", codec, "batch.size", 500)) {
      one.initTransactions();
      two.initTransactions();
      for (int i = 0; i < 10; i++) {
        one.beginTransaction();
        two.beginTransaction();
        for (int j = 0; j < 10; j++) {
          send(one, topic, 0, "one-" + i + "-" + j);
          send(two, topic, 0, "two-" + i + "-" + j);
          plain.send(new ProducerRecord<>(topic, 0, null, "plain-" + i + "-" + j)).get();
          expected.add((i % 2 == 0 ? "one-" : "two-") + i + "-" + j);
          expected.add("plain-" + i + "-" + j);
        }
        one.flush();
        two.flush();
        if (i % 2 == 0) {
          two.abortTransaction();
          one.commitTransaction();
        } else {
          two.commitTransaction();
          one.abortTransaction();
        }
      }
    }

    assertThat(committed(topic)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void openTransactionHoldsCommittedReadersBack() throws Exception {
    clients.createTopic("open", 1);
    var partition = new TopicPartition("open", 0);
    try (var producer = producer("open");
        var plain = clients.producer();
        var reader = clients.consumer("isolation.level", "read_committed")) {
      plain.send(new ProducerRecord<>("open", 0, null, "before")).get();
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "open", 0, "inside");
      producer.flush();
      plain.send(new ProducerRecord<>("open", 0, null, "after")).get();

      assertThat(reader.endOffsets(List.of(partition))).isEqualTo(Map.of(partition, 1L));
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      assertThat(KafkaClients.readToEnd(reader, List.of(partition)))
          .extracting(ConsumerRecord::value)
          .containsExactly("before");

      producer.commitTransaction();

      KafkaClients.await(
          "the marker is there",
          () -> Long.valueOf(4).equals(reader.endOffsets(List.of(partition)).get(partition)));
      assertThat(KafkaClients.readToEnd(reader, List.of(partition)))
          .extracting(ConsumerRecord::value)
          .containsExactly("inside", "after");
    }
  }

  @Test
  void newerProducerOfAnIdFencesTheOlder() throws Exception {
    clients.createTopic("fenced", 1);
    try (var older = producer("fenced");
        var newer = producer("fenced")) {
      older.initTransactions();
      older.beginTransaction();
      send(older, "fenced", 0, "of the older");
      older.flush();

      newer.initTransactions();
      newer.beginTransaction();
      send(newer, "fenced", 0, "of the newer");
      newer.commitTransaction();

      assertThatThrownBy(older::commitTransaction)
          .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
    }
    assertThat(committed("fenced")).containsExactly("of the newer");
  }

  @Test
  void fencedProducerCannotWriteAnyMore() throws Exception {
    clients.createTopic("late", 1);
    try (var older = producer("late");
        var newer = producer("late")) {
      older.initTransactions();
      older.beginTransaction();
      send(older, "late", 0, "first");
      older.flush();
      newer.initTransactions();

      assertThatThrownBy(
              () -> {
                older.send(new ProducerRecord<>("late", 0, null, "late")).get();
                older.commitTransaction();
              })
          .satisfies(e -> assertThat(Throwables.getStackTrace(e)).containsIgnoringCase("epoch"));
    }
    assertThat(committed("late")).isEmpty();
  }

  @Test
  void transactionThatTakesTooLongIsAborted() throws Exception {
    clients.createTopic("slow", 1);
    try (var producer = producer("slow", "transaction.timeout.ms", 1000)) {
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "slow", 0, "too late");
      producer.flush();
      // One record and one marker.
      KafkaClients.await("the coordinator aborts it", () -> lastStable("slow") == 2);

      assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
    }
    assertThat(committed("slow")).isEmpty();

    try (var again = producer("slow")) {
      again.initTransactions();
      again.beginTransaction();
      send(again, "slow", 0, "in time");
      again.commitTransaction();
    }
    assertThat(committed("slow")).containsExactly("in time");
  }

  @Test
  void timeoutOverTheLimitIsRefused() {
    try (var producer = producer("too-long", "transaction.timeout.ms", 901_000)) {
      assertThatThrownBy(producer::initTransactions)
          .hasMessageContaining("larger than the maximum value");
    }
  }

  /// The transaction that was open when the broker was killed ends as its producer wants.
  @Test
  void openTransactionsOutliveAKilledBroker() throws Exception {
    clients.createTopic("survivor", 2);
    try (var committing = producer("survivor-commit");
        var aborting = producer("survivor-abort")) {
      for (var producer : List.of(committing, aborting)) {
        producer.initTransactions();
        producer.beginTransaction();
      }
      send(committing, "survivor", 0, "commit-1");
      committing.flush();
      send(aborting, "survivor", 0, "abort-1");
      aborting.flush();

      BROKER.process().kill();
      BROKER.process().launch();
      BROKER.process().awaitReady();

      assertThat(lastStable("survivor")).isZero();
      send(committing, "survivor", 1, "commit-2");
      send(aborting, "survivor", 1, "abort-2");
      aborting.abortTransaction();
      committing.commitTransaction();
    }
    assertThat(committed("survivor")).containsExactlyInAnyOrder("commit-1", "commit-2");
  }

  @Test
  void offsetsAreCommittedWithTheTransactionOrNotAtAll() throws Exception {
    clients.createTopic("source", 1);
    var partition = new TopicPartition("source", 0);
    try (var consumer = clients.consumer("group.id", "offsets-of-transactions");
        var producer = producer("offsets-of-transactions")) {
      consumer.assign(List.of(partition));
      producer.initTransactions();
      for (long offset = 1; offset <= 4; offset++) {
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(
            Map.of(partition, new OffsetAndMetadata(offset)), consumer.groupMetadata());
        if (offset % 2 == 1) {
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
      }
    }

    try (var admin = clients.admin()) {
      assertThat(
              admin
                  .listConsumerGroupOffsets("offsets-of-transactions")
                  .partitionsToOffsetAndMetadata()
                  .get())
          .containsEntry(partition, new OffsetAndMetadata(3));
    }
  }

  /// Transactions without records, and ones that follow each other at once.
  @Test
  void manySmallTransactionsFollowEachOther() throws Exception {
    clients.createTopic("small-ones", 3);
    try (var producer = producer("small-ones", "linger.ms", 0)) {
      producer.initTransactions();
      for (int i = 0; i < 300; i++) {
        producer.beginTransaction();
        if (i % 10 != 0) {
          send(producer, "small-ones", i % 3, Integer.toString(i));
        }
        if (i % 7 == 0) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
      }
    }

    assertThat(committed("small-ones"))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 300)
                .filter(i -> i % 10 != 0 && i % 7 != 0)
                .mapToObj(Integer::toString)
                .toList());
  }

  private KafkaProducer<String, String> producer(String id, Object... namesAndValues) {
    var settings = new ArrayList<Object>(List.of(namesAndValues));
    settings.addAll(List.of("transactional.id", id, "reconnect.backoff.max.ms", 100));
    return clients.producer(settings.toArray());
  }

  private static void send(
      KafkaProducer<String, String> producer, String topic, int partition, String value) {
    var _ = producer.send(new ProducerRecord<>(topic, partition, null, value));
  }

  private List<String> committed(String topic) {
    return clients.readAll(topic, "isolation.level", "read_committed").stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private long lastStable(String topic) {
    var partition = new TopicPartition(topic, 0);
    try (var consumer =
        clients.consumer("isolation.level", "read_committed", "default.api.timeout.ms", 30_000)) {
      return Objects.requireNonNull(
          consumer.endOffsets(List.of(partition), Duration.ofSeconds(30)).get(partition));
    }
  }
}
