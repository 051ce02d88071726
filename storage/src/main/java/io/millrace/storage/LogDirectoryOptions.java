package io.millrace.storage;

import java.time.Duration;
import java.util.Optional;

/// How a log directory is opened and looked after.
///
/// `clusterId` is what a new directory is formatted with, and what an existing one has to carry;
/// empty: a new directory gets a random one, an existing one keeps its own. `checkpointInterval`
/// bounds the part of each log that is scanned after a crash, `retentionCheckInterval` is
/// `log.retention.check.interval.ms`, `producerExpiration` is `producer.id.expiration.ms`.
/// `maxProducersPerPartition` bounds the idempotent producers a partition remembers: beyond it the
/// one that has been silent longest is forgotten.
public record LogDirectoryOptions(
    int nodeId,
    Optional<String> clusterId,
    Duration checkpointInterval,
    Duration retentionCheckInterval,
    Duration producerExpiration,
    int maxProducersPerPartition) {

  /// The defaults for a node.
  public static LogDirectoryOptions of(int nodeId, Optional<String> clusterId) {
    return new LogDirectoryOptions(
        nodeId,
        clusterId,
        Duration.ofSeconds(5),
        Duration.ofMinutes(5),
        Duration.ofDays(1),
        10_000);
  }

  public LogDirectoryOptions withCheckpointInterval(Duration value) {
    return new LogDirectoryOptions(
        nodeId,
        clusterId,
        value,
        retentionCheckInterval,
        producerExpiration,
        maxProducersPerPartition);
  }

  public LogDirectoryOptions withRetentionCheckInterval(Duration value) {
    return new LogDirectoryOptions(
        nodeId, clusterId, checkpointInterval, value, producerExpiration, maxProducersPerPartition);
  }

  public LogDirectoryOptions withProducerExpiration(Duration value) {
    return new LogDirectoryOptions(
        nodeId,
        clusterId,
        checkpointInterval,
        retentionCheckInterval,
        value,
        maxProducersPerPartition);
  }

  public LogDirectoryOptions withMaxProducersPerPartition(int value) {
    return new LogDirectoryOptions(
        nodeId, clusterId, checkpointInterval, retentionCheckInterval, producerExpiration, value);
  }
}
