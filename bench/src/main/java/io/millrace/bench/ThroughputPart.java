package io.millrace.bench;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// CPU seconds that the broker uses per GB (10^9 bytes of values) produced and consumed, each after
/// a warm-up run of a quarter of the size. The client runs on the same cores, so throughput says
/// little about the broker; its CPU time does.
///
/// The producer is Kafka's `ProducerPerformance`; the consumer is [AssignedConsumer], because
/// Kafka's `ConsumerPerformance` joins a group.
final class ThroughputPart implements Part {
  private static final int PARTITIONS = 6;
  private static final int RECORD_BYTES = 1024;
  private static final Pattern MEGABYTES_PER_SECOND = Pattern.compile("\\(([0-9.,]+) MB/sec\\)");

  private final Repository repository;
  private final long records;
  private final boolean consume;

  ThroughputPart(Repository repository, double gigabytes, boolean consume) {
    this.repository = repository;
    this.records = (long) (gigabytes * 1e9 / RECORD_BYTES);
    this.consume = consume;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    Clients.createTopic(broker.bootstrap(), "warm-up", PARTITIONS);
    Clients.createTopic(broker.bootstrap(), "measured", PARTITIONS);
    produce(broker, "warm-up", records / 4);
    double before = ProcessUsage.cpuSecondsOf(broker.handle());
    double throughput = produce(broker, "measured", records);
    double used = ProcessUsage.cpuSecondsOf(broker.handle()) - before;
    recorder.record(Measure.PRODUCE_CPU, used / gigabytes());
    recorder.record(Measure.PRODUCE_THROUGHPUT, throughput);
    if (consume) {
      consume(broker, recorder);
    }
  }

  private void consume(BrokerProcess broker, Recorder recorder) throws Exception {
    consume(broker, "warm-up", records / 4);
    double before = ProcessUsage.cpuSecondsOf(broker.handle());
    double seconds = consume(broker, "measured", records);
    double used = ProcessUsage.cpuSecondsOf(broker.handle()) - before;
    recorder.record(Measure.CONSUME_CPU, used / gigabytes());
    recorder.record(Measure.CONSUME_THROUGHPUT, gigabytes() * 1000 / seconds);
  }

  private double gigabytes() {
    return records * RECORD_BYTES / 1e9;
  }

  private double produce(BrokerProcess broker, String topic, long count)
      throws IOException, InterruptedException {
    Tool tool =
        Tool.kafka(
                repository,
                "org.apache.kafka.tools.ProducerPerformance",
                List.of(
                    "--topic",
                    topic,
                    "--num-records",
                    Long.toString(count),
                    "--record-size",
                    Integer.toString(RECORD_BYTES),
                    "--throughput",
                    "-1",
                    "--command-property",
                    "bootstrap.servers=" + broker.bootstrap(),
                    "acks=all",
                    "batch.size=65536"))
            .orFail();
    return megabytesPerSecond(tool.output()) * 1.048576;
  }

  /// The last figure in the output of `ProducerPerformance`, in its MB of 2^20 bytes.
  static double megabytesPerSecond(String output) {
    Matcher matcher = MEGABYTES_PER_SECOND.matcher(output);
    String last = null;
    while (matcher.find()) {
      last = matcher.group(1);
    }
    if (last == null) {
      throw new IllegalArgumentException("no MB/sec in: " + output);
    }
    return Double.parseDouble(last.replace(",", ""));
  }

  /// Returns the seconds from the first poll to the last record.
  private double consume(BrokerProcess broker, String topic, long count)
      throws IOException, InterruptedException {
    Tool tool =
        Tool.client(
                repository,
                AssignedConsumer.class,
                List.of(broker.bootstrap(), topic, Long.toString(count)))
            .orFail();
    return Double.parseDouble(tool.output().strip());
  }
}
