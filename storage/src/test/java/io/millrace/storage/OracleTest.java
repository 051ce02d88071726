package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random operations on a log against a list of what was appended. With each reopening the log is
/// either closed in order or crashes (a copy of the directory goes on); a crash may also tear off
/// part of what was not flushed.
final class OracleTest {
  private static final List<Compression> CODECS = List.of(Compression.values());

  @TempDir Path temporary;

  private record Rec(long offset, long timestamp, int epoch) {}

  private record Batch(long baseOffset, long lastOffset) {}

  @Test
  void behavesAsAList() throws IOException {
    for (int round = 0; round < 6; round++) {
      long seed = 7_001L + round;
      try {
        new Run(seed, temporary.resolve("run" + round)).run(300);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class Run {
    private final SplittableRandom random;
    private final Path root;
    private final LogConfig config;
    private final List<Rec> records = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();
    private Path path;
    private int crashes;
    private LogDirectory directory;
    private PartitionLog log;
    private long start;
    private long clock = 1_000_000;
    private int epoch;

    Run(long seed, Path root) throws IOException {
      this.random = new SplittableRandom(seed);
      this.root = root;
      this.path = root.resolve("0");
      this.config =
          Fixture.CONFIG.toBuilder()
              .segmentBytes(random.nextInt(2000, 60_000))
              .segmentMs(random.nextInt(1000, 1_000_000))
              .segmentIndexBytes(random.nextInt(100, 10_000))
              .indexIntervalBytes(random.nextInt(0, 5000))
              .durability(random.nextBoolean() ? Durability.FSYNC : Durability.REPLICATED)
              .build();
      this.directory = Fixture.open(path);
      this.log = Fixture.openLog(directory, config);
    }

    void run(int steps) throws IOException {
      for (int step = 0; step < steps; step++) {
        int kind = random.nextInt(20);
        switch (kind) {
          case 0 -> lookUpByTime();
          case 1 -> deleteRecords();
          case 2 -> retain();
          case 3 -> log.flush();
          case 4 -> reopen();
          case 5 -> crash();
          case 6 -> epoch += random.nextInt(3);
          case 7 -> truncate();
          case 8 -> directory.checkpoint();
          case 9, 10, 11 -> read();
          default -> append();
        }
        check();
      }
      directory.close();
    }

    private void append() throws IOException {
      int count = random.nextInt(1, 8);
      RecordBatchBuilder builder =
          new RecordBatchBuilder().compression(CODECS.get(random.nextInt(CODECS.size())));
      for (int i = 0; i < count; i++) {
        byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 1500 : 200)];
        long timestamp = clock + random.nextInt(-500, 500);
        builder.append(timestamp, null, value);
        records.add(new Rec(end() + i, timestamp, epoch));
      }
      clock += random.nextInt(300);
      batches.add(new Batch(end(), end() + count - 1));
      AppendResult result = log.append(builder.build(), epoch, AppendOrigin.CLIENT);
      assertThat(result.baseOffset()).isEqualTo(batches.getLast().baseOffset());
      assertThat(result.lastOffset()).isEqualTo(batches.getLast().lastOffset());
    }

    private long end() {
      return batches.isEmpty() ? start : Math.max(start, batches.getLast().lastOffset() + 1);
    }

    private void check() {
      assertThat(log.logEndOffset()).isEqualTo(end());
      assertThat(log.logStartOffset()).isEqualTo(start);
      assertThat(log.flushedOffset()).isLessThanOrEqualTo(end());
    }

    private void read() throws IOException {
      if (end() == start) {
        return;
      }
      long offset = start + random.nextLong(end() - start);
      long bound = boundaryAfter(offset);
      int maxBytes = random.nextInt(1, 20_000);
      List<Fixture.Stored> got = Fixture.read(log, offset, maxBytes, bound);
      assertThat(got).isNotEmpty();
      int size = 0;
      long next = -1;
      for (Fixture.Stored stored : got) {
        Batch expected = batchOf(stored.baseOffset());
        assertThat(stored.baseOffset()).isEqualTo(expected.baseOffset());
        assertThat(stored.lastOffset()).isEqualTo(expected.lastOffset()).isLessThan(bound);
        assertThat(next < 0 ? offset : next).isBetween(stored.baseOffset(), stored.lastOffset());
        next = stored.lastOffset() + 1;
        size += stored.bytes().remaining();
        checkRecords(stored.bytes());
      }
      assertThat(size <= maxBytes || got.size() == 1).isTrue();
    }

    private void checkRecords(ByteBuffer bytes) {
      BatchCursor cursor = RecordBatches.over(bytes);
      cursor.next();
      try (RecordCursor stored = cursor.records(DecompressionLimit.UNLIMITED)) {
        while (stored.next()) {
          Rec expected = record(stored.offset());
          assertThat(stored.timestamp()).isEqualTo(expected.timestamp());
          assertThat(cursor.partitionLeaderEpoch()).isEqualTo(expected.epoch());
        }
      }
    }

    private Rec record(long offset) {
      return records.stream().filter(r -> r.offset() == offset).findFirst().orElseThrow();
    }

    private Batch batchOf(long offset) {
      return batches.stream()
          .filter(b -> b.baseOffset() <= offset && offset <= b.lastOffset())
          .findFirst()
          .orElseThrow();
    }

    /// The end of some batch after `offset`, as a high watermark would be.
    private long boundaryAfter(long offset) {
      List<Batch> later = batches.stream().filter(b -> b.lastOffset() >= offset).toList();
      return later.get(random.nextInt(later.size())).lastOffset() + 1;
    }

    private void lookUpByTime() throws IOException {
      long timestamp = clock - random.nextInt(100_000) + 600;
      Optional<Rec> expected =
          records.stream()
              .filter(r -> r.offset() >= start && r.timestamp() >= timestamp)
              .findFirst();
      assertThat(log.offsetForTimestamp(timestamp, end()))
          .isEqualTo(
              expected.map(r -> new TimestampAndOffset(r.timestamp(), r.offset(), r.epoch())));
      if (start == log.segments.first().baseOffset()) {
        long max =
            records.stream()
                .filter(r -> r.offset() >= start)
                .mapToLong(Rec::timestamp)
                .max()
                .orElse(-1);
        assertThat(log.offsetOfMaxTimestamp().map(TimestampAndOffset::timestamp).orElse(-1L))
            .isEqualTo(max);
      }
    }

    private void deleteRecords() throws IOException {
      if (random.nextInt(4) == 0) {
        long target = start + random.nextLong(end() - start + 1);
        start = log.advanceLogStartOffset(target);
        assertThat(start).isEqualTo(target);
      }
    }

    private void retain() throws IOException {
      LogConfig limited =
          config.toBuilder().retentionBytes(random.nextInt(20_000, 200_000)).build();
      int count = Retention.deletable(log.segments.all(), limited, start, log.retentionBound(), 0);
      if (count > 0) {
        new LogTruncation(log, directory, log.path()).deleteFirst(count);
        assertThat(log.logStartOffset()).isGreaterThanOrEqualTo(start);
        start = log.logStartOffset();
        directory.deletions().runDue();
      }
    }

    private void truncate() throws IOException {
      if (random.nextInt(5) == 0 && end() > start) {
        long offset = start + random.nextLong(end() - start);
        log.truncateTo(offset);
        long newEnd = log.logEndOffset();
        assertThat(newEnd).isLessThanOrEqualTo(offset);
        cutAt(newEnd);
        start = Math.min(start, newEnd);
      }
    }

    private void cutAt(long newEnd) {
      batches.removeIf(b -> b.lastOffset() >= newEnd);
      records.removeIf(r -> r.offset() >= newEnd);
      epoch = Math.max(epoch, log.latestEpoch());
    }

    private void reopen() throws IOException {
      directory.close();
      directory = Fixture.open(path);
      log = Fixture.openLog(directory, config);
      assertThat(log.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
    }

    private void crash() throws IOException {
      long flushed = log.flushedOffset();
      crashes++;
      Path copy = root.resolve("" + crashes);
      Fixture.copy(path, copy);
      long last = log.segments.active().baseOffset();
      long flushedSize =
          log.flushPoint().segment().baseOffset() == last ? log.flushPoint().position() : 0;
      directory.close();
      path = copy;
      Path file = Fixture.logFile(path, last);
      long size = java.nio.file.Files.size(file);
      if (size > flushedSize && random.nextBoolean()) {
        try (var opened = new java.io.RandomAccessFile(file.toFile(), "rw")) {
          opened.setLength(flushedSize + random.nextLong(size - flushedSize));
        }
      }
      directory = Fixture.open(path);
      log = Fixture.openLog(directory, config);
      assertThat(log.recoveryCases()).noneMatch(RecoveryCase::isDamage);
      assertThat(log.logEndOffset()).isGreaterThanOrEqualTo(flushed);
      cutAt(log.logEndOffset());
      // Deletion by retention is not durable at once; deletion of records is.
      assertThat(log.logStartOffset()).isEqualTo(start);
    }
  }
}
