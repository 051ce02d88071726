package io.millrace.storage;

import static io.millrace.storage.Fixture.CONFIG;
import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.ofProducer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.InvalidBatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProducerTest {
  @TempDir Path path;
  private LogDirectory directory;
  private PartitionLog log;

  @BeforeEach
  void open() throws IOException {
    directory = Fixture.open(path);
    log = Fixture.openLog(directory, CONFIG);
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  private void reopen() throws IOException {
    directory.close();
    open();
  }

  private void crash(Path copy) throws IOException {
    Fixture.copy(path, copy);
    directory.close();
    path = copy;
    open();
  }

  private void assertRefused(int epoch, int sequence, ErrorCode code) {
    assertThatThrownBy(() -> append(log, ofProducer(9, epoch, sequence, 2)))
        .isInstanceOfSatisfying(
            InvalidBatchException.class, e -> assertThat(e.errorCode()).isEqualTo(code));
  }

  /// Ten batches of two records each: sequences 0 to 19, offsets alike.
  private void appendTen() throws IOException {
    for (int i = 0; i < 10; i++) {
      assertThat(append(log, ofProducer(9, 0, 2 * i, 2)).baseOffset()).isEqualTo(2L * i);
    }
  }

  private void assertWindow() throws IOException {
    for (int i = 5; i < 10; i++) {
      AppendResult result = append(log, ofProducer(9, 0, 2 * i, 2));
      assertThat(result).isEqualTo(new AppendResult(2L * i, 2L * i + 1, -1, 0, true));
    }
    assertRefused(0, 8, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertRefused(0, 21, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertThat(log.logEndOffset()).isEqualTo(20);
  }

  @Test
  void answersADuplicateWithItsFirstOffset() throws IOException {
    appendTen();
    assertWindow();
  }

  @Test
  void keepsTheWindowOverARestart() throws IOException {
    appendTen();
    reopen();
    assertThat(log.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
    assertWindow();
    append(log, ofProducer(9, 0, 20, 2));
  }

  @Test
  void collectsTheWindowAfterACrash(@TempDir Path copy) throws IOException {
    appendTen();
    log.flush();
    crash(copy.resolve("1"));
    assertWindow();
  }

  @Test
  void collectsTheWindowAfterACrashFromSnapshotAndTail(@TempDir Path copy) throws IOException {
    for (int i = 0; i < 8; i++) {
      append(log, ofProducer(9, 0, 2 * i, 2));
    }
    reopen();
    append(log, ofProducer(9, 0, 16, 2));
    directory.checkpoint();
    append(log, ofProducer(9, 0, 18, 2));
    log.flush();
    crash(copy.resolve("1"));
    assertThat(log.recoveryCases()).doesNotContain(RecoveryCase.SNAPSHOT_REBUILT);
    assertWindow();
  }

  @Test
  void collectsProducersFromTheLogIfTheSnapshotIsDamaged() throws IOException {
    appendTen();
    directory.close();
    Path snapshot = Fixture.file(path, 20, LogNames.SNAPSHOT);
    byte[] bytes = Files.readAllBytes(snapshot);
    bytes[20] ^= 1;
    Files.write(snapshot, bytes);
    open();
    assertThat(log.recoveryCases()).contains(RecoveryCase.SNAPSHOT_REBUILT);
    assertWindow();
  }

  @Test
  void fencesOldEpochs() throws IOException {
    append(log, ofProducer(9, 3, 0, 2));
    assertRefused(2, 2, ErrorCode.INVALID_PRODUCER_EPOCH);
    assertRefused(4, 2, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    append(log, ofProducer(9, 4, 0, 2));
    assertRefused(3, 2, ErrorCode.INVALID_PRODUCER_EPOCH);
    assertThat(log.logEndOffset()).isEqualTo(4);
  }

  @Test
  void acceptsAnySequenceOfAnUnknownProducer() throws IOException {
    append(log, ofProducer(9, 5, 77, 2));
    assertRefused(5, 78, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    append(log, ofProducer(9, 5, 79, 2));
  }

  @Test
  void wrapsSequences() throws IOException {
    append(log, ofProducer(9, 0, Integer.MAX_VALUE - 1, 1));
    append(log, ofProducer(9, 0, Integer.MAX_VALUE, 3));
    assertThat(append(log, ofProducer(9, 0, Integer.MAX_VALUE, 3)).duplicate()).isTrue();
    append(log, ofProducer(9, 0, 2, 1));
    assertThat(log.logEndOffset()).isEqualTo(5);
  }

  @Test
  void forgetsTheLongestSilentBeyondTheLimit() throws IOException {
    directory.close();
    directory =
        LogDirectory.open(Fixture.host(), path, Fixture.OPTIONS.withMaxProducersPerPartition(100));
    log = Fixture.openLog(directory, CONFIG);
    append(log, ofProducer(1_000_000, 0, 0, 1));
    for (int i = 0; i < 500; i++) {
      append(log, ofProducer(i, 0, 0, 1));
      if (i % 50 == 0) {
        append(log, ofProducer(1_000_000, 0, 1 + i / 50, 1));
      }
    }
    assertThat(log.producers.all()).hasSize(100);
    assertThat(append(log, ofProducer(1_000_000, 0, 10, 1)).duplicate()).isTrue();
  }

  @Test
  void expiresProducersThatAreSilent() throws IOException {
    append(log, ofProducer(9, 0, 5, 1));
    long now = System.currentTimeMillis();
    assertThat(log.producers.expire(now + 1000, 100_000)).isZero();
    assertThat(log.producers.expire(now + 200_000, 100_000)).isEqualTo(1);
    append(log, ofProducer(9, 0, 50, 1));
  }
}
