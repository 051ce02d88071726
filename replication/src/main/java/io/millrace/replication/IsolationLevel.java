package io.millrace.replication;

/// Which records a consumer wants to see (KIP-98).
public enum IsolationLevel {
  /// Everything that is committed to the log.
  READ_UNCOMMITTED,
  /// Only what lies below the last stable offset.
  READ_COMMITTED;

  /// The level for the byte that requests carry: 0 or 1; anything else is [#READ_UNCOMMITTED], as
  /// in Kafka.
  public static IsolationLevel forId(byte id) {
    return id == 1 ? READ_COMMITTED : READ_UNCOMMITTED;
  }
}
