package io.millrace.bench;

/// What is measured, in the order of the table. Smaller is better, except for throughput and rates.
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
      "≤ 0.5 × Kafka"),
  GROUPS_CLASSIC(
      "Group of 200 on 400 partitions, one leaves and one joins, classic: until all are fetched",
      "ms",
      0,
      "≤ Kafka"),
  GROUPS_CONSUMER("The same, consumer protocol", "ms", 0, "≤ Kafka"),
  COMMITS_RATE("Offset commits sustained, of 10,000/s", "1/s", 0, "10,000"),
  COMMITS_CPU("Offset commits: broker CPU per commit", "µs", 1, "≤ 0.5 × Kafka"),
  COMMITS_CORES("Offset commits: broker cores busy", "cores", 2, "≤ 1"),
  COMMITS_P99("Offset commits: p99", "ms", 2, ""),
  TRANSACTIONS_RATE("Read, process, write: transactions of 100 records", "1/s", 0, "≥ Kafka"),
  TRANSACTIONS_P50("Commit of a transaction: p50", "ms", 2, ""),
  TRANSACTIONS_P99("Commit of a transaction: p99", "ms", 2, "≤ Kafka"),
  IDLE_GROUPS_RESIDENT("10,000 idle groups of one member: resident (RSS)", "MB", 0, ""),
  IDLE_GROUPS_CORES("10,000 idle groups: broker cores busy", "cores", 3, "");

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
