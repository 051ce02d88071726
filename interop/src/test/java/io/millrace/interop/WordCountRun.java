package io.millrace.interop;

import io.millrace.bench.BrokerProcess;
import io.millrace.bench.Repository;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Publishes a text and has it counted by [WordCountApp], while the application and the broker are
/// killed and started again, and a second instance comes and is killed. The counts of a committed
/// reader must be the right ones in the end, and must never have gone down or stood still.
final class WordCountRun {
  private static final String INPUT = "text";
  private static final String OUTPUT = "counts";
  private static final int PARTITIONS = 4;
  private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(150);

  /// What a run showed; no violations is what is wanted.
  record Report(long lines, long words, int kills, List<String> violations) {}

  private final BrokerProcess broker;
  private final KafkaClients clients;
  private final Path file;
  private final long cacheBytes;
  private final Map<String, Long> expected = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private long lines;
  private long expectedTotal;
  private long countedTotal;
  private int kills;

  /// @param broker started, on a fresh directory
  /// @param file the text
  /// @param cacheBytes of the application; with 0 every single increment is a record
  WordCountRun(BrokerProcess broker, Path file, long cacheBytes) {
    this.broker = broker;
    this.clients = new KafkaClients(broker.bootstrap());
    this.file = file;
    this.cacheBytes = cacheBytes;
  }

  /// @param rounds how often the application and the broker are killed
  Report run(int rounds) throws Exception {
    count();
    clients.createTopic(INPUT, PARTITIONS);
    clients.createTopic(OUTPUT, PARTITIONS);
    Path states = Repository.find().root().resolve("interop/target/streams");
    TestBroker.deleteRecursively(states);
    var failure = new ArrayList<Exception>();
    Thread publisher = Thread.ofPlatform().name("publisher").start(() -> publish(failure));
    LineProcess first = start(states.resolve("1"));
    try (var reader = reader()) {
      for (int round = 0; round < rounds; round++) {
        awaitCounted(reader, expectedTotal * (3 * round + 1) / (3 * rounds + 2));
        first.kill();
        first = start(states.resolve("1"));
        awaitCounted(reader, expectedTotal * (3 * round + 2) / (3 * rounds + 2));
        broker.kill();
        broker.launch();
        broker.awaitReady();
        try (LineProcess second = start(states.resolve("2"))) {
          awaitCounted(reader, expectedTotal * (3 * round + 3) / (3 * rounds + 2));
          second.kill();
        }
        kills += 3;
      }
      awaitCounted(reader, expectedTotal);
      publisher.join();
      failure.forEach(e -> violations.add("publisher: " + e));
    } catch (AssertionError e) {
      violations.add(e.getMessage() + "; the application said:\n" + first.tail());
    } finally {
      first.terminate();
    }
    compare();
    return new Report(lines, expectedTotal, kills, violations);
  }

  private void count() throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines++;
        for (String word : WordCountApp.words(line)) {
          expected.merge(word, 1L, Long::sum);
          expectedTotal++;
        }
      }
    }
  }

  private void publish(List<Exception> failure) {
    try (var producer =
            clients.producer(
                "linger.ms", 20, "max.block.ms", 120_000, "reconnect.backoff.max.ms", 100);
        BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        var _ =
            producer.send(
                new ProducerRecord<>(INPUT, line),
                (_, e) -> {
                  if (e != null) {
                    failure.add(e);
                  }
                });
      }
    } catch (IOException | RuntimeException e) {
      failure.add(e);
    }
  }

  private LineProcess start(Path state) throws IOException {
    Files.createDirectories(state);
    return LineProcess.java(
        WordCountApp.class,
        List.of(
            broker.bootstrap(),
            "word-count",
            state.toString(),
            INPUT,
            OUTPUT,
            Long.toString(cacheBytes)),
        _ -> {});
  }

  private KafkaConsumer<String, Long> reader() {
    var settings = new TreeMap<String, Object>();
    settings.put("bootstrap.servers", broker.bootstrap());
    settings.put("isolation.level", "read_committed");
    settings.put("reconnect.backoff.max.ms", 100);
    var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer());
    List<TopicPartition> partitions = KafkaClients.partitions(OUTPUT, PARTITIONS);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  /// Reads until the counts add up to at least this.
  private void awaitCounted(KafkaConsumer<String, Long> reader, long total) {
    long deadlineNs = System.nanoTime() + PROGRESS_LIMIT.toNanos();
    while (countedTotal < total) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError(
            "%d of %d words counted within %s".formatted(countedTotal, total, PROGRESS_LIMIT));
      }
      for (ConsumerRecord<String, Long> record : reader.poll(Duration.ofMillis(200))) {
        long before = Objects.requireNonNullElse(counts.get(record.key()), 0L);
        long now = record.value();
        if (cacheBytes == 0 ? now != before + 1 : now <= before) {
          violations.add("%s: %d after %d".formatted(record.key(), now, before));
        }
        counts.put(record.key(), now);
        countedTotal += now - before;
      }
    }
  }

  private void compare() {
    if (!counts.equals(expected)) {
      expected.forEach(
          (word, count) -> {
            if (!count.equals(counts.get(word)) && violations.size() < 20) {
              violations.add("%s: %s, not %d".formatted(word, counts.get(word), count));
            }
          });
      counts.keySet().stream()
          .filter(word -> !expected.containsKey(word))
          .forEach(word -> violations.add(word + " is not in the text"));
    }
  }
}
