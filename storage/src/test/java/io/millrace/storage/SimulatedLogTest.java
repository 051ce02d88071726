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
