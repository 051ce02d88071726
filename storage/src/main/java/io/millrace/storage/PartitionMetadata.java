package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// The file `partition.metadata` of a partition's directory, in Kafka's format: the id of its
/// topic.
final class PartitionMetadata {
  private static final String PREFIX = "version: 0\ntopic_id: ";

  private PartitionMetadata() {}

  /// Writes the file of a new directory. Nothing waits for it to be durable: who opens the log
  /// knows the topic id, and so does the checkpoint; an unreadable file says the same as a missing
  /// one.
  static void write(Disk disk, Path directory, Uuid topicId) throws IOException {
    byte[] text = (PREFIX + topicId + "\n").getBytes(StandardCharsets.UTF_8);
    try (Disk.File file =
        disk.open(
            directory.resolve(LogNames.PARTITION_METADATA), Disk.OpenMode.CREATE_IF_MISSING)) {
      file.write(ByteBuffer.wrap(text), 0);
    }
  }

  /// The topic id; empty if the file is missing or torn.
  static Optional<Uuid> read(Disk disk, Path directory) throws IOException {
    Optional<String> text =
        SmallFile.readText(disk, directory.resolve(LogNames.PARTITION_METADATA));
    if (text.isEmpty() || !text.get().startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Uuid.parse(text.get().substring(PREFIX.length()).trim()));
    } catch (IllegalArgumentException torn) {
      return Optional.empty();
    }
  }
}
