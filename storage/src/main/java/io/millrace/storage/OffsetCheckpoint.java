package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// Kafka's text checkpoints of an offset per partition: version 0, number of entries, and a line
/// `<topic> <partition> <offset>` for each. They are written for Kafka and its tools; what Millrace
/// itself goes by is in [DirectoryCheckpoint].
final class OffsetCheckpoint {
  /// Up to where each log is on stable storage.
  static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";

  /// Log start offsets of logs whose first segment begins before.
  static final String LOG_START_OFFSETS = "log-start-offset-checkpoint";

  private OffsetCheckpoint() {}

  static void write(Disk disk, Path directory, String file, SortedMap<TopicPartition, Long> offsets)
      throws IOException {
    StringBuilder text = new StringBuilder("0\n").append(offsets.size()).append('\n');
    offsets.forEach(
        (partition, offset) ->
            text.append(partition.topic())
                .append(' ')
                .append(partition.partition())
                .append(' ')
                .append(offset)
                .append('\n'));
    SmallFile.replace(disk, directory.resolve(file), text.toString());
  }

  /// The offsets; empty if the file is missing or not in this format from its first to its last
  /// line.
  static Optional<Map<TopicPartition, Long>> read(Disk disk, Path directory, String file)
      throws IOException {
    return SmallFile.readText(disk, directory.resolve(file)).flatMap(OffsetCheckpoint::parse);
  }

  private static Optional<Map<TopicPartition, Long>> parse(String text) {
    String[] lines = text.split("\n", -1);
    try {
      if (lines.length < 2 || Integer.parseInt(lines[0].trim()) != 0) {
        return Optional.empty();
      }
      int count = Integer.parseInt(lines[1].trim());
      if (count < 0 || lines.length < 2 + count) {
        return Optional.empty();
      }
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (int i = 0; i < count; i++) {
        String[] words = lines[2 + i].trim().split(" ", -1);
        if (words.length != 3) {
          return Optional.empty();
        }
        offsets.put(
            new TopicPartition(words[0], Integer.parseInt(words[1])), Long.parseLong(words[2]));
      }
      return Optional.of(offsets);
    } catch (NumberFormatException notACheckpoint) {
      return Optional.empty();
    }
  }
}
