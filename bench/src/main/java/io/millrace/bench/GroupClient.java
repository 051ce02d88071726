package io.millrace.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// A group of many members: prints in how many milliseconds every partition is fetched again after
/// one member left and another joined at the same time.
///
/// Every partition gets a record every tenth of a second. A partition counts as fetched again with
/// the first record after it was assigned for the last time, which is known once nothing has been
/// assigned for a while.
///
/// Usage: `GroupClient BOOTSTRAP TOPIC PROTOCOL MEMBERS PARTITIONS`
public final class GroupClient {
  private static final Duration ROUND = Duration.ofMillis(100);
  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final String bootstrap;
  private final String topic;
  private final String protocol;
  private final int partitions;
  private final AtomicLongArray assignedNs;
  private final AtomicLongArray fetchedAgainNs;
  private final AtomicLong lastChangeNs = new AtomicLong(System.nanoTime());
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private GroupClient(String bootstrap, String topic, String protocol, int partitions) {
    this.bootstrap = bootstrap;
    this.topic = topic;
    this.protocol = protocol;
    this.partitions = partitions;
    this.assignedNs = new AtomicLongArray(partitions);
    this.fetchedAgainNs = new AtomicLongArray(partitions);
  }

  public static void main(String[] args) throws InterruptedException {
    var client = new GroupClient(args[0], args[1], args[2], Integer.parseInt(args[4]));
    System.out.println(client.run(Integer.parseInt(args[3])));
    // The other members need not leave one by one.
    Runtime.getRuntime().halt(0);
  }

  private double run(int members) throws InterruptedException {
    Thread.ofPlatform().daemon().name("producer").start(this::produce);
    var group = new ArrayList<Member>();
    for (int i = 0; i < members; i++) {
      var member = new Member();
      member.start();
      group.add(member);
    }
    awaitQuiet();
    var joining = new Member();
    long startNs = System.nanoTime();
    group.getFirst().leave();
    joining.start();
    // Members that do not know of the change yet are quiet too.
    lastChangeNs.set(System.nanoTime());
    awaitQuiet();
    long lastNs = startNs;
    for (int i = 0; i < partitions; i++) {
      lastNs = Math.max(lastNs, fetchedAgainNs.get(i));
    }
    return (lastNs - startNs) / 1e6;
  }

  /// Returns once every partition is fetched and nothing has been assigned for a while.
  private void awaitQuiet() throws InterruptedException {
    long deadlineNs = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() - lastChangeNs.get() < QUIET.toNanos() || !isEveryPartitionFetched()) {
      Throwable e = failure.get();
      if (e != null || System.nanoTime() > deadlineNs) {
        throw new IllegalStateException("the group does not settle", e);
      }
      Thread.sleep(50);
    }
  }

  private boolean isEveryPartitionFetched() {
    for (int i = 0; i < partitions; i++) {
      if (fetchedAgainNs.get(i) == 0) {
        return false;
      }
    }
    return true;
  }

  private void produce() {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "linger.ms", "5");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      while (!Thread.currentThread().isInterrupted()) {
        for (int i = 0; i < partitions; i++) {
          var _ = producer.send(new ProducerRecord<>(topic, i, null, new byte[10]));
        }
        Thread.sleep(ROUND);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Member implements ConsumerRebalanceListener {
    private final AtomicBoolean leaving = new AtomicBoolean();

    void start() {
      Thread.ofPlatform().daemon().name("member").start(this::poll);
    }

    void leave() {
      leaving.set(true);
    }

    private void poll() {
      var settings = new TreeMap<String, Object>();
      settings.put("bootstrap.servers", bootstrap);
      settings.put("group.id", topic);
      settings.put("group.protocol", protocol);
      settings.put("enable.auto.commit", "false");
      settings.put("auto.offset.reset", "latest");
      try (var consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer.subscribe(List.of(topic), this);
        while (!leaving.get()) {
          consumer
              .poll(Duration.ofMillis(200))
              .partitions()
              .forEach(partition -> fetched(partition.partition()));
        }
      } catch (RuntimeException e) {
        failure.set(e);
      }
    }

    private void fetched(int partition) {
      if (assignedNs.get(partition) != 0) {
        fetchedAgainNs.compareAndSet(partition, 0, System.nanoTime());
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      long nowNs = System.nanoTime();
      if (!assigned.isEmpty()) {
        lastChangeNs.set(nowNs);
      }
      for (TopicPartition partition : assigned) {
        assignedNs.set(partition.partition(), nowNs);
        fetchedAgainNs.set(partition.partition(), 0);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      for (TopicPartition partition : revoked) {
        assignedNs.set(partition.partition(), 0);
        fetchedAgainNs.set(partition.partition(), 0);
      }
      if (!revoked.isEmpty()) {
        lastChangeNs.set(System.nanoTime());
      }
    }
  }
}
