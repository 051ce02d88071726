package io.millrace.storage;

import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.TopicPartition;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each case of [RecoveryCase]. A crash is a copy of the directory while it is in use; what the
/// copy lacks or has wrong is then made by hand.
final class RecoveryTest {
  /// Segments of three batches of one record.
  private static final LogConfig CONFIG =
      Fixture.CONFIG.toBuilder().segmentBytes(1200).indexIntervalBytes(10).build();

  private static final int BATCH_SIZE = batch(1, 300, 0).remaining();

  @TempDir Path temporary;
  private Path copy = Path.of("");

  /// Appends `flushed` batches and takes a checkpoint, then `unflushed` more (of which the
  /// checkpoint knows nothing), and leaves the copy as a crash would.
  private void crashWith(int flushed, int unflushed) throws IOException {
    Path path = temporary.resolve("live");
    copy = temporary.resolve("copy");
    try (LogDirectory directory = Fixture.open(path)) {
      PartitionLog log = Fixture.openLog(directory, CONFIG);
      for (int i = 0; i < flushed; i++) {
        append(log, batch(1, 300, i));
      }
      log.flush();
      directory.checkpoint();
      for (int i = flushed; i < flushed + unflushed; i++) {
        append(log, batch(1, 300, i));
      }
      Fixture.copy(path, copy);
    }
  }

  private void closeWith(int batches) throws IOException {
    copy = temporary.resolve("copy");
    try (LogDirectory directory = Fixture.open(copy)) {
      PartitionLog log = Fixture.openLog(directory, CONFIG);
      for (int i = 0; i < batches; i++) {
        append(log, batch(1, 300, i));
      }
    }
  }

