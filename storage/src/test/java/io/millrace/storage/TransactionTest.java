package io.millrace.storage;

import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.appendInTransaction;
import static io.millrace.storage.Fixture.batch;
import static io.millrace.storage.Fixture.end;
import static io.millrace.storage.Fixture.inTransaction;
import static io.millrace.storage.Fixture.ofProducer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transactions in a log: row 25 of the table of bad inputs, and row 28 as far as the log sees it.
final class TransactionTest {
  private static final short TV2 = 2;
  private static final LogConfig SMALL_SEGMENTS =
      Fixture.CONFIG.toBuilder().segmentBytes(1000).build();

  @TempDir Path path;
  private LogDirectory directory;
  private PartitionLog log;

  @BeforeEach
  void open() throws IOException {
    directory = Fixture.open(path);
    log = Fixture.openLog(directory, SMALL_SEGMENTS);
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  private static void assertRefused(ErrorCode code, ThrowingCallable append) {
    assertThatThrownBy(append)
        .isInstanceOfSatisfying(
            InvalidBatchException.class, e -> assertThat(e.errorCode()).isEqualTo(code));
  }

  private long lastStableOffset(long highWatermark) {
    log.noteCommitted(highWatermark);
    return Math.min(highWatermark, log.firstUnstableOffset());
  }

  @Test
  void anOpenTransactionHoldsReadersBack() throws IOException {
    append(log, batch(3, 10, 1));
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
    appendInTransaction(log, 1, 0, 0, 2);
    appendInTransaction(log, 2, 0, 0, 2);
    appendInTransaction(log, 1, 0, 2, 2);
    assertThat(lastStableOffset(9)).isEqualTo(3);
    assertThat(end(log, 1, 0, true).baseOffset()).isEqualTo(9);
    // The marker is there, but could still be lost.
    assertThat(lastStableOffset(9)).isEqualTo(3);
    assertThat(lastStableOffset(10)).isEqualTo(5);
    end(log, 2, 0, false);
    assertThat(lastStableOffset(10)).isEqualTo(5);
    assertThat(lastStableOffset(11)).isEqualTo(11);
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
    assertThat(log.abortedTransactions(0, 11))
        .containsExactly(new AbortedTransaction(2, 5, 10, 11));
  }

  @Test
  void anOpenTransactionMayReachBelowTheLogStart() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    append(log, batch(8, 10, 1));
    log.advanceLogStartOffset(6);
    assertThat(lastStableOffset(10)).isEqualTo(6);
    end(log, 1, 0, false);
    assertThat(lastStableOffset(11)).isEqualTo(11);
    assertThat(log.abortedTransactions(6, 11))
        .containsExactly(new AbortedTransaction(1, 0, 10, 11));
  }

  @Test
  void segmentsGoWithTheirIndexes() throws IOException {
    for (int i = 0; i < 60; i++) {
      appendInTransaction(log, 1, i, 0, 2);
      log.appendMarker(1, (short) (i + 1), 0, i % 2 == 0, TV2, 0);
    }
    assertThat(Fixture.names(path).stream().filter(name -> name.endsWith(".txnindex")))
        .hasSizeGreaterThan(5);
    lastStableOffset(log.logEndOffset());
    log.flush();
    new LogTruncation(log, directory, log.path()).deleteFirst(4);
    long start = log.logStartOffset();
    assertThat(start).isPositive();
    directory.deletions().runDue();
    assertThat(Fixture.names(path))
        .noneMatch(name -> name.endsWith(".deleted"))
        .filteredOn(name -> name.endsWith(".txnindex"))
        .allMatch(name -> LogNames.offset(name, ".txnindex").orElseThrow() >= start);
    assertThat(log.abortedTransactions(start, log.logEndOffset()))
        .isNotEmpty()
        .allMatch(aborted -> aborted.lastOffset() >= start);
  }

