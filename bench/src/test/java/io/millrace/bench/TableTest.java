package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.Results.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableTest {
  @Test
  void showsMediansAndRatiosToKafka(@TempDir Path folder) throws Exception {
    var results = new Results(folder.resolve("samples.jsonl"));
    results.add(new Sample(1, BrokerKind.KAFKA, Measure.PRODUCE_CPU, 12));
    results.add(new Sample(2, BrokerKind.KAFKA, Measure.PRODUCE_CPU, 10));
    results.add(new Sample(3, BrokerKind.KAFKA, Measure.PRODUCE_CPU, 90));
    results.add(new Sample(1, BrokerKind.MILLRACE_FSYNC, Measure.PRODUCE_CPU, 3));
    results.add(new Sample(1, BrokerKind.KAFKA, Measure.FORMAT, 1500));

    String table = Table.of(results, List.of(BrokerKind.MILLRACE_FSYNC, BrokerKind.KAFKA));

    assertThat(table)
        .isEqualTo(
            """
            | Median of all rounds | Millrace `fsync` | Kafka as shipped (page cache) | Millrace `fsync` ÷ Kafka | Aim |
            | --- | ---: | ---: | ---: | --- |
            | Produce: broker CPU per GB, s | 3.00 | 12.00 | 0.25 | ≤ 0.25 × Kafka |
            | Format step before the first start, ms | – | 1,500 | – |  |
            """);
    assertThat(Files.readAllLines(folder.resolve("samples.jsonl")).getFirst())
        .isEqualTo(
            "{\"round\":1,\"broker\":\"kafka\",\"measure\":\"produce_cpu\",\"unit\":\"s\",\"value\":12.0000}");
  }

  @Test
  void throughputIsTheLastFigureOfThePerformanceTool() {
    String output =
        """
        100 records sent, 20.0 records/sec (1.50 MB/sec), 2.0 ms avg latency, 5.0 ms max latency.
        500 records sent, 99.0 records/sec (123.45 MB/sec), 1.00 ms avg latency, 9 ms 99.9th.
        """;

    assertThat(ThroughputPart.megabytesPerSecond(output)).isEqualTo(123.45);
  }
}
