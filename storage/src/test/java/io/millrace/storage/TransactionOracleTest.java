package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Disk;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random histories of data, markers, truncations, damaged files, restarts and losses of power, in
/// the simulator: the log always knows of its transactions what its batches say.
final class TransactionOracleTest {
  private static final Path PATH = Path.of("/data");
  private static final Path LOG_PATH = PATH.resolve(Fixture.PARTITION.toString());

  @Test
  void behavesAsAList() {
    for (long seed = 1; seed <= 60; seed++) {
      try {
        new Run(seed).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class Run {
    private final long seed;
    private final SplittableRandom random;
    private final RandomTransactions oracle;
    private final LogConfig config;
    private @Nullable LogDirectory directory;
    private @Nullable PartitionLog opened;
    private long highWatermark;
    private long flushed;

    Run(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      this.oracle = new RandomTransactions(random.split());
      this.config =
          Fixture.CONFIG.toBuilder()
              .segmentBytes(random.nextInt(300, 5000))
              .indexIntervalBytes(random.nextInt(0, 1000))
              .durability(random.nextBoolean() ? Durability.FSYNC : Durability.REPLICATED)
              .build();
    }

    void run() {
      try (Simulation simulation = new Simulation(seed)) {
        SimulatedHost host = simulation.host("node");
        for (int life = 0; life < 8; life++) {
          simulation.run(host, "open", () -> open(host));
          simulation.run(host, "live", this::live);
          switch (random.nextInt(3)) {
            case 0 -> simulation.run(host, "close", () -> directory().close());
            case 1 -> {
              host.crash();
              host.restart();
            }
            default -> {
              host.kill();
              host.restart();
            }
          }
          simulation.run(host, "damage", () -> damage(host.disk()));
        }
        simulation.run(host, "last", () -> open(host));
      }
    }

    private LogDirectory directory() {
      if (directory == null) {
        throw new IllegalStateException("not open");
      }
      return directory;
    }

    private PartitionLog log() {
      if (opened == null) {
        throw new IllegalStateException("not open");
      }
      return opened;
    }

    private void open(SimulatedHost host) throws IOException {
      directory =
          LogDirectory.open(
              host, PATH, Fixture.OPTIONS.withCheckpointInterval(Duration.ofSeconds(2)));
      opened = directory.openLog(Fixture.PARTITION, Fixture.TOPIC_ID, config);
      assertThat(log().recoveryCases()).noneMatch(RecoveryCase::isDamage);
      assertThat(log().logEndOffset()).isBetween(flushed, oracle.end());
      oracle.truncate(log().logEndOffset());
      highWatermark = log().logEndOffset();
      log().setRetentionBound(() -> highWatermark);
      check();
    }

    private void live() throws IOException {
      int steps = random.nextInt(5, 60);
      for (int i = 0; i < steps; i++) {
        switch (random.nextInt(30)) {
          case 0 -> log().flush();
          case 1 -> directory().checkpoint();
          case 2 -> truncate();
          case 3, 4, 5 -> commit();
          default -> oracle.step(log());
        }
        check();
      }
      flushed = log().flushedOffset();
    }

    private void commit() {
      highWatermark += random.nextLong(log().logEndOffset() - highWatermark + 1);
      log().noteCommitted(highWatermark);
    }

    private void truncate() throws IOException {
      if (random.nextInt(3) == 0 && oracle.end() > 0) {
        long offset = Math.max(0, oracle.end() - random.nextInt(40));
        long end = oracle.batchAt(offset);
        log().truncateTo(offset);
        assertThat(log().logEndOffset()).isEqualTo(end);
        oracle.truncate(end);
        highWatermark = Math.min(highWatermark, end);
      }
    }

    private void check() throws IOException {
      assertThat(log().logEndOffset()).isEqualTo(oracle.end());
      assertThat(Math.min(highWatermark, log().firstUnstableOffset()))
          .as("last stable offset at high watermark %d", highWatermark)
          .isEqualTo(oracle.lastStableOffset(highWatermark));
      assertThat(log().activeProducers()).containsExactlyInAnyOrderElementsOf(oracle.active());
      for (Map.Entry<Long, RandomTransactions.Model> entry : oracle.models().entrySet()) {
        assertThat(RandomTransactions.window(log().producers.get(entry.getKey()), entry.getValue()))
            .isEqualTo(entry.getValue().window);
      }
      checkAborted(0, oracle.end());
      long fetchOffset = random.nextLong(oracle.end() + 1);
      checkAborted(fetchOffset, fetchOffset + random.nextInt(30));
    }

    private void checkAborted(long fetchOffset, long upperBound) throws IOException {
      List<AbortedTransaction> aborted = log().abortedTransactions(fetchOffset, upperBound);
      assertThat(
              aborted.stream()
                  .map(one -> List.of(one.producerId(), one.firstOffset(), one.lastOffset())))
          .as("aborted from %d to %d", fetchOffset, upperBound)
          .isEqualTo(oracle.aborted(fetchOffset, upperBound));
    }

    /// What the log can do without may be missing or wrong at the next start.
    private void damage(Disk disk) throws IOException {
      if (random.nextBoolean() || !disk.exists(LOG_PATH)) {
        return;
      }
      for (String name : disk.list(LOG_PATH)) {
        boolean isSpare = name.endsWith(LogNames.SNAPSHOT) || name.endsWith(".txnindex");
        if (isSpare && random.nextInt(3) == 0) {
          damage(disk, LOG_PATH.resolve(name));
        }
      }
    }

    private void damage(Disk disk, Path path) throws IOException {
      int kind = random.nextInt(4);
      if (kind == 0) {
        disk.delete(path);
        return;
      }
      try (Disk.File file = disk.open(path, Disk.OpenMode.EXISTING)) {
        if (kind == 1) {
          file.truncate(random.nextLong(file.size() + 1));
        } else if (kind == 2) {
          file.write(ByteBuffer.allocate(40), file.size());
        } else {
          file.write(ByteBuffer.allocate((int) file.size()), 0);
        }
      }
    }
  }
}
