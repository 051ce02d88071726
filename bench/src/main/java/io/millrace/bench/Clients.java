package io.millrace.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// What the parts of the comparison ask of a broker with Kafka's Java client.
final class Clients {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Clients() {}

  static Admin admin(String bootstrap) {
    return Admin.create(
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "reconnect.backoff.ms",
            "2",
            "reconnect.backoff.max.ms",
            "2",
            "retry.backoff.ms",
            "5"));
  }

  /// A producer with the client's defaults, except that it is patient with a slow broker.
  static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "request.timeout.ms",
            "300000",
            "delivery.timeout.ms",
            "600000"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /// A producer that tries again after a few milliseconds wherever one may, so that what is timed
  /// with it is the broker's time.
  static KafkaProducer<byte[], byte[]> impatientProducer(String bootstrap) {
    var settings = new TreeMap<String, Object>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("acks", "all");
    settings.put("linger.ms", "0");
    settings.put("reconnect.backoff.ms", "2");
    settings.put("reconnect.backoff.max.ms", "2");
    settings.put("retry.backoff.ms", "5");
    settings.put("retry.backoff.max.ms", "5");
    settings.put("max.block.ms", Long.toString(LIMIT.toMillis()));
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static void createTopic(String bootstrap, String topic, int partitions) throws Exception {
    try (Admin admin = admin(bootstrap)) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
      awaitLeaders(admin, topic, partitions);
    }
  }

  /// Returns once the broker coordinates groups: it has made the topic that holds their offsets.
  static void awaitGroups(String bootstrap) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "group.id", "first");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.committed(Set.of(new TopicPartition("first", 0)), LIMIT);
    }
  }

  /// Returns once every partition of the topic has a leader.
  static void awaitLeaders(Admin admin, String topic, int partitions) throws Exception {
    long deadlineNs = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadlineNs) {
      if (partitionsWithLeader(admin, topic) == partitions) {
        return;
      }
      Thread.sleep(10);
    }
    throw new IllegalStateException(
        "no leader for every partition of " + topic + " within " + LIMIT.toSeconds() + " s");
  }

  private static long partitionsWithLeader(Admin admin, String topic) throws InterruptedException {
    try {
      TopicDescription description =
          Objects.requireNonNull(admin.describeTopics(List.of(topic)).topicNameValues().get(topic))
              .get();
      return description.partitions().stream()
          .filter(partition -> partition.leader() != null && !partition.leader().isEmpty())
          .count();
    } catch (ExecutionException e) {
      // Not known to this broker yet.
      return 0;
    }
  }

  /// Returns once a record on this partition is acknowledged.
  static void produceOne(String bootstrap, String topic, int partition) throws Exception {
    try (var producer = impatientProducer(bootstrap)) {
      produceOne(producer, topic, partition);
    }
  }

  static void produceOne(KafkaProducer<byte[], byte[]> producer, String topic, int partition)
      throws Exception {
    byte[] value = "first".getBytes(StandardCharsets.UTF_8);
    producer
        .send(new ProducerRecord<>(topic, partition, null, value))
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
