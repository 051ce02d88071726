package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.interop.GroupTest.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Exactly once from topic to topic: after workers came, went and vanished and the broker was
/// killed, the output is `f` of the input, record for record.
final class PipelineTest {
  private static final int PARTITIONS = 3;

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms",
          "200",
          "group.min.session.timeout.ms",
          "1000",
          "group.consumer.min.session.timeout.ms",
          "1000",
          "group.consumer.session.timeout.ms",
          "4000",
          "group.consumer.min.heartbeat.interval.ms",
          "100",
          "group.consumer.heartbeat.interval.ms",
          "300",
          "transaction.abort.timed.out.transaction.cleanup.interval.ms",
          "500");

  private final KafkaClients clients = BROKER.clients();

  @ParameterizedTest
  @EnumSource(names = {"COOPERATIVE", "CONSUMER"})
  void outputIsExactlyTheImageOfTheInput(Protocol protocol) throws Exception {
    String source = "in-" + protocol;
    String sink = "out-" + protocol;
    clients.createTopic(source, PARTITIONS);
    clients.createTopic(sink, PARTITIONS);
    var recorder = new GroupRecorder();
    var workers = new ArrayList<Pipeline>();
    try (var numbers = new NumberStream(clients, source, PARTITIONS, recorder, 1)) {
      workers.add(worker(protocol, source, sink, 1));
      awaitOutput(sink, 500);
      workers.add(worker(protocol, source, sink, 2));
      awaitOutput(sink, 1000);
      workers.getFirst().crash();
      workers.add(worker(protocol, source, sink, 1));
      awaitOutput(sink, 1000);
      BROKER.process().kill();
      BROKER.process().launch();
      BROKER.process().awaitReady();
      awaitOutput(sink, 1000);
      workers.get(1).stop();
      long written = numbers.finish();
      KafkaClients.await("all is processed", () -> committedCount(source) == written);
    } finally {
      for (Pipeline worker : workers) {
        worker.stop();
      }
    }

    assertThat(workers).allSatisfy(worker -> assertThat(worker.failure()).isNull());
    assertThat(recorder.violations()).isEmpty();
    Map<Integer, List<String>> input = new TreeMap<>();
    clients
        .readAll(source)
        .forEach(
            record ->
                input
                    .computeIfAbsent(record.partition(), _ -> new ArrayList<>())
                    .add(Pipeline.f(record.value())));
    Map<Integer, List<String>> output = new TreeMap<>();
    committed(sink)
        .forEach(
            record ->
                output
                    .computeIfAbsent(record.partition(), _ -> new ArrayList<>())
                    .add(record.value()));
    assertThat(output).isEqualTo(input);
  }

  private Pipeline worker(Protocol protocol, String source, String sink, int number) {
    return new Pipeline(clients, protocol, source + "-" + number, source, sink);
  }

  /// How many records the group has committed in all.
  private long committedCount(String group) throws Exception {
    try (var admin = clients.admin()) {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    }
  }

  private List<ConsumerRecord<String, String>> committed(String topic) {
    return clients.readAll(topic, "isolation.level", "read_committed");
  }

  /// Waits until this many more offsets are stable.
  private void awaitOutput(String topic, long more) throws Exception {
    var partitions = KafkaClients.partitions(topic, PARTITIONS);
    try (var consumer =
        clients.consumer("isolation.level", "read_committed", "reconnect.backoff.max.ms", 100)) {
      long before = sum(consumer.endOffsets(partitions));
      KafkaClients.await(
          more + " more in " + topic, () -> sum(consumer.endOffsets(partitions)) >= before + more);
    }
  }

  private static long sum(Map<?, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }
}
