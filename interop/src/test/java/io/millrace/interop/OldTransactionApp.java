package io.millrace.interop;

import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Writes transactions of which every third is aborted, with offsets of a group; to be run with a
/// client library from before KIP-890.
///
/// Usage: `OldTransactionApp BOOTSTRAP TRANSACTIONAL-ID TOPIC PARTITIONS TRANSACTIONS`
public final class OldTransactionApp {
  private OldTransactionApp() {}

  public static void main(String[] args) {
    String topic = args[2];
    int partitions = Integer.parseInt(args[3]);
    int transactions = Integer.parseInt(args[4]);
    Map<String, Object> settings =
        Map.of("bootstrap.servers", args[0], "transactional.id", args[1]);
    Map<String, Object> groupSettings = Map.of("bootstrap.servers", args[0], "group.id", topic);
    try (var producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        var consumer =
            new KafkaConsumer<>(
                groupSettings, new StringDeserializer(), new StringDeserializer())) {
      producer.initTransactions();
      for (int i = 0; i < transactions; i++) {
        producer.beginTransaction();
        for (int partition = 0; partition < partitions; partition++) {
          var _ = producer.send(new ProducerRecord<>(topic, partition, null, Integer.toString(i)));
        }
        producer.flush();
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(i)),
            consumer.groupMetadata());
        if (isAborted(i)) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
        System.out.println("transaction " + i);
      }
    }
  }

  static boolean isAborted(int transaction) {
    return transaction % 3 == 2;
  }
}
