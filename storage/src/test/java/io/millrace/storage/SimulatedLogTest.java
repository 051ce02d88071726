package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.TopicPartition;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Logs in the simulator: what was flushed outlives the loss of power, and a seed replays a run.
final class SimulatedLogTest {
  private static final Path PATH = Path.of("/data");
  private static final int PARTITIONS = 3;
  private static final int ROUNDS = 6;

  private static final LogDirectoryOptions OPTIONS =
      Fixture.OPTIONS.withCheckpointInterval(Duration.ofSeconds(2));

  private static final LogConfig CONFIG =
      Fixture.CONFIG.toBuilder().segmentBytes(5000).indexIntervalBytes(500).build();

  /// What is known of the partitions from outside: how many batches were sent to each, and how many
  /// of them are known to be on stable storage.
  private final int[] sent = new int[PARTITIONS];

  private final int[] flushed = new int[PARTITIONS];

  @Test
  void flushedBatchesOutliveTheLossOfPower() {
    for (long seed = 1; seed <= 20; seed++) {
      run(seed);
    }
  }

  @Test
  void aSeedReplaysARun() {
    assertThat(run(99)).isEqualTo(run(99)).isNotEqualTo(run(98));
  }

  @Test
  void theBackgroundJobFlushesExpiresAndDeletes() {
    LogConfig config =
        CONFIG.toBuilder()
            .durability(Durability.REPLICATED)
            .flushMs(3_000)
            .retentionMs(60_000)
            .messageTimestampBeforeMaxMs(Long.MAX_VALUE)
            .fileDeleteDelayMs(5_000)
            .build();
    try (Simulation simulation = new Simulation(5)) {
      SimulatedHost host = simulation.host("node");
      List<PartitionLog> opened = new ArrayList<>();
      List<LogDirectory> directories = new ArrayList<>();
      simulation.run(
          host,
          "append",
          () -> {
            LogDirectory directory =
                LogDirectory.open(
                    host,
                    PATH,
                    OPTIONS
                        .withRetentionCheckInterval(Duration.ofSeconds(20))
                        .withProducerExpiration(Duration.ofMinutes(20)));
            PartitionLog log = Fixture.openLog(directory, config);
            log.append(Fixture.batch(5, 400, host.clock().wallMs()), 0, AppendOrigin.CLIENT);
            log.append(Fixture.ofProducer(1, 0, 0, 2), 0, AppendOrigin.CLIENT);
            opened.add(log);
            directories.add(directory);
          });
      PartitionLog log = opened.getFirst();
      simulation.runFor(Duration.ofSeconds(1));
      assertThat(log.flushedOffset()).isZero();
      simulation.runFor(Duration.ofSeconds(5));
      assertThat(log.flushedOffset()).isEqualTo(7);
      simulation.runFor(Duration.ofSeconds(40));
      assertThat(log.logStartOffset()).isZero();
      simulation.runFor(Duration.ofSeconds(45));
      assertThat(log.logStartOffset()).isEqualTo(7);
      simulation.run(
          host,
          "look",
          () ->
              assertThat(host.disk().list(PATH.resolve("orders-3")))
                  .contains("00000000000000000007.log")
                  .doesNotContain("00000000000000000000.log.deleted"));
      assertThat(log.producers.isEmpty()).isFalse();
      simulation.runFor(Duration.ofMinutes(45));
      assertThat(log.producers.isEmpty()).isTrue();
      simulation.run(host, "close", () -> directories.getFirst().close());
    }
  }

  private long run(long seed) {
    Arrays.fill(sent, 0);
    Arrays.fill(flushed, 0);
    try (Simulation simulation = new Simulation(seed)) {
      SplittableRandom random = new SplittableRandom(seed);
      SimulatedHost host = simulation.host("node");
      for (int round = 0; round < ROUNDS; round++) {
        host.tasks().start("node", () -> serve(host, random.split()));
        simulation.runFor(Duration.ofMillis(random.nextInt(1, 8_000)));
        if (random.nextBoolean()) {
          host.crash();
        } else {
          host.kill();
        }
        host.restart();
      }
      simulation.run(host, "last", () -> open(host).close());
      return simulation.traceHash();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  /// Opens the logs and checks what they hold.
  private LogDirectory open(SimulatedHost host) throws IOException {
    LogDirectory directory = LogDirectory.open(host, PATH, OPTIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      PartitionLog log =
          directory.openLog(new TopicPartition("topic", i), Fixture.TOPIC_ID, CONFIG);
      assertThat(log.recoveryCases()).noneMatch(RecoveryCase::isDamage);
      int batches = (int) (log.logEndOffset() / 2);
      assertThat(batches).isBetween(flushed[i], sent[i]);
      assertThat(log.flushedOffset()).isEqualTo(log.logEndOffset());
      assertThat(Fixture.readAll(log, 0, 10_000)).hasSize(batches);
      sent[i] = batches;
      flushed[i] = batches;
    }
    return directory;
  }

  private void serve(SimulatedHost host, SplittableRandom random)
      throws IOException, InterruptedException {
    LogDirectory directory = open(host);
    List<PartitionLog> logs = new ArrayList<>(directory.logs());
    for (int i = 0; i < PARTITIONS; i++) {
      int index = i;
      PartitionLog log = logs.get(i);
      log.setFlushListener(() -> flushed[index] = (int) (log.flushedOffset() / 2));
    }
    while (true) {
      int i = random.nextInt(PARTITIONS);
      for (int retry = Math.max(0, sent[i] - random.nextInt(3)); retry < sent[i]; retry++) {
        AppendResult again = Fixture.append(logs.get(i), Fixture.ofProducer(i, 0, 2 * retry, 2));
        assertThat(again.duplicate()).isTrue();
        assertThat(again.baseOffset()).isEqualTo(2L * retry);
      }
      int next = sent[i]++;
      AppendResult result = Fixture.append(logs.get(i), Fixture.ofProducer(i, 0, 2 * next, 2));
      assertThat(result.baseOffset()).isEqualTo(2L * next);
      host.clock().sleep(Duration.ofMillis(random.nextInt(40)));
    }
  }
}
