package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Apache Kafka's command-line tool for transactions.
final class TransactionToolsTest {
  private static final String TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand";

  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  private final KafkaClients clients = BROKER.clients();

  @Test
  void transactionsAreListedAndDescribed() throws Exception {
    clients.createTopic("listed", 1);
    try (var producer = open("listed-id", "listed")) {
      assertThat(row("listed-id", "list")).contains("Ongoing");
      assertThat(row("listed-id", "describe", "--transactional-id", "listed-id"))
          .contains("Ongoing", "60000", "listed-0");
      assertThat(
              BROKER.kafkaTool(
                  TRANSACTIONS, "describe-producers", "--topic", "listed", "--partition", "0"))
          .contains("ProducerId", "CurrentTransactionStartOffset");
      assertThat(
              BROKER
                  .kafkaTool(
                      TRANSACTIONS, "describe-producers", "--topic", "listed", "--partition", "0")
                  .lines()
                  .skip(1)
                  .map(line -> List.of(line.strip().split("\\s+", -1))))
          .singleElement()
          // The last column: where the open transaction begins.
          .satisfies(words -> assertThat(words.getLast()).isEqualTo("0"));
      producer.commitTransaction();
    }
    KafkaClients.await("it is complete", () -> row("listed-id", "list").contains("CompleteCommit"));
  }

  @Test
  void hangingTransactionIsFoundAndAborted() throws Exception {
    clients.createTopic("hanging", 1);
    try (var hanging = open("hanging-id", "hanging")) {
      assertThat(hanging.partitionsFor("hanging")).hasSize(1);
      // Nothing hangs as long as its coordinator knows of it.
      assertThat(
              BROKER.kafkaTool(
                  TRANSACTIONS,
                  "find-hanging",
                  "--topic",
                  "hanging",
                  "--partition",
                  "0",
                  "--max-transaction-timeout",
                  "0"))
          .doesNotContain("hanging-id");

      BROKER.kafkaTool(
          TRANSACTIONS, "abort", "--topic", "hanging", "--partition", "0", "--start-offset", "0");

      assertThat(clients.readAll("hanging")).hasSize(1);
      try (var plain = clients.producer()) {
        plain.send(new ProducerRecord<>("hanging", 0, null, "after")).get();
      }
      assertThat(clients.readAll("hanging", "isolation.level", "read_committed"))
          .extracting(ConsumerRecord::value)
          .containsExactly("after");
    }
  }

  @Test
  void transactionIsTerminatedByForce() throws Exception {
    clients.createTopic("terminated", 1);
    try (var producer = open("terminated-id", "terminated")) {
      BROKER.kafkaTool(
          TRANSACTIONS, "forceTerminateTransaction", "--transactionalId", "terminated-id");

      assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
    }
    // Aborted, and made ready for a producer that would follow.
    KafkaClients.await("it is over", () -> row("terminated-id", "list").contains("Empty"));
    assertThat(clients.readAll("terminated", "isolation.level", "read_committed")).isEmpty();
  }

  /// A producer with one record in a transaction that is open.
  private KafkaProducer<String, String> open(String id, String topic) {
    KafkaProducer<String, String> producer = clients.producer("transactional.id", id);
    producer.initTransactions();
    producer.beginTransaction();
    var _ = producer.send(new ProducerRecord<>(topic, 0, null, "open"));
    producer.flush();
    return producer;
  }

  /// The words of the line that names a transactional id.
  private static List<String> row(String id, String... arguments) throws Exception {
    return BROKER
        .kafkaTool(TRANSACTIONS, arguments)
        .lines()
        .map(line -> List.of(line.strip().split("\\s+", -1)))
        .filter(words -> words.contains(id))
        .findFirst()
        .orElse(List.of());
  }
}
