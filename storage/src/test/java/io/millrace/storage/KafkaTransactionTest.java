package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AbortedTxn;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.CompletedTxn;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.TransactionIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kafka's own classes on a log of ours: they come to the same producers, the same last stable
/// offset and, to the byte, the same transaction indexes; and they read our indexes and snapshots.
final class KafkaTransactionTest {
  @TempDir Path temporary;

  @Test
  void kafkaComesToTheSame() throws IOException {
    for (long seed = 1; seed <= 10; seed++) {
      try {
        run(seed, temporary.resolve("ours" + seed), temporary.resolve("kafkas" + seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void run(long seed, Path ours, Path kafkas) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Files.createDirectories(kafkas);
    LogConfig config = Fixture.CONFIG.toBuilder().segmentBytes(3000).build();
    List<AbortedTransaction> aborted;
    List<ActiveProducer> active;
    long end;
    long firstUnstable;
    try (LogDirectory directory = Fixture.open(ours)) {
      PartitionLog log = Fixture.openLog(directory, config);
      RandomTransactions transactions = new RandomTransactions(random);
      for (int i = 0; i < 300; i++) {
        transactions.step(log);
      }
      end = log.logEndOffset();
      log.noteCommitted(end);
      aborted = log.abortedTransactions(0, end);
      active = log.activeProducers();
      firstUnstable = log.firstUnstableOffset();
    }
    TopicPartition partition = new TopicPartition("orders", 3);
    ProducerStateManager manager =
        new ProducerStateManager(
            partition,
            kafkas.toFile(),
            60_000,
            new ProducerStateManagerConfig(86_400_000, true),
            Time.SYSTEM);
    List<AbortedTransaction> kafkasAborted = new ArrayList<>();
    for (String name : Fixture.names(ours)) {
      Optional<Long> base = LogNames.offset(name, LogNames.LOG);
      if (base.isPresent()) {
        replay(manager, base.get(), Fixture.logFile(ours, base.get()).toFile(), kafkas);
        compareIndex(base.get(), ours, kafkas, kafkasAborted);
      }
    }
    manager.onHighWatermarkUpdated(end);
    assertThat(kafkasAborted).isEqualTo(aborted).isNotEmpty();
    assertThat(manager.firstUnstableOffset().map(first -> first.messageOffset))
        .isEqualTo(firstUnstable == Long.MAX_VALUE ? Optional.empty() : Optional.of(firstUnstable));
    assertThat(manager.activeProducers().values().stream().map(KafkaTransactionTest::active))
        .containsExactlyInAnyOrderElementsOf(active);
    File snapshot = Fixture.file(ours, end, LogNames.SNAPSHOT).toFile();
    assertThat(
            ProducerStateManager.readSnapshot(snapshot).stream().map(KafkaTransactionTest::active))
        .containsExactlyInAnyOrderElementsOf(active);
  }

  /// What a Kafka broker does with the batches of its leader.
  private static void replay(
      ProducerStateManager manager, long base, File segment, Path indexDirectory)
      throws IOException {
    File file = indexDirectory.resolve(LogNames.file(base, ".txnindex")).toFile();
    try (FileRecords records = FileRecords.open(segment);
        TransactionIndex index = new TransactionIndex(base, file)) {
      for (RecordBatch batch : records.batches()) {
        if (batch.hasProducerId()) {
          ProducerAppendInfo info =
              manager.prepareUpdate(
                  batch.producerId(),
                  org.apache.kafka.storage.internals.log.AppendOrigin.REPLICATION);
          Optional<CompletedTxn> completed = info.append(batch, Optional.empty());
          manager.update(info);
          if (completed.isPresent()) {
            long stable = manager.lastStableOffset(completed.get());
            if (completed.get().isAborted()) {
              index.append(new AbortedTxn(completed.get(), stable));
            }
            manager.completeTxn(completed.get());
          }
        }
        manager.updateMapEndOffset(batch.lastOffset() + 1);
      }
    }
  }

  private static void compareIndex(
      long base, Path ours, Path kafkas, List<AbortedTransaction> aborted) throws IOException {
    Path own = Fixture.file(ours, base, ".txnindex");
    Path theirs = kafkas.resolve(LogNames.file(base, ".txnindex"));
    byte[] expected = Files.exists(theirs) ? Files.readAllBytes(theirs) : new byte[0];
    assertThat(Files.exists(own) ? Files.readAllBytes(own) : new byte[0]).isEqualTo(expected);
    if (expected.length == 0) {
      return;
    }
    try (TransactionIndex index = new TransactionIndex(base, own.toFile())) {
      index.sanityCheck();
      for (AbortedTxn one : index.allAbortedTxns()) {
        aborted.add(
            new AbortedTransaction(
                one.producerId(), one.firstOffset(), one.lastOffset(), one.lastStableOffset()));
      }
    }
  }

  private static ActiveProducer active(ProducerStateEntry entry) {
    List<BatchMetadata> batches = List.copyOf(entry.batchMetadata());
    return new ActiveProducer(
        entry.producerId(),
        entry.producerEpoch(),
        batches.isEmpty() ? -1 : batches.getLast().lastSeq(),
        entry.lastTimestamp(),
        entry.coordinatorEpoch(),
        entry.currentTxnFirstOffset().orElse(-1));
  }
}
