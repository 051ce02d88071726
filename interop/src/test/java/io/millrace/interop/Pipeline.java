package io.millrace.interop;

import io.millrace.interop.GroupTest.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.jspecify.annotations.Nullable;

/// One worker of an exactly-once pipeline: a member of a group that reads a topic, writes
/// `f(value)` of each record to another, and commits both in one transaction. It can vanish in the
/// middle of a transaction.
final class Pipeline {
  private final KafkaClients clients;
  private final Protocol protocol;
  private final String id;
  private final String source;
  private final String sink;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicBoolean crashed = new AtomicBoolean();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Thread thread;

  /// Starts the worker.
  ///
  /// @param id the transactional id
  /// @param source the topic to read, and the name of the group
  Pipeline(KafkaClients clients, Protocol protocol, String id, String source, String sink) {
    this.clients = clients;
    this.protocol = protocol;
    this.id = id;
    this.source = source;
    this.sink = sink;
    this.thread = Thread.ofPlatform().name("pipeline-" + id).start(this::run);
  }

  static String f(String value) {
    return "f(" + value + ")";
  }

  private void run() {
    try {
      // What the client calls fatal for the producer is answered as a program should: with a new
      // producer and consumer, which go on from what is committed.
      while (!stopped.get() && !crashed.get()) {
        runUntilFenced();
      }
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void runUntilFenced() {
    KafkaProducer<String, String> producer =
        clients.producer(
            "transactional.id",
            id,
            "transaction.timeout.ms",
            10_000,
            "reconnect.backoff.max.ms",
            100,
            "linger.ms",
            0);
    KafkaConsumer<String, String> consumer =
        protocol.consumer(
            clients,
            source,
            "enable.auto.commit",
            false,
            "isolation.level",
            "read_committed",
            "max.poll.records",
            100);
    try {
      producer.initTransactions();
      consumer.subscribe(List.of(source));
      while (!stopped.get()) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        if (!records.isEmpty() && !processed(producer, consumer, records)) {
          return;
        }
      }
    } catch (ApplicationRecoverableException _) {
      // Begin anew.
    } finally {
      close(producer, consumer);
    }
  }

  /// Returns whether the same clients can go on.
  private boolean processed(
      KafkaProducer<String, String> producer,
      KafkaConsumer<String, String> consumer,
      ConsumerRecords<String, String> records) {
    producer.beginTransaction();
    try {
      records.forEach(
          record -> {
            var _ =
                producer.send(
                    new ProducerRecord<>(sink, record.partition(), null, f(record.value())));
          });
      if (crashed.get()) {
        producer.flush();
        return false;
      }
      producer.sendOffsetsToTransaction(nextOffsets(records), consumer.groupMetadata());
      producer.commitTransaction();
      return true;
    } catch (ApplicationRecoverableException e) {
      throw e;
    } catch (KafkaException _) {
      // The group gave the partitions to others in the meantime, or a request took too long.
      producer.abortTransaction();
      return false;
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> nextOffsets(
      ConsumerRecords<String, String> records) {
    var offsets = new TreeMap<TopicPartition, OffsetAndMetadata>(Pipeline::compare);
    records.forEach(
        record ->
            offsets.put(
                new TopicPartition(record.topic(), record.partition()),
                new OffsetAndMetadata(record.offset() + 1)));
    return offsets;
  }

  private static int compare(TopicPartition a, TopicPartition b) {
    int byTopic = a.topic().compareTo(b.topic());
    return byTopic != 0 ? byTopic : Integer.compare(a.partition(), b.partition());
  }

  private void close(
      KafkaProducer<String, String> producer, KafkaConsumer<String, String> consumer) {
    if (crashed.get()) {
      producer.close(Duration.ZERO);
      consumer.close(
          CloseOptions.timeout(Duration.ZERO)
              .withGroupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));
    } else {
      producer.close(Duration.ofSeconds(20));
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(20)));
    }
  }

  /// Ends with a transaction open and without a word to the group, as soon as there are records to
  /// do that with.
  void crash() throws InterruptedException {
    crashed.set(true);
    thread.join();
  }

  void stop() throws InterruptedException {
    stopped.set(true);
    thread.join();
  }

  /// What ended the worker against its will.
  @Nullable Exception failure() {
    return failure.get();
  }
}
