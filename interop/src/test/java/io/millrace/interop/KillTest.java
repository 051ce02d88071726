package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.BrokerProcess;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/// What a broker keeps over its end. [KillRounds] does more rounds.
final class KillTest {
  private static final int ROUNDS = 3;

  @Test
  void nothingAcknowledgedIsLostOrDoubledByKill() throws Exception {
    long seed = System.nanoTime();
    try (BrokerProcess broker = TestBroker.create("KillTest", Map.of())) {
      broker.start();

      KillRun.Report report = new KillRun(broker, seed).run(ROUNDS);

      assertThat(report.violations()).as("seed %d, %s", seed, broker.outputTail()).isEmpty();
      assertThat(report.restarts()).hasSize(ROUNDS);
    }
  }

  @Test
  void cleanRestartKeepsTopicsRecordsConfigsAndIdentity() throws Exception {
    try (BrokerProcess broker = TestBroker.create("RestartTest", Map.of())) {
      broker.start();
      var clients = new KafkaClients(broker.bootstrap());
      clients.createTopic("kept", 2, "retention.ms", "123456789");
      produce(clients, "before");
      String clusterId = clusterId(clients);

      broker.stop();
      broker.start();

      assertThat(clusterId(clients)).isEqualTo(clusterId);
      produce(clients, "after");
      assertThat(clients.readAll("kept"))
          .extracting(ConsumerRecord::value)
          .containsExactly("before", "after");
      try (Admin admin = clients.admin()) {
        assertThat(admin.listTopics().names().get()).contains("kept");
      }
    }
  }

  private static void produce(KafkaClients clients, String value) throws Exception {
    try (var producer = clients.producer()) {
      producer.send(new ProducerRecord<>("kept", 1, "k", value)).get();
    }
  }

  private static String clusterId(KafkaClients clients) throws Exception {
    try (Admin admin = clients.admin()) {
      return admin.describeCluster().clusterId().get();
    }
  }
}
