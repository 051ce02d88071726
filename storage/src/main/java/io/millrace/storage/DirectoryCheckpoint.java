package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The file `millrace-checkpoint` of a log directory: the [LogState] of each of its logs, from
/// which they are opened. It is replaced every few seconds while something is written, and marks
/// every log as exact after a clean shutdown.
///
/// Format: magic "MRCP", version, generation (counts the checkpoints), length of what follows up to
/// the CRC32C of all before, then number of logs and logs. A file that does not check is not
/// believed in any part: the logs are scanned in full instead.
final class DirectoryCheckpoint {
  static final String FILE = "millrace-checkpoint";

  private static final int MAGIC = 0x4d524350;

  /// Knows of no transactions.
  private static final short FIRST_VERSION = 1;

  private static final short VERSION = 2;
  private static final int HEADER_BYTES = 4 + 2 + 8 + 4;
  private static final int FIRST_CAPACITY = 64 << 10;

  private DirectoryCheckpoint() {}

  /// What was read: the states, and the generation that the next checkpoint has to exceed.
  record Content(long generation, List<LogState> logs) {}

  static void write(Disk disk, Path directory, long generation, Collection<LogState> logs)
      throws IOException {
    SmallFile.replace(disk, directory.resolve(FILE), encode(generation, logs));
  }

  /// Empty if the file is missing or damaged; `isMissing` of the caller's [Disk#exists] tells
  /// which.
  static Optional<Content> read(Disk disk, Path directory) throws IOException {
    Optional<ByteBuffer> bytes = SmallFile.read(disk, directory.resolve(FILE));
    return bytes.flatMap(DirectoryCheckpoint::decode);
  }

  static ByteBuffer encode(long generation, Collection<LogState> logs) {
    int capacity = FIRST_CAPACITY;
    while (true) {
      try {
        return encode(generation, logs, ByteBuffer.allocate(capacity));
      } catch (BufferOverflowException tooSmall) {
        capacity = Math.multiplyExact(capacity, 4);
      }
    }
  }

  private static ByteBuffer encode(long generation, Collection<LogState> logs, ByteBuffer out) {
    out.putInt(MAGIC).putShort(VERSION).putLong(generation).putInt(0);
    out.putInt(logs.size());
    for (LogState log : logs) {
      encode(log, out);
    }
    out.putInt(HEADER_BYTES - 4, out.position() - HEADER_BYTES);
    return out.putInt(checksum(out, out.position())).flip();
  }

  private static int checksum(ByteBuffer bytes, int size) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(0, size));
    return (int) crc.getValue();
  }

  private static void encode(LogState log, ByteBuffer out) {
    byte[] topic = log.partition().topic().getBytes(StandardCharsets.UTF_8);
    out.putShort((short) topic.length).put(topic).putInt(log.partition().partition());
    out.putLong(log.topicId().mostSignificantBits());
    out.putLong(log.topicId().leastSignificantBits());
    out.put((byte) ((log.isExact() ? 1 : 0) | (log.hasProducers() ? 2 : 0)));
    out.putLong(log.logStartOffset()).putLong(log.endOffset()).putLong(log.snapshotOffset());
    out.putInt(log.segments().size());
    for (SegmentState segment : log.segments()) {
      out.putLong(segment.baseOffset())
          .putInt(segment.sizeInBytes())
          .putLong(segment.maxTimestamp())
          .putLong(segment.offsetOfMaxTimestamp())
          .putLong(segment.firstTimestamp())
          .putLong(segment.createdMs())
          .putInt(segment.offsetIndexEntries())
          .putInt(segment.timeIndexEntries())
          .putInt(segment.transactionIndexEntries());
    }
    out.putInt(log.epochs().size());
    for (LeaderEpochs.Entry epoch : log.epochs()) {
      out.putInt(epoch.epoch()).putLong(epoch.startOffset());
    }
  }

  static Optional<Content> decode(ByteBuffer in) {
    int size = in.limit() - 4;
    if (size < HEADER_BYTES
        || in.getInt(0) != MAGIC
        || in.getShort(4) < FIRST_VERSION
        || in.getShort(4) > VERSION
        || in.getInt(HEADER_BYTES - 4) != size - HEADER_BYTES
        || in.getInt(size) != checksum(in, size)) {
      return Optional.empty();
    }
    try {
      long generation = in.getLong(6);
      in.position(HEADER_BYTES);
      int count = in.getInt();
      List<LogState> logs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        logs.add(decodeLog(in, in.getShort(4)));
      }
      return Optional.of(new Content(generation, logs));
    } catch (BufferUnderflowException writtenWrong) {
      return Optional.empty();
    }
  }

  private static LogState decodeLog(ByteBuffer in, short version) {
    byte[] topic = new byte[in.getShort()];
    in.get(topic);
    TopicPartition partition =
        new TopicPartition(new String(topic, StandardCharsets.UTF_8), in.getInt());
    Uuid topicId = new Uuid(in.getLong(), in.getLong());
    byte flags = in.get();
    long logStartOffset = in.getLong();
    long endOffset = in.getLong();
    long snapshotOffset = in.getLong();
    int segmentCount = in.getInt();
    List<SegmentState> segments = new ArrayList<>();
    for (int i = 0; i < segmentCount; i++) {
      segments.add(
          new SegmentState(
              in.getLong(),
              in.getInt(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getInt(),
              in.getInt(),
              version > FIRST_VERSION ? in.getInt() : 0));
    }
    int epochCount = in.getInt();
    List<LeaderEpochs.Entry> epochs = new ArrayList<>();
    for (int i = 0; i < epochCount; i++) {
      epochs.add(new LeaderEpochs.Entry(in.getInt(), in.getLong()));
    }
    return new LogState(
        partition,
        topicId,
        (flags & 1) != 0,
        logStartOffset,
        endOffset,
        (flags & 2) != 0,
        snapshotOffset,
        segments,
        epochs);
  }
}
