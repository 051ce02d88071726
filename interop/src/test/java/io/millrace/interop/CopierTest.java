package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Kafka's transactional message copier, the program by which Kafka's own system tests try
/// transactions: it copies a topic in small transactions, aborts some of them at random, and is
/// killed, as is the broker.
final class CopierTest {
  private static final String COPIER = "org.apache.kafka.tools.TransactionalMessageCopier";
  private static final int PARTITIONS = 2;
  private static final int RECORDS = 6000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension
  static final TestBroker BROKER =
      TestBroker.with(
          "group.initial.rebalance.delay.ms",
          "200",
          "group.min.session.timeout.ms",
          "1000",
          "transaction.abort.timed.out.transaction.cleanup.interval.ms",
          "500");

  private final KafkaClients clients = BROKER.clients();

  /// A copier that gives up while the broker is away is started again, as whoever runs it would.
  ///
  /// @param groupMode whether the copiers share the input as a group, or have a partition each
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void copyEqualsTheOriginalOverKills(boolean groupMode) throws Exception {
    String input = "original-" + groupMode;
    String output = "copy-" + groupMode;
    clients.createTopic(input, PARTITIONS);
    clients.createTopic(output, PARTITIONS);
    fill(input);
    var copiers = new ArrayList<LineProcess>();
    try (var reader =
        clients.consumer("isolation.level", "read_committed", "reconnect.backoff.max.ms", 100)) {
      var partitions = KafkaClients.partitions(output, PARTITIONS);
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      var copied = new TreeMap<Integer, List<String>>();
      for (int i = 0; i < PARTITIONS; i++) {
        copiers.add(copier(groupMode, input, output, i));
      }
      Starter again = number -> copier(groupMode, input, output, number);
      await(copied, reader, RECORDS / 4, copiers, again);
      copiers.getFirst().kill();
      await(copied, reader, RECORDS / 2, copiers, again);
      BROKER.process().kill();
      BROKER.process().launch();
      BROKER.process().awaitReady();
      await(copied, reader, RECORDS, copiers, again);

      Map<Integer, List<String>> original = new TreeMap<>();
      clients.readAll(input).forEach(record -> add(original, record));
      assertThat(copied).isEqualTo(original);
    } finally {
      copiers.forEach(LineProcess::close);
    }
  }

  private static LineProcess copier(boolean groupMode, String input, String output, int number)
      throws Exception {
    var arguments =
        new ArrayList<>(
            List.of(
                "--broker-list",
                BROKER.bootstrap(),
                "--input-topic",
                input,
                "--input-partition",
                Integer.toString(number),
                "--output-topic",
                output,
                "--consumer-group",
                "copiers-of-" + input,
                "--transaction-size",
                "50",
                "--transaction-timeout",
                "30000",
                "--transactional-id",
                "copier-of-" + input + "-" + number,
                "--enable-random-aborts",
                "--use-group-metadata"));
    if (groupMode) {
      arguments.add("--group-mode");
    }
    return LineProcess.java(COPIER, arguments, _ -> {});
  }

  private interface Starter {
    LineProcess start(int number) throws Exception;
  }

  private static void await(
      Map<Integer, List<String>> copied,
      KafkaConsumer<String, String> reader,
      int count,
      List<LineProcess> copiers,
      Starter again)
      throws Exception {
    long deadlineNs = System.nanoTime() + LIMIT.toNanos();
    while (copied.values().stream().mapToInt(List::size).sum() < count) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError(
            "not %d records within %s; the copiers said:\n%s\nand\n%s"
                .formatted(count, LIMIT, copiers.getFirst().tail(), copiers.getLast().tail()));
      }
      for (int i = 0; i < copiers.size(); i++) {
        if (!copiers.get(i).isRunning()) {
          copiers.set(i, again.start(i));
        }
      }
      reader.poll(Duration.ofMillis(100)).forEach(record -> add(copied, record));
    }
  }

  private static void add(Map<Integer, List<String>> lists, ConsumerRecord<String, String> record) {
    lists.computeIfAbsent(record.partition(), _ -> new ArrayList<>()).add(record.value());
  }

  private void fill(String topic) {
    try (var producer = clients.producer()) {
      for (int i = 0; i < RECORDS; i++) {
        var _ =
            producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, Integer.toString(i)));
      }
    }
  }
}
