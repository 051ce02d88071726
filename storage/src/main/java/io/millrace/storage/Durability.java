package io.millrace.storage;

/// When a record of a partition counts as stored.
public enum Durability {
  /// On stable storage: every append is flushed by the flusher's group commit, and
  /// [PartitionLog#flushedOffset] follows [PartitionLog#logEndOffset] at once.
  FSYNC,
  /// In the page cache of every in-sync replica, as in Kafka: flushed when a segment is rolled, by
  /// `flush.messages` and `flush.ms`, and at a clean shutdown.
  REPLICATED
}
