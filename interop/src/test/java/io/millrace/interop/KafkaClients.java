package io.millrace.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Makes clients of Kafka's Java library for a broker, with the library's defaults unless a test
/// says otherwise.
record KafkaClients(String bootstrap) {
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);
  private static final Duration GROUP_LIMIT = Duration.ofSeconds(60);
  private static final Duration READ_LIMIT = Duration.ofMinutes(1);

  KafkaProducer<String, String> producer(Object... namesAndValues) {
    return new KafkaProducer<>(
        settings(namesAndValues), new StringSerializer(), new StringSerializer());
  }

  KafkaConsumer<String, String> consumer(Object... namesAndValues) {
    return new KafkaConsumer<>(
        settings(namesAndValues), new StringDeserializer(), new StringDeserializer());
  }

  Admin admin() {
    return Admin.create(settings());
  }

  private Map<String, Object> settings(Object... namesAndValues) {
    var settings = new TreeMap<String, Object>();
    settings.put("bootstrap.servers", bootstrap);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return settings;
  }

  /// Creates a topic; the names and values are its configs.
  void createTopic(String topic, int partitions, String... namesAndValues) throws Exception {
    var configs = new TreeMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      configs.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
          .all()
          .get();
    }
    // Kafka's broker answers before every partition has its leader. Asking for the ends of all of
    // them waits for that, so that no producer has to send anything again (and out of order).
    try (var consumer = consumer()) {
      consumer.endOffsets(partitions(topic, partitions));
    }
  }

  /// Waits for what Kafka's broker lets become true some time after its answer.
  static void await(Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + SETTLE_LIMIT.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("not so within " + SETTLE_LIMIT.toSeconds() + " s");
      }
      Thread.sleep(10);
    }
  }

  /// Waits for what takes a group or a transaction some time, and says what did not come.
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + GROUP_LIMIT.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("not within " + GROUP_LIMIT.toSeconds() + " s: " + what);
      }
      Thread.sleep(10);
    }
  }

  static List<TopicPartition> partitions(String topic, int count) {
    return IntStream.range(0, count).mapToObj(i -> new TopicPartition(topic, i)).toList();
  }

  /// All records of a topic from its beginning to its present end, in order per partition.
  List<ConsumerRecord<String, String>> readAll(String topic, Object... namesAndValues) {
    try (var consumer = consumer(namesAndValues)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      return readToEnd(consumer, partitions);
    }
  }

  /// All records from the positions of the consumer to the present ends of its partitions.
  static List<ConsumerRecord<String, String>> readToEnd(
      KafkaConsumer<String, String> consumer, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    var records = new ArrayList<ConsumerRecord<String, String>>();
    long deadlineNs = System.nanoTime() + READ_LIMIT.toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError(
            "not read within " + READ_LIMIT + ": " + records.size() + " records, ends " + ends);
      }
      consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    }
    return records;
  }
}
