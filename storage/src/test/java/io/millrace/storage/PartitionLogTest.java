package io.millrace.storage;

import static io.millrace.storage.Fixture.CONFIG;
import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.TimestampType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PartitionLogTest {
  @TempDir Path path;
  private LogDirectory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Fixture.open(path);
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  private PartitionLog log(LogConfig config) throws IOException {
    return Fixture.openLog(directory, config);
  }

  @Test
  void assignsOffsetsAndReadsThemBack() throws IOException {
    PartitionLog log = log(CONFIG);
    assertThat(append(log, batch(3, 10, 1000))).isEqualTo(new AppendResult(0, 2, -1, 0, false));
    assertThat(append(log, batch(2, 10, 2000))).isEqualTo(new AppendResult(3, 4, -1, 0, false));
    assertThat(log.logEndOffset()).isEqualTo(5);
    List<Fixture.Stored> all = Fixture.readAll(log, 0, 1 << 20);
    assertThat(all).extracting(Fixture.Stored::baseOffset).containsExactly(0L, 3L);
    assertThat(Fixture.read(log, 4, 1 << 20, 5))
        .extracting(Fixture.Stored::baseOffset)
        .containsExactly(3L);
    assertThat(Fixture.read(log, 0, 1 << 20, 3))
        .extracting(Fixture.Stored::baseOffset)
        .containsExactly(0L);
    assertThat(Fixture.read(log, 5, 1 << 20, 5)).isEmpty();
    assertThatThrownBy(() -> log.read(6, 10, 6, true))
        .isInstanceOf(OffsetOutOfRangeException.class)
        .hasMessageContaining("offset 6 of orders-3 is outside of 0 to 5");
    assertThatThrownBy(() -> log.read(-1, 10, 6, true))
        .isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void keepsTheLimitsOfARead() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().indexIntervalBytes(500).build());
    int size = batch(1, 100, 0).remaining();
    for (int i = 0; i < 100; i++) {
      append(log, batch(1, 100, i));
    }
    try (LogSlice slice = log.read(10, size - 1, 100, false)) {
      assertThat(slice.sizeInBytes()).isZero();
    }
    try (LogSlice slice = log.read(10, size - 1, 100, true)) {
      assertThat(slice.sizeInBytes()).isEqualTo(size);
      assertThat(slice.position()).isEqualTo(10L * size);
    }
    assertThat(Fixture.read(log, 10, 3 * size + 1, 100)).hasSizeBetween(1, 3);
    assertThat(Fixture.read(log, 10, 50 * size, 12)).hasSize(2);
    assertThat(Fixture.readAll(log, 0, 777)).hasSize(100);
    assertThat(Fixture.readAll(log, 57, 20 * size)).hasSize(43);
  }

  @Test
  void rollsByBytes() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().segmentBytes(1000).build());
    for (int i = 0; i < 20; i++) {
      append(log, batch(1, 300, i));
    }
    assertThat(log.segments.all()).hasSize(10);
    assertThat(Fixture.readAll(log, 0, 1 << 20)).hasSize(20);
    assertThat(Fixture.names(path))
        .contains("00000000000000000018.log", "00000000000000000016.index")
        .contains("00000000000000000016.timeindex", "partition.metadata");
  }

  @Test
  void rollsByTheTimeOfTheBatches() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().segmentMs(1000).build());
    append(log, batch(1, 10, 5000));
    append(log, batch(1, 10, 6000));
    assertThat(log.segments.all()).hasSize(1);
    append(log, batch(1, 10, 6001));
    assertThat(log.segments.all()).hasSize(2);
    append(log, batch(1, 10, 100));
    assertThat(log.segments.all()).hasSize(2);
  }

  @Test
  void rollsWhenTheIndexIsFull() throws IOException {
    PartitionLog log =
        log(CONFIG.toBuilder().indexIntervalBytes(0).segmentIndexBytes(12 * 4).build());
    for (int i = 0; i < 20; i++) {
      append(log, batch(1, 10, i));
    }
    assertThat(log.segments.all().length).isGreaterThan(3);
    assertThat(Fixture.readAll(log, 0, 1 << 20)).hasSize(20);
  }

  @Test
  void rollsBeforeRelativeOffsetsOverflow() throws IOException {
    PartitionLog log = log(CONFIG);
    append(log, batch(1, 10, 1));
    ByteBuffer far = batch(1, 10, 1);
    RecordBatches.over(far).moveTo(0);
    far.putLong(0, Integer.MAX_VALUE + 10L);
    log.append(far, 5, AppendOrigin.REPLICATION);
    assertThat(log.segments.all()).hasSize(2);
    assertThat(log.logEndOffset()).isEqualTo(Integer.MAX_VALUE + 11L);
    assertThat(Fixture.read(log, 1, 100, log.logEndOffset()))
        .extracting(Fixture.Stored::baseOffset)
        .containsExactly(Integer.MAX_VALUE + 10L);
  }

  @Test
  void findsRecordsByTime() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().segmentBytes(2000).indexIntervalBytes(200).build());
    for (int i = 0; i < 50; i++) {
      append(log, batch(2, 100, 1000 + 10L * i));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(log.offsetForTimestamp(1000 + 10L * i, 100))
          .contains(new TimestampAndOffset(1000 + 10L * i, 2L * i, 0));
      assertThat(log.offsetForTimestamp(1001 + 10L * i, 100))
          .contains(new TimestampAndOffset(1001 + 10L * i, 2L * i + 1, 0));
    }
    assertThat(log.offsetForTimestamp(0, 100)).contains(new TimestampAndOffset(1000, 0, 0));
    assertThat(log.offsetForTimestamp(2000, 100)).isEmpty();
    assertThat(log.offsetForTimestamp(1490, 98)).isEmpty();
    assertThat(log.offsetOfMaxTimestamp()).contains(new TimestampAndOffset(1491, 99, 0));
    append(log, Fixture.compressed(Compression.LZ4, 5, 5000));
    append(log, batch(1, 10, 2000));
    assertThat(log.offsetOfMaxTimestamp()).contains(new TimestampAndOffset(5004, 104, 0));
    assertThat(log.offsetForTimestamp(4000, 106)).contains(new TimestampAndOffset(5000, 100, 0));
  }

  @Test
  void recompressesWhereTheTopicSaysSo() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().compressionType("zstd").build());
    append(log, Fixture.compressed(Compression.GZIP, 50, 1000));
    append(log, Fixture.compressed(Compression.ZSTD, 50, 1000));
    append(log, batch(50, 100, 1000));
    for (Fixture.Stored stored : Fixture.readAll(log, 0, 1 << 20)) {
      BatchCursor cursor = RecordBatches.over(stored.bytes());
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.compression()).isEqualTo(Compression.ZSTD);
      assertThat(cursor.recordCount()).isEqualTo(50);
    }
    assertThat(log.logEndOffset()).isEqualTo(150);
  }

  @Test
  void setsLogAppendTime() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().logAppendTime(true).build());
    AppendResult result = append(log, batch(2, 10, 1000));
    assertThat(result.logAppendTimeMs()).isPositive();
    BatchCursor cursor = RecordBatches.over(Fixture.readAll(log, 0, 1000).getFirst().bytes());
    cursor.next();
    assertThat(cursor.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    assertThat(cursor.maxTimestamp()).isEqualTo(result.logAppendTimeMs());
  }

  @Test
  void refusesWhatIsInvalidAndAppendsNothing() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().maxMessageBytes(2000).segmentBytes(1000).build());
    ByteBuffer damaged = batch(1, 10, 1);
    damaged.put(damaged.limit() - 1, (byte) 77);
    assertInvalid(log, damaged, ErrorCode.CORRUPT_MESSAGE);
    assertInvalid(log, batch(1, 3000, 1), ErrorCode.MESSAGE_TOO_LARGE);
    assertInvalid(log, batch(1, 1500, 1), ErrorCode.RECORD_LIST_TOO_LARGE);
    assertThat(log.logEndOffset()).isZero();
    assertThat(log.sizeInBytes()).isZero();
  }

  private static void assertInvalid(PartitionLog log, ByteBuffer batch, ErrorCode code) {
    assertThatThrownBy(() -> append(log, batch))
        .isInstanceOfSatisfying(
            InvalidBatchException.class, e -> assertThat(e.errorCode()).isEqualTo(code));
  }

  @Test
  void deletesRecordsAndSegments() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().segmentBytes(1000).build());
    for (int i = 0; i < 20; i++) {
      append(log, batch(1, 300, i));
    }
    assertThat(log.advanceLogStartOffset(7)).isEqualTo(7);
    assertThat(log.advanceLogStartOffset(3)).isEqualTo(7);
    assertThat(log.logStartOffset()).isEqualTo(7);
    assertThatThrownBy(() -> log.advanceLogStartOffset(21))
        .isInstanceOf(OffsetOutOfRangeException.class);
    assertThatThrownBy(() -> log.read(6, 10, 20, true))
        .isInstanceOf(OffsetOutOfRangeException.class);
    assertThat(Fixture.readAll(log, 7, 1000).getFirst().baseOffset()).isEqualTo(7);
    log.flush();
    try (LogSlice held = log.read(7, 1000, 20, true)) {
      retain(log);
      assertThat(log.segments.first().baseOffset()).isEqualTo(6);
      log.updateConfig(CONFIG.toBuilder().segmentBytes(1000).retentionBytes(500).build());
      retain(log);
      assertThat(log.segments.first().baseOffset()).isEqualTo(18);
      assertThat(log.logStartOffset()).isEqualTo(18);
      directory.deletions().runDue();
      assertThat(held.file().read(ByteBuffer.allocate(10), held.position())).isEqualTo(10);
    }
    assertThat(Fixture.names(path).stream().filter(name -> name.endsWith(".log")))
        .containsExactly("00000000000000000018.log");
    log.updateConfig(CONFIG.toBuilder().retentionMs(1000).build());
    retain(log);
    assertThat(log.logStartOffset()).isEqualTo(20);
    assertThat(log.sizeInBytes()).isZero();
    append(log, batch(1, 10, 5));
    assertThat(log.logEndOffset()).isEqualTo(21);
  }

  private void retain(PartitionLog log) throws IOException {
    int count =
        Retention.deletable(
            log.segments.all(),
            log.config(),
            log.logStartOffset(),
            log.retentionBound(),
            System.currentTimeMillis());
    if (count > 0) {
      new LogTruncation(log, directory, log.path()).deleteFirst(count);
    }
  }

  @Test
  void tellsWhereEpochsEnd() throws IOException {
    PartitionLog log = log(CONFIG);
    log.append(batch(10, 10, 1), 2, AppendOrigin.CLIENT);
    log.append(batch(10, 10, 1), 4, AppendOrigin.CLIENT);
    assertThat(log.latestEpoch()).isEqualTo(4);
    assertThat(log.endOffsetForEpoch(1)).isEqualTo(new EpochEndOffset(1, 0));
    assertThat(log.endOffsetForEpoch(2)).isEqualTo(new EpochEndOffset(2, 10));
    assertThat(log.endOffsetForEpoch(3)).isEqualTo(new EpochEndOffset(2, 10));
    assertThat(log.endOffsetForEpoch(4)).isEqualTo(new EpochEndOffset(4, 20));
    assertThat(log.endOffsetForEpoch(5)).isEqualTo(EpochEndOffset.UNKNOWN);
    assertThat(log.endOffsetForEpoch(-1)).isEqualTo(EpochEndOffset.UNKNOWN);
  }

  @Test
  void truncates() throws IOException {
    PartitionLog log = log(CONFIG.toBuilder().segmentBytes(1000).indexIntervalBytes(10).build());
    for (int i = 0; i < 20; i++) {
      log.append(batch(1, 300, i), i / 5, AppendOrigin.CLIENT);
    }
    log.truncateTo(13);
    assertThat(log.logEndOffset()).isEqualTo(13);
    assertThat(log.flushedOffset()).isEqualTo(13);
    assertThat(log.latestEpoch()).isEqualTo(2);
    append(log, batch(1, 300, 99));
    assertThat(Fixture.readAll(log, 0, 1 << 20)).hasSize(14);
    log.truncateFullyAndStartAt(1000);
    assertThat(log.logStartOffset()).isEqualTo(1000);
    append(log, batch(1, 300, 99));
    assertThat(log.logEndOffset()).isEqualTo(1001);
    directory.close();
    directory = Fixture.open(path);
    PartitionLog reopened = log(CONFIG);
    assertThat(reopened.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
    assertThat(reopened.logStartOffset()).isEqualTo(1000);
    assertThat(reopened.logEndOffset()).isEqualTo(1001);
  }

  @Test
  void flushesByTheModeOfTheTopic() throws IOException, InterruptedException {
    PartitionLog fsync = log(CONFIG);
    var flushed = new java.util.concurrent.Semaphore(0);
    fsync.setFlushListener(flushed::release);
    append(fsync, batch(1, 10, 1));
    flushed.acquire();
    assertThat(fsync.flushedOffset()).isEqualTo(1);
    fsync.updateConfig(
        CONFIG.toBuilder().durability(Durability.REPLICATED).flushMessages(3).build());
    append(fsync, batch(2, 10, 1));
    assertThat(fsync.flushedOffset()).isEqualTo(1);
    append(fsync, batch(1, 10, 1));
    flushed.acquire();
    assertThat(fsync.flushedOffset()).isEqualTo(4);
  }

  @Test
  void reopensAfterACleanClose() throws IOException {
    LogConfig config = CONFIG.toBuilder().segmentBytes(1000).indexIntervalBytes(10).build();
    PartitionLog log = log(config);
    for (int i = 0; i < 11; i++) {
      log.append(batch(1, 300, i), i / 5, AppendOrigin.CLIENT);
    }
    log.advanceLogStartOffset(3);
    directory.close();
    for (int round = 0; round < 3; round++) {
      directory = Fixture.open(path);
      PartitionLog reopened = log(config);
      assertThat(reopened.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
      assertThat(reopened.logStartOffset()).isEqualTo(3);
      assertThat(reopened.logEndOffset()).isEqualTo(11 + round);
      assertThat(reopened.flushedOffset()).isEqualTo(11 + round);
      assertThat(reopened.endOffsetForEpoch(1)).isEqualTo(new EpochEndOffset(1, 10));
      assertThat(Fixture.readAll(reopened, 3, 1 << 20)).hasSize(8 + round);
      assertThat(reopened.offsetForTimestamp(7, 100)).map(TimestampAndOffset::offset).contains(7L);
      append(reopened, batch(1, 300, 100 + round));
      directory.close();
    }
  }

  @Test
  void deletesLogsAndSetsStraysAside() throws IOException {
    PartitionLog log = log(CONFIG);
    append(log, batch(1, 10, 1));
    directory.deleteLog(Fixture.PARTITION);
    assertThat(directory.log(Fixture.PARTITION)).isEmpty();
    assertThatThrownBy(() -> append(log, batch(1, 10, 1))).isInstanceOf(IOException.class);
    PartitionLog again = log(CONFIG);
    assertThat(again.logEndOffset()).isZero();
    append(again, batch(1, 10, 1));
    directory.close();
    directory = Fixture.open(path);
    directory.setAsideStrays(partition -> false);
    assertThat(path.toFile().list()).anyMatch(name -> name.matches("orders-3\\..*-stray"));
    assertThat(log(CONFIG).logEndOffset()).isZero();
    assertThat(directory.nodeId()).isEqualTo(7);
    assertThat(directory.clusterId()).isEqualTo("cluster");
  }

  @Test
  void setsAsideADirectoryOfAnotherTopicId() throws IOException {
    append(log(CONFIG), batch(1, 10, 1));
    directory.close();
    directory = Fixture.open(path);
    PartitionLog other =
        directory.openLog(Fixture.PARTITION, new io.millrace.protocol.Uuid(1, 2), CONFIG);
    assertThat(other.logEndOffset()).isZero();
    assertThat(path.toFile().list()).anyMatch(name -> name.endsWith("-stray"));
  }

  @Test
  void tellsTheOperatorWhatIsWrongWithADirectory() throws IOException {
    assertThatThrownBy(() -> Fixture.open(path))
        .isInstanceOf(LogDirectoryException.class)
        .hasMessageContaining("in use by another process");
    directory.close();
    assertThatThrownBy(
            () ->
                LogDirectory.open(
                    Fixture.host(), path, LogDirectoryOptions.of(8, Optional.empty())))
        .isInstanceOf(LogDirectoryException.class)
        .hasMessageContaining("belongs to node 7, and this is node 8");
    assertThatThrownBy(
            () ->
                LogDirectory.open(
                    Fixture.host(), path, LogDirectoryOptions.of(7, Optional.of("other"))))
        .isInstanceOf(LogDirectoryException.class)
        .hasMessageContaining("belongs to cluster cluster");
    java.nio.file.Files.writeString(path.resolve("meta.properties"), "version=1\nnode.id=7\n");
    assertThatThrownBy(() -> Fixture.open(path))
        .isInstanceOf(LogDirectoryException.class)
        .hasMessageContaining("cluster.id is missing");
    java.nio.file.Files.delete(path.resolve("meta.properties"));
    java.nio.file.Files.createDirectories(path.resolve("orders-0"));
    assertThatThrownBy(() -> Fixture.open(path))
        .isInstanceOf(LogDirectoryException.class)
        .hasMessageContaining("holds partitions such as orders-0 but no meta.properties");
  }
}
