package io.millrace.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads a number of records of a topic from its beginning and prints how many seconds it took.
///
/// Usage: `AssignedConsumer BOOTSTRAP TOPIC RECORDS`
public final class AssignedConsumer {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int EMPTY_POLLS_LIMIT = 30;

  private AssignedConsumer() {}

  public static void main(String[] args) {
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0]);
    long wanted = Long.parseLong(args[2]);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(args[1]).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long startNs = System.nanoTime();
      long count = 0;
      int emptyPolls = 0;
      while (count < wanted) {
        int polled = consumer.poll(POLL).count();
        count += polled;
        emptyPolls = polled == 0 ? emptyPolls + 1 : 0;
        if (emptyPolls == EMPTY_POLLS_LIMIT) {
          throw new IllegalStateException("only " + count + " of " + wanted + " records came");
        }
      }
      System.out.println((System.nanoTime() - startNs) / 1e9);
    }
  }
}
