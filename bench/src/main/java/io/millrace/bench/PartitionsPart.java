package io.millrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/// Many partitions: how long it takes to create them, and to serve again after a clean stop and
/// after `kill -9`, each until a record is acknowledged on the last of them.
final class PartitionsPart implements Part {
  private static final String TOPIC = "many";
  private static final int RECORDS_PER_PARTITION = 2;
  private static final int RECORD_BYTES = 1024;

  private final int partitions;

  PartitionsPart(int partitions) {
    this.partitions = partitions;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    // The client's connections and the paths of the broker are warm for both brokers.
    Clients.createTopic(broker.bootstrap(), "warm-up", 1);
    try (Admin admin = Clients.admin(broker.bootstrap());
        var producer = Clients.impatientProducer(broker.bootstrap())) {
      Clients.produceOne(producer, "warm-up", 0);
      long startNs = System.nanoTime();
      admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1))).all().get();
      Clients.awaitLeaders(admin, TOPIC, partitions);
      Clients.produceOne(producer, TOPIC, partitions - 1);
      recorder.record(Measure.PARTITIONS_CREATE, (System.nanoTime() - startNs) / 1e6);
    }
    fill(broker);
    long stopNs = System.nanoTime();
    broker.stop();
    recorder.record(Measure.PARTITIONS_STOP, (System.nanoTime() - stopNs) / 1e6);
    recorder.record(Measure.PARTITIONS_RESTART, startMillis(broker));
    fill(broker);
    broker.kill();
    recorder.record(Measure.PARTITIONS_CRASH, startMillis(broker));
  }

  private double startMillis(BrokerProcess broker) throws Exception {
    long startNs = System.nanoTime();
    broker.launch();
    Clients.produceOne(broker.bootstrap(), TOPIC, partitions - 1);
    double millis = (System.nanoTime() - startNs) / 1e6;
    broker.awaitReady();
    return millis;
  }

  /// Writes a little to every partition, so that a restart has something to load.
  private void fill(BrokerProcess broker) throws Exception {
    var sends = new ArrayList<Future<RecordMetadata>>();
    try (var producer = Clients.producer(broker.bootstrap())) {
      var value = new byte[RECORD_BYTES];
      for (int i = 0; i < RECORDS_PER_PARTITION * partitions; i++) {
        int partition = i / RECORDS_PER_PARTITION;
        sends.add(producer.send(new ProducerRecord<>(TOPIC, partition, null, value)));
      }
    }
    for (Future<RecordMetadata> send : sends) {
      send.get();
    }
  }
}
