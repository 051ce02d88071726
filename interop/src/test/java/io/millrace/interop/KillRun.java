package io.millrace.interop;

import io.millrace.bench.BrokerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// `kill -9` under load: one idempotent producer with several requests in flight writes numbers to
/// a few partitions while the broker is killed and started again on the same directory, over and
/// over. In the end every record that was acknowledged must be there exactly once, at the offset
/// that the acknowledgement named, and each partition in the order in which it was sent to.
final class KillRun {
  private static final String TOPIC = "killed";
  private static final int PARTITIONS = 3;
  private static final int VALUE_BYTES = 500;
  private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(90);

  /// What a run showed; no violations is what is wanted.
  record Report(long acknowledged, List<Duration> restarts, List<String> violations) {}

  private record Acknowledged(int partition, long number, long offset) {}

  private final BrokerProcess broker;
  private final SplittableRandom random;
  private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong acknowledgedCount = new AtomicLong();
  private final AtomicBoolean stopped = new AtomicBoolean();

  /// @param broker started, on a fresh directory
  /// @param seed decides when the broker is killed
  KillRun(BrokerProcess broker, long seed) {
    this.broker = broker;
    this.random = new SplittableRandom(seed);
  }

  Report run(int rounds) throws Exception {
    var clients = new KafkaClients(broker.bootstrap());
    clients.createTopic(TOPIC, PARTITIONS);
    var restarts = new ArrayList<Duration>();
    try (var producer =
        clients.producer(
            "enable.idempotence",
            true,
            "max.in.flight.requests.per.connection",
            5,
            "batch.size",
            4000,
            "buffer.memory",
            2_000_000L,
            "reconnect.backoff.max.ms",
            100,
            "max.block.ms",
            120_000)) {
      Thread load = Thread.ofPlatform().name("load").start(() -> send(producer));
      for (int round = 0; round < rounds && failures.isEmpty(); round++) {
        awaitAcknowledged(acknowledgedCount.get() + random.nextLong(500, 20_000));
        broker.kill();
        long startNs = System.nanoTime();
        broker.launch();
        broker.awaitReady();
        restarts.add(Duration.ofNanos(System.nanoTime() - startNs));
      }
      awaitAcknowledged(acknowledgedCount.get() + 1000);
      stopped.set(true);
      load.join();
    }
    return new Report(acknowledgedCount.get(), restarts, violations(clients));
  }

  private void send(KafkaProducer<String, String> producer) {
    String filling = "x".repeat(VALUE_BYTES);
    for (long number = 0; !stopped.get() && failures.isEmpty(); number++) {
      long sent = number;
      int partition = (int) (number % PARTITIONS);
      try {
        var _ =
            producer.send(
                new ProducerRecord<>(TOPIC, partition, Long.toString(number), filling),
                (metadata, e) -> {
                  if (e != null) {
                    failures.add("record " + sent + " on partition " + partition + ": " + e);
                  } else {
                    acknowledged.add(new Acknowledged(partition, sent, metadata.offset()));
                    acknowledgedCount.incrementAndGet();
                  }
                });
      } catch (RuntimeException e) {
        failures.add("send of record " + number + ": " + e);
      }
    }
  }

  private void awaitAcknowledged(long count) throws InterruptedException {
    long deadlineNs = System.nanoTime() + PROGRESS_LIMIT.toNanos();
    while (acknowledgedCount.get() < count && failures.isEmpty()) {
      if (System.nanoTime() > deadlineNs) {
        failures.add(
            "%d records acknowledged, not %d within %s"
                .formatted(acknowledgedCount.get(), count, PROGRESS_LIMIT));
        return;
      }
      Thread.sleep(1);
    }
  }

  /// Every send was acknowledged or is in `failures`, so each partition must hold exactly what was
  /// acknowledged, in rising order.
  private List<String> violations(KafkaClients clients) {
    var violations = new ArrayList<String>(failures);
    List<List<Long>> found = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      found.add(new ArrayList<>());
    }
    for (ConsumerRecord<String, String> record : clients.readAll(TOPIC)) {
      List<Long> numbers = found.get(record.partition());
      long number = Long.parseLong(record.key());
      if (record.offset() != numbers.size()) {
        violations.add("offset " + record.offset() + " follows " + (numbers.size() - 1));
      }
      if (!numbers.isEmpty() && number <= numbers.getLast()) {
        violations.add(
            "partition %d: %d after %d, at offset %d"
                .formatted(record.partition(), number, numbers.getLast(), record.offset()));
      }
      numbers.add(number);
    }
    for (Acknowledged one : acknowledged) {
      List<Long> numbers = found.get(one.partition());
      if (one.offset() >= numbers.size() || numbers.get((int) one.offset()) != one.number()) {
        violations.add("lost or moved: " + one);
      }
    }
    long foundCount = found.stream().mapToLong(List::size).sum();
    if (failures.isEmpty() && foundCount != acknowledged.size()) {
      violations.add(foundCount + " records found, " + acknowledged.size() + " acknowledged");
    }
    return violations.size() > 20 ? violations.subList(0, 20) : violations;
  }
}
