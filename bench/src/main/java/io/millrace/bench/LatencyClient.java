package io.millrace.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Sends records on a schedule and prints p50, p99 and p99.9 of the latency in microseconds.
///
/// Latency counts from when the schedule says that a record is due, not from when it is sent: a
/// stall of the broker counts for all records that it delays.
///
/// Usage: `LatencyClient BOOTSTRAP TOPIC WARM-UP-SECONDS MEASURED-SECONDS`
public final class LatencyClient {
  private LatencyClient() {}

  public static void main(String[] args) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", args[0], "acks", "all", "linger.ms", "0");
    int warmUpCount = Integer.parseInt(args[2]) * LatencyPart.RECORDS_PER_SECOND;
    int measuredCount = Integer.parseInt(args[3]) * LatencyPart.RECORDS_PER_SECOND;
    var latencies = new long[warmUpCount + measuredCount];
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      send(producer, args[1], latencies);
    }
    long[] measured = Arrays.copyOfRange(latencies, warmUpCount, latencies.length);
    Arrays.sort(measured);
    System.out.println(
        Percentiles.of(measured, 0.5) / 1000.0
            + " "
            + Percentiles.of(measured, 0.99) / 1000.0
            + " "
            + Percentiles.of(measured, 0.999) / 1000.0);
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String topic, long[] latencies) {
    var failure = new AtomicReference<Exception>();
    var acknowledged = new AtomicLong();
    var value = new byte[LatencyPart.RECORD_BYTES];
    new SplittableRandom(1).nextBytes(value);
    producer.partitionsFor(topic);
    long startNs = System.nanoTime();
    for (int i = 0; i < latencies.length; i++) {
      int index = i;
      long dueNs = startNs + i * 1_000_000_000L / LatencyPart.RECORDS_PER_SECOND;
      for (long now = System.nanoTime(); now < dueNs; now = System.nanoTime()) {
        LockSupport.parkNanos(dueNs - now);
      }
      var _ =
          producer.send(
              new ProducerRecord<>(topic, value),
              (_, e) -> {
                latencies[index] = System.nanoTime() - dueNs;
                acknowledged.incrementAndGet();
                if (e != null) {
                  failure.set(e);
                }
              });
    }
    producer.flush();
    if (failure.get() != null || acknowledged.get() != latencies.length) {
      throw new IllegalStateException("not every record was acknowledged", failure.get());
    }
  }
}
