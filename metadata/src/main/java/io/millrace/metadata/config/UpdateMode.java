package io.millrace.metadata.config;

/// When a broker's setting may change (Kafka's "update mode").
public enum UpdateMode {
  /// Only by a restart.
  READ_ONLY,
  /// While the broker runs, for one broker at a time.
  PER_BROKER,
  /// While the broker runs, for one broker or for all.
  CLUSTER_WIDE
}
