package io.millrace.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Produce latency at a fixed rate, by [LatencyClient] in a JVM of its own.
final class LatencyPart implements Part {
  static final int RECORDS_PER_SECOND = 3000;
  static final int RECORD_BYTES = 1024;
  private static final int PARTITIONS = 6;

  private final Repository repository;
  private final Duration warmUp;
  private final Duration measured;

  LatencyPart(Repository repository, Duration warmUp, Duration measured) {
    this.repository = repository;
    this.warmUp = warmUp;
    this.measured = measured;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    Clients.createTopic(broker.bootstrap(), "latency", PARTITIONS);
    Tool tool =
        Tool.client(
                repository,
                LatencyClient.class,
                List.of(
                    broker.bootstrap(),
                    "latency",
                    Long.toString(warmUp.toSeconds()),
                    Long.toString(measured.toSeconds())))
            .orFail();
    double[] micros =
        Arrays.stream(tool.output().strip().split(" ", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    recorder.record(Measure.LATENCY_P50, micros[0] / 1000);
    recorder.record(Measure.LATENCY_P99, micros[1] / 1000);
    recorder.record(Measure.LATENCY_P999, micros[2] / 1000);
  }
}