  /// Opens the copy, checks the cases and what the log holds, that it can be appended to, and that
  /// the next start finds it in order.
  private PartitionLog reopen(long start, long end, RecoveryCase... cases) throws IOException {
    PartitionLog recovered;
    try (LogDirectory directory = Fixture.open(copy)) {
      recovered = Fixture.openLog(directory, CONFIG);
      assertThat(recovered.recoveryCases()).containsExactlyInAnyOrder(cases);
      assertHolds(recovered, start, end);
      assertThat(recovered.flushedOffset()).isEqualTo(end);
      for (int i = 0; i < 4; i++) {
        assertThat(append(recovered, batch(1, 300, end + i)).baseOffset()).isEqualTo(end + i);
      }
      assertHolds(recovered, start, end + 4);
    }
    try (LogDirectory directory = Fixture.open(copy)) {
      PartitionLog again = Fixture.openLog(directory, CONFIG);
      assertThat(again.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
      assertHolds(again, start, end + 4);
    }
    return recovered;
  }

  private static void assertHolds(PartitionLog log, long start, long end) throws IOException {
    assertThat(log.logStartOffset()).isEqualTo(start);
    assertThat(log.logEndOffset()).isEqualTo(end);
    List<Fixture.Stored> all = Fixture.readAll(log, start, 1 << 20);
    assertThat(all).hasSize((int) (end - start));
    for (long offset = start; offset < end; offset++) {
      assertThat(Fixture.read(log, offset, 1, end).getFirst().baseOffset()).isEqualTo(offset);
      assertThat(log.offsetForTimestamp(offset, end).orElseThrow().offset()).isEqualTo(offset);
    }
    if (end > start) {
      assertThat(log.offsetOfMaxTimestamp().orElseThrow().offset()).isEqualTo(end - 1);
    }
  }

  private void change(Path file, long position, int value) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.seek(position);
      opened.write(value);
    }
  }

  private void setSize(Path file, long size) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(size);
    }
  }

  private Path log(long baseOffset) {
    return Fixture.logFile(copy, baseOffset);
  }

  private List<String> quarantined() {
    return Fixture.names(copy).stream().filter(name -> name.contains(".quarantined")).toList();
  }

  @Test
  void clean() throws IOException {
    closeWith(7);
    reopen(0, 7, RecoveryCase.CLEAN);
  }

  @Test
  void endsWhereItWasFlushed() throws IOException {
    crashWith(7, 0);
    reopen(0, 7, RecoveryCase.ENDS_AT_FLUSHED);
  }

  @Test
  void validTailInTheSameSegment() throws IOException {
    crashWith(7, 1);
    reopen(0, 8, RecoveryCase.VALID_TAIL);
  }

  @Test
  void validTailOverSeveralSegments() throws IOException {
    crashWith(7, 10);
    reopen(0, 17, RecoveryCase.VALID_TAIL);
  }

  @Test
  void tornTailIsCutOff() throws IOException {
    crashWith(7, 2);
    setSize(log(6), 3L * BATCH_SIZE - 1);
    reopen(0, 8, RecoveryCase.VALID_TAIL, RecoveryCase.TORN_TAIL);
    assertThat(quarantined()).isEmpty();
  }

  @Test
  void tornTailWithAWrongChecksumIsCutOff() throws IOException {
    crashWith(7, 2);
    change(log(6), 3L * BATCH_SIZE - 10, 99);
    reopen(0, 8, RecoveryCase.VALID_TAIL, RecoveryCase.TORN_TAIL);
  }

  @Test
  void tornTailBeforeAnEmptySegmentIsCutOff() throws IOException {
    crashWith(7, 2);
    setSize(log(6), 3L * BATCH_SIZE - 1);
    Files.createFile(log(9));
    reopen(0, 8, RecoveryCase.VALID_TAIL, RecoveryCase.TORN_TAIL);
  }

  @Test
  void zerosAreCutOff() throws IOException {
    crashWith(7, 1);
    setSize(log(6), 2L * BATCH_SIZE + 5000);
    reopen(0, 8, RecoveryCase.VALID_TAIL, RecoveryCase.ZERO_TAIL);
  }

  @Test
  void zerosRightBehindTheFlushedPointAreCutOff() throws IOException {
    crashWith(7, 0);
    setSize(log(6), BATCH_SIZE + 5000);
    reopen(0, 7, RecoveryCase.ZERO_TAIL);
  }

  @Test
  void shorterThanFlushedIsSetAside() throws IOException {
    crashWith(8, 1);
    setSize(log(6), 2L * BATCH_SIZE - 1);
    reopen(0, 7, RecoveryCase.DAMAGED_BELOW_FLUSHED);
    assertThat(quarantined()).contains("00000000000000000006.log.quarantined");
  }

  @Test
  void damageBeforeValidBatchesIsSetAside() throws IOException {
    crashWith(7, 5);
    change(log(6), 2L * BATCH_SIZE - 10, 99);
    reopen(0, 7, RecoveryCase.DAMAGED_BEFORE_VALID);
    assertThat(quarantined())
        .contains("00000000000000000006.log.quarantined", "00000000000000000009.log.quarantined");
  }

  @Test
  void damageBeforeAValidBatchOfTheSameSegmentIsSetAside() throws IOException {
    crashWith(7, 2);
    change(log(6), BATCH_SIZE + 8, 99);
    reopen(0, 7, RecoveryCase.DAMAGED_BEFORE_VALID);
    assertThat(quarantined()).contains("00000000000000000006.log.quarantined");
  }

  @Test
  void nothingIsOverwrittenByASecondQuarantine() throws IOException {
    crashWith(7, 5);
    Files.writeString(
        copy.resolve("orders-3").resolve("00000000000000000006.log.quarantined"), "earlier");
    change(log(6), 2L * BATCH_SIZE - 10, 99);
    reopen(0, 7, RecoveryCase.DAMAGED_BEFORE_VALID);
    assertThat(quarantined()).contains("00000000000000000006.log.quarantined.1");
    assertThat(copy.resolve("orders-3").resolve("00000000000000000006.log.quarantined"))
        .hasContent("earlier");
  }

  @Test
  void missingSegment() throws IOException {
    crashWith(11, 0);
    Files.delete(log(3));
    reopen(0, 3, RecoveryCase.SEGMENT_MISSING, RecoveryCase.LEFTOVERS_REMOVED);
    assertThat(quarantined())
        .contains("00000000000000000006.log.quarantined", "00000000000000000009.log.quarantined");
  }

  @Test
  void shortSealedSegment() throws IOException {
    crashWith(11, 0);
    setSize(log(3), 2L * BATCH_SIZE + 7);
    reopen(0, 5, RecoveryCase.SEGMENT_MISSING);
  }

  @Test
  void missingFirstSegmentIsRetention() throws IOException {
    crashWith(11, 0);
    Files.delete(log(0));
    reopen(3, 11, RecoveryCase.LEFTOVERS_REMOVED);
  }

  @Test
  void longSealedSegment() throws IOException {
    crashWith(11, 0);
    setSize(log(3), 3L * BATCH_SIZE + 7);
    reopen(0, 11, RecoveryCase.SEALED_SEGMENT_LONGER);
  }

  @Test
  void allSegmentsMissing() throws IOException {
    crashWith(11, 0);
    for (long base = 0; base < 12; base += 3) {
      Files.delete(log(base));
    }
    reopen(11, 11, RecoveryCase.ALL_SEGMENTS_MISSING, RecoveryCase.LEFTOVERS_REMOVED);
  }

  @Test
  void missingShortAndWrongIndexesAreRebuilt() throws IOException {
    crashWith(11, 0);
    Files.delete(Fixture.file(copy, 3, LogNames.OFFSET_INDEX));
    reopen(0, 11, RecoveryCase.INDEX_REBUILT);
  }

  @Test
  void shortTimeIndexIsRebuilt() throws IOException {
    crashWith(11, 0);
    setSize(Fixture.file(copy, 0, LogNames.TIME_INDEX), 13);
    reopen(0, 11, RecoveryCase.INDEX_REBUILT);
  }

  @Test
  void damagedIndexOfTheLastSegmentIsRebuilt() throws IOException {
    crashWith(11, 0);
    Path index = Fixture.file(copy, 9, LogNames.OFFSET_INDEX);
    change(index, Files.size(index) - 2, 0x7f);
    reopen(0, 11, RecoveryCase.INDEX_REBUILT);
  }

  @Test
  void zeroedIndexOfTheLastSegmentIsRebuilt() throws IOException {
    crashWith(11, 0);
    Path index = Fixture.file(copy, 9, LogNames.OFFSET_INDEX);
    Files.write(index, new byte[(int) Files.size(index)]);
    reopen(0, 11, RecoveryCase.INDEX_REBUILT);
  }

  @Test
  void indexEntriesBeyondTheFlushedPointAreDropped() throws IOException {
    crashWith(11, 0);
    Path index = Fixture.file(copy, 9, LogNames.OFFSET_INDEX);
    setSize(index, Files.size(index) + 80);
    reopen(0, 11, RecoveryCase.ENDS_AT_FLUSHED);
  }

  @Test
  void indexThatTurnsOutWrongAtALookUpIsRebuilt() throws IOException {
    closeWith(11);
    Path index = Fixture.file(copy, 3, LogNames.OFFSET_INDEX);
    change(index, 7, 13);
    change(index, 15, 14);
    reopen(0, 11, RecoveryCase.CLEAN);
    closeAndDeleteIndexes();
    reopen(0, 15, RecoveryCase.CLEAN);
  }

  private void closeAndDeleteIndexes() throws IOException {
    for (String name : Fixture.names(copy)) {
      if (name.endsWith("index")) {
        Files.delete(copy.resolve("orders-3").resolve(name));
      }
    }
  }

  @Test
  void leftoversAreRemoved() throws IOException {
    crashWith(7, 0);
    for (String name :
        List.of(
            "00000000000000000000.log.deleted",
            "00000000000000000000.log.cleaned",
            "leader-epoch-checkpoint.tmp",
            "00000000000000000099.index")) {
      Files.writeString(copy.resolve("orders-3").resolve(name), "x");
    }
    reopen(0, 7, RecoveryCase.LEFTOVERS_REMOVED);
    assertThat(Fixture.names(copy)).noneMatch(name -> name.endsWith(".deleted"));
    assertThat(Fixture.names(copy)).noneMatch(name -> name.endsWith(".cleaned"));
  }

  @Test
  void swapFilesAreSetAside() throws IOException {
    crashWith(7, 0);
    Files.writeString(copy.resolve("orders-3").resolve("00000000000000000000.log.swap"), "x");
    reopen(0, 7, RecoveryCase.SWAP_SET_ASIDE);
    assertThat(quarantined()).containsExactly("00000000000000000000.log.swap.quarantined");
  }

  @Test
  void damagedCheckpointMeansThatEverythingIsRead() throws IOException {
    crashWith(7, 3);
    change(copy.resolve(DirectoryCheckpoint.FILE), 30, 0x55);
    reopen(0, 10, RecoveryCase.NO_CHECKPOINT, RecoveryCase.VALID_TAIL);
  }

  @Test
  void tornTailWithoutACheckpoint() throws IOException {
    crashWith(7, 4);
    Files.delete(copy.resolve(DirectoryCheckpoint.FILE));
    setSize(log(9), 2L * BATCH_SIZE - 1);
    reopen(0, 10, RecoveryCase.NO_CHECKPOINT, RecoveryCase.VALID_TAIL, RecoveryCase.TORN_TAIL);
  }

  @Test
  void damageWithoutACheckpoint() throws IOException {
    crashWith(7, 4);
    Files.delete(copy.resolve(DirectoryCheckpoint.FILE));
    change(log(3), 2L * BATCH_SIZE - 1, 99);
    reopen(
        0,
        4,
        RecoveryCase.NO_CHECKPOINT,
        RecoveryCase.VALID_TAIL,
        RecoveryCase.DAMAGED_BEFORE_VALID);
  }

  @Test
  void startBeyondTheEnd() throws IOException {
    Path path = temporary.resolve("live");
    copy = temporary.resolve("copy");
    LogConfig replicated = CONFIG.toBuilder().durability(Durability.REPLICATED).build();
    try (LogDirectory directory = Fixture.open(path)) {
      PartitionLog log = Fixture.openLog(directory, replicated);
      append(log, batch(1, 300, 0));
      log.flush();
      append(log, batch(1, 300, 1));
      log.advanceLogStartOffset(2);
      Fixture.copy(path, copy);
    }
    setSize(log(0), BATCH_SIZE);
    reopen(2, 2, RecoveryCase.START_BEYOND_END);
  }

  @Test
  void epochsAreCollectedFromTheTail() throws IOException {
    Path path = temporary.resolve("live");
    copy = temporary.resolve("copy");
    try (LogDirectory directory = Fixture.open(path)) {
      PartitionLog log = Fixture.openLog(directory, CONFIG);
      log.append(batch(1, 300, 0), 1, AppendOrigin.CLIENT);
      log.flush();
      directory.checkpoint();
      log.append(batch(1, 300, 1), 2, AppendOrigin.CLIENT);
      log.append(batch(1, 300, 2), 5, AppendOrigin.CLIENT);
      Fixture.copy(path, copy);
    }
    setSize(log(0), 3L * BATCH_SIZE - 1);
    try (LogDirectory directory = Fixture.open(copy)) {
      PartitionLog log = Fixture.openLog(directory, CONFIG);
      assertThat(log.latestEpoch()).isEqualTo(2);
      assertThat(log.endOffsetForEpoch(1)).isEqualTo(new EpochEndOffset(1, 1));
    }
  }

  @Test
  void logsThatWereNotOpenedKeepTheirState() throws IOException {
    copy = temporary.resolve("copy");
    TopicPartition other = new TopicPartition("orders", 4);
    try (LogDirectory directory = Fixture.open(copy)) {
      append(Fixture.openLog(directory, CONFIG), batch(1, 300, 0));
      append(directory.openLog(other, Fixture.TOPIC_ID, CONFIG), batch(2, 300, 0));
    }
    try (LogDirectory directory = Fixture.open(copy)) {
      append(Fixture.openLog(directory, CONFIG), batch(1, 300, 0));
    }
    try (LogDirectory directory = Fixture.open(copy)) {
      PartitionLog log = directory.openLog(other, Fixture.TOPIC_ID, CONFIG);
      assertThat(log.recoveryCases()).containsExactly(RecoveryCase.CLEAN);
      assertThat(log.logEndOffset()).isEqualTo(2);
    }
  }
}
