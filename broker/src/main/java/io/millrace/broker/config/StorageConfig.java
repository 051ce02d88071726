package io.millrace.broker.config;

import io.millrace.metadata.config.Config;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/// Where the data is and what is done to it in the background. What holds for single logs is in the
/// settings of their topics.
///
/// @param directory `log.dirs`, or else `log.dir`
/// @param recoveryThreads `num.recovery.threads.per.data.dir`: logs that are opened at the same
///   time
/// @param retentionCheckIntervalMs `log.retention.check.interval.ms`
/// @param producerIdExpirationMs `producer.id.expiration.ms`
/// @param producerIdExpirationCheckIntervalMs `producer.id.expiration.check.interval.ms`
/// @param metadataSnapshotBytes `metadata.log.max.record.bytes.between.snapshots`
public record StorageConfig(
    Path directory,
    int recoveryThreads,
    long retentionCheckIntervalMs,
    long producerIdExpirationMs,
    long producerIdExpirationCheckIntervalMs,
    long metadataSnapshotBytes) {

  static StorageConfig of(ServerProperties properties) {
    Config config = properties.config();
    return new StorageConfig(
        directory(properties),
        config.intValue("num.recovery.threads.per.data.dir"),
        config.longValue("log.retention.check.interval.ms"),
        config.longValue("producer.id.expiration.ms"),
        config.longValue("producer.id.expiration.check.interval.ms"),
        config.longValue("metadata.log.max.record.bytes.between.snapshots"));
  }

  private static Path directory(ServerProperties properties) {
    String setting = properties.isGiven("log.dirs") ? "log.dirs" : "log.dir";
    List<String> directories = properties.config().list(setting);
    if (directories.size() != 1 || directories.getFirst().isEmpty()) {
      throw properties.complaint(
          setting, "must be one directory: this version keeps all data in a single one");
    }
    try {
      return Path.of(directories.getFirst());
    } catch (InvalidPathException e) {
      throw properties.complaint(setting, "is not a path: " + e.getReason());
    }
  }
}
