package io.millrace.storage;

import io.millrace.host.Clock;
import io.millrace.host.Disk;
import io.millrace.host.Entropy;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.Tasks;
import io.millrace.host.jdk.JdkHost;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the tests of logs have in common: a host, batches, and ways to look at a log.
final class Fixture {
  static final TopicPartition PARTITION = new TopicPartition("orders", 3);
  static final Uuid TOPIC_ID = new Uuid(0x1234_5678_9abc_def0L, 42);

  /// No background job runs within a test unless the test asks for it.
  static final LogDirectoryOptions OPTIONS =
      LogDirectoryOptions.of(7, Optional.of("cluster"))
          .withCheckpointInterval(Duration.ofHours(1))
          .withRetentionCheckInterval(Duration.ofHours(1));

  static final LogConfig CONFIG =
      LogConfig.DEFAULTS.toBuilder()
          .messageTimestampAfterMaxMs(Long.MAX_VALUE)
          .retentionMs(-1)
          .fileDeleteDelayMs(0)
          .build();

  private Fixture() {}

  static Host host() {
    return new JdkHost(
        (task, failure) -> {
          throw new AssertionError("task " + task + " failed", failure);
        });
  }

  /// A host that differs from another in its disk.
  static Host withDisk(Host host, Disk disk) {
    return new Host() {
      @Override
      public Clock clock() {
        return host.clock();
      }

      @Override
      public Entropy entropy() {
        return host.entropy();
      }

      @Override
      public Tasks tasks() {
        return host.tasks();
      }

      @Override
      public Disk disk() {
        return disk;
      }

      @Override
      public Net net() {
        return host.net();
      }
    };
  }

  static LogDirectory open(Path path) throws IOException {
    return LogDirectory.open(host(), path, OPTIONS);
  }

  static PartitionLog openLog(LogDirectory directory, LogConfig config) throws IOException {
    return directory.openLog(PARTITION, TOPIC_ID, config);
  }

  /// A batch of `count` records of `valueBytes` each, whose timestamps count up from `timestamp`.
  static ByteBuffer batch(int count, int valueBytes, long timestamp) {
    return batch(new RecordBatchBuilder(), count, valueBytes, timestamp);
  }

  static ByteBuffer batch(RecordBatchBuilder builder, int count, int valueBytes, long timestamp) {
    for (int i = 0; i < count; i++) {
      byte[] value = new byte[valueBytes];
      java.util.Arrays.fill(value, (byte) (timestamp + i));
      builder.append(timestamp + i, null, value);
    }
    return builder.build();
  }

  static ByteBuffer compressed(Compression compression, int count, long timestamp) {
    return batch(new RecordBatchBuilder().compression(compression), count, 100, timestamp);
  }

  static ByteBuffer ofProducer(long producerId, int epoch, int sequence, int count) {
    return batch(
        new RecordBatchBuilder().producer(producerId, (short) epoch, sequence), count, 10, 1000);
  }

  /// A batch of a transaction.
  static ByteBuffer inTransaction(long producerId, int epoch, int sequence, int count) {
    return batch(
        new RecordBatchBuilder().producer(producerId, (short) epoch, sequence).transactional(true),
        count,
        10,
        1000);
  }

  /// Appends a batch of a transaction, which is verified if need be.
  static AppendResult appendInTransaction(
      PartitionLog log, long producerId, int epoch, int sequence, int count) throws IOException {
    VerificationGuard guard =
        log.needsVerification(producerId, (short) epoch)
            ? log.beginVerification(producerId, (short) epoch, sequence)
            : VerificationGuard.NONE;
    return log.append(
        inTransaction(producerId, epoch, sequence, count), 0, AppendOrigin.CLIENT, guard);
  }

  /// Ends a transaction, by a coordinator of epoch 0.
  static AppendResult end(PartitionLog log, long producerId, int epoch, boolean isCommit)
      throws IOException {
    return log.appendMarker(producerId, (short) epoch, 0, isCommit, (short) 0, 0);
  }

  static AppendResult append(PartitionLog log, ByteBuffer batch) throws IOException {
    return log.append(batch, 0, AppendOrigin.CLIENT);
  }

  /// A batch as it was read: its first and last offset, and its bytes.
  record Stored(long baseOffset, long lastOffset, ByteBuffer bytes) {}

  /// All batches from `offset` to the end, read with at most `maxBytes` at a time.
  static List<Stored> readAll(PartitionLog log, long offset, int maxBytes) throws IOException {
    List<Stored> all = new ArrayList<>();
    long next = offset;
    while (next < log.logEndOffset()) {
      List<Stored> some = read(log, next, maxBytes, log.logEndOffset());
      if (some.isEmpty()) {
        throw new AssertionError("nothing at offset " + next + " of " + log);
      }
      all.addAll(some);
      next = some.getLast().lastOffset() + 1;
    }
    return all;
  }

  static List<Stored> read(PartitionLog log, long offset, int maxBytes, long bound)
      throws IOException {
    try (LogSlice slice = log.read(offset, maxBytes, bound, true)) {
      ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
      if (bytes.hasRemaining()) {
        slice.file().read(bytes, slice.position());
      }
      return batches(bytes.flip());
    }
  }

  static List<Stored> batches(ByteBuffer bytes) {
    List<Stored> all = new ArrayList<>();
    BatchCursor cursor = RecordBatches.over(bytes);
    while (cursor.next()) {
      if (!cursor.isCrcValid()) {
        throw new AssertionError("a batch with a wrong checksum at " + cursor.baseOffset());
      }
      all.add(new Stored(cursor.baseOffset(), cursor.lastOffset(), cursor.slice()));
    }
    if (cursor.position() != bytes.limit()) {
      throw new AssertionError("part of a batch at the end: " + cursor.status());
    }
    return all;
  }

  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.getFileName().toString().equals(".lock")) {
              Files.copy(file, to.resolve(from.relativize(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  static Path logFile(Path directory, long baseOffset) {
    return file(directory, baseOffset, LogNames.LOG);
  }

  static Path file(Path directory, long offset, String suffix) {
    return directory.resolve(PARTITION.toString()).resolve(LogNames.file(offset, suffix));
  }

  static List<String> names(Path directory) {
    try (var files = Files.list(directory.resolve(PARTITION.toString()))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
