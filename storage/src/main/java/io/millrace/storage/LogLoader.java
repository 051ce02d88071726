package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.host.Entropy;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the directory of a partition, or makes it, and opens the log in it.
final class LogLoader {
  private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

  private final LogDirectory directory;

  /// Log start offsets of Kafka's checkpoint, for logs that ours does not know.
  private final Map<TopicPartition, Long> foreignStartOffsets;

  LogLoader(LogDirectory directory, Map<TopicPartition, Long> foreignStartOffsets) {
    this.directory = directory;
    this.foreignStartOffsets = foreignStartOffsets;
  }

  /// Opens or creates a log, of which the last checkpoint says `known`.
  PartitionLog load(
      TopicPartition partition, Uuid topicId, LogConfig config, @Nullable LogState known)
      throws IOException {
    Disk disk = directory.host().disk();
    Path path = directory.path().resolve(partition.toString());
    LogState state = known;
    Uuid found = topicId;
    boolean isThere = disk.exists(path);
    if (state != null) {
      found = state.topicId();
    } else if (isThere) {
      found = PartitionMetadata.read(disk, path).orElse(topicId);
    }
    if (!found.equals(topicId) && !topicId.isZero()) {
      if (isThere) {
        setAside(partition, "it belongs to topic id " + found + ", not " + topicId);
        isThere = false;
      }
      found = topicId;
      state = null;
    }
    if (!isThere) {
      disk.createDirectories(path);
      directory.noteDirectoryMade();
    }
    if (state == null || !isThere) {
      PartitionMetadata.write(disk, path, found);
    }
    LogRecovery.Opened opened = open(partition, path, config, state, isThere);
    return new PartitionLog(directory, partition, found, path, config, opened, !isThere);
  }

  private LogRecovery.Opened open(
      TopicPartition partition,
      Path path,
      LogConfig config,
      @Nullable LogState state,
      boolean isThere)
      throws IOException {
    Disk disk = directory.host().disk();
    int maxProducers = directory.options().maxProducersPerPartition();
    long nowMs = directory.host().clock().wallMs();
    if (!isThere && state == null) {
      return LogRecovery.create(disk, path, maxProducers, nowMs);
    }
    long startOffset = foreignStartOffsets.getOrDefault(partition, 0L);
    LogRecovery.Opened opened =
        new LogRecovery(disk, path, config, state, startOffset, maxProducers, nowMs).open();
    report(partition, opened);
    return opened;
  }

  private static void report(TopicPartition partition, LogRecovery.Opened opened) {
    String text =
        opened.cases().stream()
            .filter(found -> !found.isOrdinary())
            .map(RecoveryCase::text)
            .collect(Collectors.joining("; it "));
    if (!text.isEmpty()) {
      LOG.warn(
          "the log of {} {}; it now has offsets {} to {}{}",
          partition,
          text,
          opened.logStartOffset(),
          opened.endOffset(),
          opened.setAside().isEmpty() ? "" : "; set aside: " + opened.setAside());
    }
  }

  /// Renames the directory of a partition that is not wanted there, so that it is kept.
  void setAside(TopicPartition partition, String why) throws IOException {
    Path renamed = rename(partition, LogNames.STRAY_DIRECTORY);
    LOG.warn("{} was set aside as {}: {}", partition, renamed.getFileName(), why);
  }

  /// Gives the directory of a partition a new, unique name with this suffix.
  Path rename(TopicPartition partition, String suffix) throws IOException {
    Entropy entropy = directory.host().entropy();
    String name = LogNames.departing(partition, entropy.nextLong(), entropy.nextLong(), suffix);
    Path renamed = directory.path().resolve(name);
    directory.host().disk().rename(directory.path().resolve(partition.toString()), renamed);
    return renamed;
  }
}
