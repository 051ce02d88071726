package io.millrace.interop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// A producer that keeps writing numbers to all partitions of a topic, some thousand a second, and
/// tells a [GroupRecorder] what was acknowledged. It waits for a broker that is away.
final class NumberStream implements AutoCloseable {
  private static final int RECORDS_PER_PAUSE = 4;

  private final int recordsPerPause;
  private final KafkaProducer<String, String> producer;
  private final String topic;
  private final int partitions;
  private final GroupRecorder recorder;
  private final Thread thread;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicLong acknowledgedCount = new AtomicLong();

  NumberStream(KafkaClients clients, String topic, int partitions, GroupRecorder recorder) {
    this(clients, topic, partitions, recorder, RECORDS_PER_PAUSE);
  }

  /// @param recordsPerPause how many records are sent per millisecond, at most
  NumberStream(
      KafkaClients clients,
      String topic,
      int partitions,
      GroupRecorder recorder,
      int recordsPerPause) {
    this.recordsPerPause = recordsPerPause;
    this.producer =
        clients.producer("max.block.ms", 120_000, "reconnect.backoff.max.ms", 100, "linger.ms", 5);
    this.topic = topic;
    this.partitions = partitions;
    this.recorder = recorder;
    this.thread = Thread.ofPlatform().name("numbers").start(this::run);
  }

  private void run() {
    try {
      for (long number = 0; !stopped.get(); number++) {
        var _ =
            producer.send(
                new ProducerRecord<>(
                    topic, (int) (number % partitions), null, Long.toString(number)),
                (metadata, e) -> {
                  if (e != null) {
                    recorder.violation("producer: " + e);
                  } else {
                    recorder.acknowledged(topic, metadata.partition(), metadata.offset());
                    acknowledgedCount.incrementAndGet();
                  }
                });
        if (number % recordsPerPause == 0) {
          Thread.sleep(Duration.ofMillis(1));
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      recorder.violation("producer: " + e);
    }
  }

  /// Stops and waits until everything sent is acknowledged.
  ///
  /// @return how many records there are
  long finish() throws InterruptedException {
    stopped.set(true);
    thread.join();
    producer.flush();
    return acknowledgedCount.get();
  }

  @Override
  public void close() {
    stopped.set(true);
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(5));
  }
}
