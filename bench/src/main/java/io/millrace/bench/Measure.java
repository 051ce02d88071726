package io.millrace.bench;

/// What is measured, in the order of the table. Smaller is better, except for throughput.
public enum Measure {
  PRODUCE_CPU("Produce: broker CPU per GB", "s", 2, "≤ 0.25 × Kafka"),
  PRODUCE_THROUGHPUT("Produce: throughput, client on the same cores", "MB/s", 0, ""),
  CONSUME_CPU("Consume: broker CPU per GB", "s", 2, "≤ 0.5 × Kafka"),
  CONSUME_THROUGHPUT("Consume: throughput, client on the same cores", "MB/s", 0, ""),
  FORMAT("Format step before the first start", "ms", 0, ""),
  FIRST_ACK("Process start to first acknowledged record", "ms", 0, "< 600 ms"),
  IDLE_RESIDENT("Idle memory, resident (RSS)", "MB", 0, "< 120 MB"),
  IDLE_PROPORTIONAL("Idle memory, proportional (PSS)", "MB", 0, ""),
  LATENCY_P50("Produce latency, 3,000 records/s: p50", "ms", 2, ""),
  LATENCY_P99("Produce latency: p99", "ms", 2, "replicated ≤ Kafka, fsync ≤ Kafka + 2 ms"),
  LATENCY_P999("Produce latency: p99.9", "ms", 2, ""),
  PARTITIONS_CREATE(
      "2,000 partitions: create to first acknowledged record", "ms", 0, "≤ 0.5 × Kafka"),
  PARTITIONS_STOP("2,000 partitions: clean stop", "ms", 0, ""),
  PARTITIONS_RESTART(
      "2,000 partitions: start after it to first acknowledged record", "ms", 0, "≤ 0.5 × Kafka"),
  PARTITIONS_CRASH(
      "2,000 partitions: start after kill -9 to first acknowledged record",
      "ms",
      0,
      "≤ 0.5 × Kafka");

  private final String title;
  private final String unit;
  private final int decimals;
  private final String aim;

  Measure(String title, String unit, int decimals, String aim) {
    this.title = title;
    this.unit = unit;
    this.decimals = decimals;
    this.aim = aim;
  }

  String title() {
    return title + ", " + unit;
  }

  String unit() {
    return unit;
  }

  /// What Millrace is to reach, as its issue says; empty if nothing is said.
  String aim() {
    return aim;
  }

  String format(double value) {
    return String.format(java.util.Locale.ROOT, "%,." + decimals + "f", value);
  }
}