  @Test
  void aBatchNeedsAVerificationToOpenATransaction() throws IOException {
    assertThat(log.needsVerification(1, (short) 0)).isTrue();
    assertRefused(ErrorCode.INVALID_TXN_STATE, () -> append(log, inTransaction(1, 0, 0, 2)));
    VerificationGuard guard = log.beginVerification(1, (short) 0, 0);
    assertThat(log.beginVerification(1, (short) 0, 2)).isSameAs(guard);
    VerificationGuard another = log.beginVerification(2, (short) 0, 0);
    assertRefused(
        ErrorCode.INVALID_TXN_STATE,
        () -> log.append(inTransaction(1, 0, 0, 2), 0, AppendOrigin.CLIENT, another));
    assertRefused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        () -> log.append(inTransaction(1, 0, 2, 2), 0, AppendOrigin.CLIENT, guard));
    log.append(inTransaction(1, 0, 0, 2), 0, AppendOrigin.CLIENT, guard);
    log.append(inTransaction(1, 0, 2, 2), 0, AppendOrigin.CLIENT, guard);
    assertThat(log.needsVerification(1, (short) 0)).isFalse();
    assertThat(log.needsVerification(1, (short) 1)).isTrue();
    append(log, inTransaction(1, 0, 4, 2));
    assertThat(log.logEndOffset()).isEqualTo(6);
  }

  /// What KIP-890 is about: a batch that comes after the end of its transaction opens none.
  @ParameterizedTest(name = "written: {0}")
  @ValueSource(booleans = {true, false})
  void aMarkerMakesAGuardWorthless(boolean isWritten) throws IOException {
    if (!isWritten) {
      end(log, 1, 0, true);
    }
    VerificationGuard guard = log.beginVerification(1, (short) 0, 0);
    assertThat(end(log, 1, 0, false).duplicate()).isEqualTo(!isWritten);
    assertRefused(
        ErrorCode.INVALID_TXN_STATE,
        () -> log.append(inTransaction(1, 0, 0, 2), 0, AppendOrigin.CLIENT, guard));
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aNewerEpochMakesAGuardWorthless() throws IOException {
    VerificationGuard guard = log.beginVerification(1, (short) 0, 0);
    VerificationGuard newer = log.beginVerification(1, (short) 1, 0);
    assertRefused(
        ErrorCode.INVALID_TXN_STATE,
        () -> log.append(inTransaction(1, 0, 0, 2), 0, AppendOrigin.CLIENT, guard));
    log.append(inTransaction(1, 1, 0, 2), 0, AppendOrigin.CLIENT, newer);
    assertRefused(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        () -> log.append(inTransaction(1, 0, 0, 2), 0, AppendOrigin.CLIENT, guard));
  }

  @Test
  void aMarkerOfANewEpochFencesAndClearsTheSequence() throws IOException {
    appendInTransaction(log, 1, 7, 0, 2);
    appendInTransaction(log, 1, 7, 2, 2);
    log.appendMarker(1, (short) 8, 0, true, TV2, 0);
    assertRefused(ErrorCode.INVALID_PRODUCER_EPOCH, () -> appendInTransaction(log, 1, 7, 4, 2));
    assertRefused(ErrorCode.INVALID_PRODUCER_EPOCH, () -> append(log, inTransaction(1, 7, 2, 2)));
    assertRefused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, () -> appendInTransaction(log, 1, 8, 4, 2));
    appendInTransaction(log, 1, 8, 0, 2);
    assertThat(log.activeProducers())
        .containsExactly(new ActiveProducer(1, (short) 8, 1, 1001, 0, 5));
  }

  /// With transactions of version 2, data and marker never have the same epoch.
  @Test
  void aLateMarkerDoesNotEndTheNextTransaction() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    log.appendMarker(1, (short) 1, 0, false, TV2, 0);
    long end = log.logEndOffset();
    AppendResult again = log.appendMarker(1, (short) 1, 0, false, TV2, 0);
    assertThat(again).isEqualTo(new AppendResult(end - 1, end - 1, -1, 0, true));
    appendInTransaction(log, 1, 1, 0, 2);
    assertRefused(
        ErrorCode.INVALID_PRODUCER_EPOCH, () -> log.appendMarker(1, (short) 1, 0, false, TV2, 0));
    log.noteCommitted(end);
    assertThat(log.firstUnstableOffset()).isEqualTo(end);
    log.appendMarker(1, (short) 2, 0, true, TV2, 0);
    assertThat(lastStableOffset(end + 3)).isEqualTo(end + 3);
    assertThat(log.abortedTransactions(0, end + 3)).hasSize(1);
  }

  @Test
  void epochsOfProducersAndCoordinatorsAreFenced() throws IOException {
    appendInTransaction(log, 1, 32_760, 0, 2);
    assertRefused(ErrorCode.INVALID_PRODUCER_EPOCH, () -> end(log, 1, 32_759, true));
    log.appendMarker(1, (short) 32_760, 5, true, (short) 1, 0);
    appendInTransaction(log, 1, 32_760, 2, 2);
    assertRefused(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        () -> log.appendMarker(1, (short) 32_760, 4, true, (short) 1, 0));
    assertRefused(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        () -> log.appendMarker(1, (short) 32_761, 4, true, TV2, 0));
    log.appendMarker(1, Short.MAX_VALUE, 6, false, TV2, 0);
    assertThat(log.activeProducers())
        .containsExactly(
            new ActiveProducer(
                1, Short.MAX_VALUE, -1, log.activeProducers().getFirst().lastTimestamp(), 6, -1));
  }

  @Test
  void aMarkerOfANewCoordinatorIsWrittenAgain() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    log.appendMarker(1, (short) 0, 5, true, (short) 1, 0);
    assertThat(log.appendMarker(1, (short) 0, 5, true, (short) 1, 0).duplicate()).isTrue();
    assertThat(log.appendMarker(1, (short) 0, 6, true, (short) 1, 0).duplicate()).isFalse();
    assertRefused(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        () -> log.appendMarker(1, (short) 0, 5, true, (short) 1, 0));
    assertThat(log.logEndOffset()).isEqualTo(4);
  }

  @Test
  void aMarkerWithoutDataLeavesNoTrace() throws IOException {
    end(log, 1, 3, false);
    assertThat(log.abortedTransactions(0, 10)).isEmpty();
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
    assertRefused(ErrorCode.INVALID_PRODUCER_EPOCH, () -> appendInTransaction(log, 1, 2, 0, 2));
  }

  @Test
  void aProducerInATransactionWritesNothingElse() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    assertRefused(ErrorCode.INVALID_TXN_STATE, () -> append(log, ofProducer(1, 0, 2, 2)));
    end(log, 1, 0, true);
    append(log, ofProducer(1, 0, 2, 2));
  }

  @Test
  void duplicatesAreToldWithoutAGuard() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    end(log, 1, 0, true);
    assertThat(append(log, inTransaction(1, 0, 0, 2)).duplicate()).isTrue();
  }

  /// Offsets that are committed in a transaction: a producer, but no sequence.
  @Test
  void whatACoordinatorWritesForAProducerOpensATransaction() throws IOException {
    RecordBatchBuilder builder =
        new RecordBatchBuilder()
            .producer(4, (short) 1, RecordBatches.NO_SEQUENCE)
            .transactional(true);
    for (int i = 0; i < 2; i++) {
      log.append(batch(builder, 2, 10, 1000), 0, AppendOrigin.COORDINATOR);
    }
    assertThat(log.firstUnstableOffset()).isZero();
    assertThat(log.activeProducers())
        .containsExactly(new ActiveProducer(4, (short) 1, -1, 1001, -1, 0));
    log.appendMarker(4, (short) 2, 0, false, TV2, 0);
    assertThat(log.abortedTransactions(0, 5)).containsExactly(new AbortedTransaction(4, 0, 4, 5));
    assertRefused(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        () -> log.append(batch(builder, 2, 10, 1000), 0, AppendOrigin.COORDINATOR));
    builder.producer(4, (short) 2, RecordBatches.NO_SEQUENCE);
    VerificationGuard stale = log.beginVerification(4, (short) 2, -1);
    log.appendMarker(4, (short) 2, 0, false, TV2, 0);
    assertRefused(
        ErrorCode.INVALID_TXN_STATE,
        () -> log.append(batch(builder, 2, 10, 1000), 0, AppendOrigin.COORDINATOR, stale));
    VerificationGuard guard = log.beginVerification(4, (short) 2, -1);
    log.append(batch(builder, 2, 10, 1000), 0, AppendOrigin.COORDINATOR, guard);
    assertThat(log.needsVerification(4, (short) 2)).isFalse();
  }

  @Test
  void producersInTransactionsAreKept() throws IOException {
    directory.close();
    directory =
        LogDirectory.open(Fixture.host(), path, Fixture.OPTIONS.withMaxProducersPerPartition(10));
    log = Fixture.openLog(directory, SMALL_SEGMENTS);
    for (int i = 0; i < 30; i++) {
      appendInTransaction(log, i, 0, 0, 1);
    }
    for (int i = 100; i < 130; i++) {
      append(log, ofProducer(i, 0, 0, 1));
    }
    assertThat(log.activeProducers()).hasSizeBetween(30, 46);
    log.producers.expire(System.currentTimeMillis() + 1_000_000, 1000);
    assertThat(log.activeProducers()).hasSize(30);
    for (int i = 0; i < 30; i++) {
      assertThat(log.firstUnstableOffset()).isZero();
      end(log, 29 - i, 0, true);
    }
    assertThat(lastStableOffset(log.logEndOffset())).isEqualTo(log.logEndOffset());
    for (int i = 200; i < 230; i++) {
      append(log, ofProducer(i, 0, 0, 1));
    }
    assertThat(log.producers.get(229)).isNotNull();
    assertThat(log.activeProducers()).hasSize(10);
  }

  private void appendManyAborted() throws IOException {
    for (int i = 0; i < 100; i++) {
      appendInTransaction(log, i % 3, 0, 2 * (i / 3), 2);
      if (i % 2 == 0) {
        end(log, i % 3, 0, false);
      }
    }
  }

  private interface Damage {
    void to(Path index) throws IOException;
  }

  private void assertIndexesAreRebuilt(Damage damage) throws IOException {
    appendManyAborted();
    long end = log.logEndOffset();
    List<AbortedTransaction> aborted = log.abortedTransactions(0, end);
    assertThat(aborted).hasSize(50);
    directory.close();
    List<String> indexes =
        Fixture.names(path).stream().filter(name -> name.endsWith(".txnindex")).toList();
    assertThat(indexes).hasSizeGreaterThan(3);
    damage.to(Fixture.logFile(path, 0).resolveSibling(indexes.get(1)));
    damage.to(Fixture.logFile(path, 0).resolveSibling(indexes.getLast()));
    open();
    assertThat(log.abortedTransactions(0, end)).isEqualTo(aborted);
    assertThat(log.abortedTransactions(end / 2, end / 2 + 1))
        .allMatch(one -> one.lastOffset() >= end / 2 && one.firstOffset() <= end / 2);
    // As after a crash, where the files are looked at.
    damage.to(Fixture.logFile(path, 0).resolveSibling(indexes.get(2)));
    damage.to(Fixture.logFile(path, 0).resolveSibling(indexes.getLast()));
    Path copy = path.resolveSibling(path.getFileName() + "-crashed");
    append(log, batch(1, 1, 1));
    Fixture.copy(path, copy);
    directory.close();
    path = copy;
    open();
    assertThat(log.abortedTransactions(0, end)).isEqualTo(aborted);
  }

  @Test
  void missingIndexesAreRebuilt() throws IOException {
    assertIndexesAreRebuilt(Files::deleteIfExists);
  }

  @Test
  void shortenedIndexesAreRebuilt() throws IOException {
    assertIndexesAreRebuilt(
        index -> {
          byte[] bytes = Files.readAllBytes(index);
          Files.write(index, java.util.Arrays.copyOf(bytes, bytes.length - 5));
        });
  }

  @Test
  void overwrittenIndexesAreRebuilt() throws IOException {
    assertIndexesAreRebuilt(index -> Files.write(index, new byte[(int) Files.size(index)]));
  }

  @Test
  void truncationReopensATransaction() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    end(log, 1, 0, false);
    appendInTransaction(log, 1, 0, 2, 2);
    end(log, 1, 0, false);
    assertThat(lastStableOffset(6)).isEqualTo(6);
    log.truncateTo(5);
    assertThat(lastStableOffset(5)).isEqualTo(3);
    assertThat(log.abortedTransactions(0, 6)).containsExactly(new AbortedTransaction(1, 0, 2, 3));
    end(log, 1, 0, true);
    assertThat(lastStableOffset(6)).isEqualTo(6);
    log.truncateTo(0);
    assertThat(log.abortedTransactions(0, 6)).isEmpty();
    assertThat(log.activeProducers()).isEmpty();
    appendInTransaction(log, 1, 0, 0, 2);
    log.truncateFullyAndStartAt(70);
    assertThat(lastStableOffset(70)).isEqualTo(70);
    assertThat(log.activeProducers()).isEmpty();
  }

  @Test
  void aSnapshotOfAnotherLogIsNotTakenUp() throws IOException {
    appendInTransaction(log, 1, 0, 0, 2);
    directory.close();
    open();
    assertThat(log.firstUnstableOffset()).isZero();
    log.truncateFullyAndStartAt(70);
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
    directory.close();
    open();
    assertThat(log.firstUnstableOffset()).isEqualTo(Long.MAX_VALUE);
  }
}
