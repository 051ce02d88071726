package io.millrace.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/// Reads by count, for records whose arrival nobody has confirmed.
final class TestReads {
  private TestReads() {}

  /// The first values of partition 0 of a topic, waiting for them.
  static List<String> values(KafkaClients clients, String topic, int count) {
    var values = new ArrayList<String>();
    long deadlineNs = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    try (var consumer = clients.consumer()) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (values.size() < count && System.nanoTime() < deadlineNs) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
