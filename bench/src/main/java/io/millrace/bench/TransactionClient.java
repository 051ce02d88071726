package io.millrace.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Reads a topic from its beginning, over and over, and writes it to another in transactions of 100
/// records that commit the offsets as well. Prints transactions per second, and p50 and p99 of the
/// commit (`sendOffsetsToTransaction` and `commitTransaction` together) in microseconds.
///
/// Usage: `TransactionClient BOOTSTRAP INPUT OUTPUT WARM-UP-SECONDS MEASURED-SECONDS`
public final class TransactionClient {
  static final int RECORDS_PER_TRANSACTION = 100;

  private TransactionClient() {}

  public static void main(String[] args) {
    var settings = new TreeMap<String, Object>();
    settings.put("bootstrap.servers", args[0]);
    settings.put("group.id", "transactions");
    settings.put("enable.auto.commit", "false");
    settings.put("isolation.level", "read_committed");
    settings.put("max.poll.records", RECORDS_PER_TRANSACTION);
    Map<String, Object> producerSettings =
        Map.of("bootstrap.servers", args[0], "transactional.id", "transactions");
    try (var consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var producer =
            new KafkaProducer<>(
                producerSettings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(args[1]).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      producer.initTransactions();
      run(consumer, producer, args[2], Integer.parseInt(args[3]));
      long startNs = System.nanoTime();
      long[] latencies = run(consumer, producer, args[2], Integer.parseInt(args[4]));
      double seconds = (System.nanoTime() - startNs) / 1e9;
      System.out.println(
          latencies.length / seconds
              + " "
              + Percentiles.of(latencies, 0.5) / 1000.0
              + " "
              + Percentiles.of(latencies, 0.99) / 1000.0);
    }
  }

  /// Returns the sorted times of the commits.
  private static long[] run(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaProducer<byte[], byte[]> producer,
      String output,
      int seconds) {
    var latencies = new ArrayList<Long>();
    long endNs = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    while (System.nanoTime() < endNs) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
      if (records.isEmpty()) {
        consumer.seekToBeginning(consumer.assignment());
        continue;
      }
      producer.beginTransaction();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        var _ =
            producer.send(new ProducerRecord<>(output, record.partition(), null, record.value()));
      }
      long commitNs = System.nanoTime();
      producer.sendOffsetsToTransaction(nextOffsets(records), consumer.groupMetadata());
      producer.commitTransaction();
      latencies.add(System.nanoTime() - commitNs);
    }
    return latencies.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static Map<TopicPartition, OffsetAndMetadata> nextOffsets(
      ConsumerRecords<byte[], byte[]> records) {
    var offsets = new java.util.HashMap<TopicPartition, OffsetAndMetadata>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      offsets.put(
          new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
    }
    return offsets;
  }
}
