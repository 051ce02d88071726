package io.millrace.storage;

import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crash can do to the last write, byte by byte.
final class CrashTest {
  private static final int FLUSHED = 5;
  private static final int TOTAL = 8;

  @TempDir Path temporary;

  /// Leaves a copy of a log of [#TOTAL] batches, of which the checkpoint knows [#FLUSHED].
  private Path crashed() throws IOException {
    Path live = temporary.resolve("live");
    Path copy = temporary.resolve("crashed");
    try (LogDirectory directory = Fixture.open(live)) {
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      for (int i = 0; i < TOTAL; i++) {
        append(log, Fixture.ofProducer(1, 0, 2 * i, 2));
        if (i == FLUSHED - 1) {
          log.flush();
          directory.checkpoint();
        }
      }
      Fixture.copy(live, copy);
    }
    return copy;
  }

  private void assertRecovers(Path copy, int batches) throws IOException {
    try (LogDirectory directory = Fixture.open(copy)) {
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      assertThat(log.recoveryCases()).noneMatch(RecoveryCase::isDamage);
      assertThat(log.logEndOffset()).isEqualTo(2L * batches);
      assertThat(log.flushedOffset()).isEqualTo(2L * batches);
      assertThat(Fixture.readAll(log, 0, 1 << 20)).hasSize(batches);
      for (int i = Math.max(0, batches - ProducerState.WINDOW); i < batches; i++) {
        assertThat(append(log, Fixture.ofProducer(1, 0, 2 * i, 2)).duplicate()).isTrue();
      }
      append(log, Fixture.ofProducer(1, 0, 2 * batches, 2));
    }
  }

  @Test
  void tornAtEveryByte() throws IOException {
    Path crashed = crashed();
    long size = Files.size(Fixture.logFile(crashed, 0));
    int batchSize = (int) (size / TOTAL);
    for (long cut = (long) FLUSHED * batchSize; cut <= size; cut++) {
      Path copy = temporary.resolve("cut" + cut);
      Fixture.copy(crashed, copy);
      try (RandomAccessFile file = new RandomAccessFile(Fixture.logFile(copy, 0).toFile(), "rw")) {
        file.setLength(cut);
      }
      assertRecovers(copy, (int) (cut / batchSize));
    }
  }

  @Test
  void anyByteOfTheLastBatchIsWrong() throws IOException {
    Path crashed = crashed();
    long size = Files.size(Fixture.logFile(crashed, 0));
    int batchSize = (int) (size / TOTAL);
    for (int at = 0; at < batchSize; at++) {
      Path copy = temporary.resolve("flip" + at);
      Fixture.copy(crashed, copy);
      try (RandomAccessFile file = new RandomAccessFile(Fixture.logFile(copy, 0).toFile(), "rw")) {
        file.seek(size - batchSize + at);
        int old = file.read();
        file.seek(size - batchSize + at);
        file.write(old ^ 0x80);
      }
      // Neither base offset nor leader epoch are under the checksum.
      boolean isUnchecked = (at > 0 && at < 8) || (at >= 12 && at < 16);
      if (!isUnchecked) {
        assertRecovers(copy, TOTAL - 1);
      }
    }
  }

  @Test
  void copiedAtAnyMomentOfAppending() throws IOException {
    Path live = temporary.resolve("live");
    LogConfig config = Fixture.CONFIG.toBuilder().segmentBytes(2000).build();
    try (LogDirectory directory = Fixture.open(live)) {
      PartitionLog log = Fixture.openLog(directory, config);
      for (int i = 0; i < 60; i++) {
        append(log, batch(1, 300, i));
        if (i % 7 == 0) {
          directory.checkpoint();
        }
        long flushed = log.flushedOffset();
        Path copy = temporary.resolve("copy" + i);
        Fixture.copy(live, copy);
        try (LogDirectory recovered = Fixture.open(copy)) {
          PartitionLog again = Fixture.openLog(recovered, config);
          assertThat(again.recoveryCases()).noneMatch(RecoveryCase::isDamage);
          assertThat(again.logEndOffset()).isEqualTo(i + 1L).isGreaterThanOrEqualTo(flushed);
          assertThat(Fixture.readAll(again, 0, 1 << 20)).hasSize(i + 1);
        }
      }
    }
  }
}
