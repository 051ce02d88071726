package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Tasks;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.storage.Durability;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The high watermark and those who wait for it, in simulated time.
@Timeout(60)
final class PartitionTest {
  private final SimulatedLogs logs = new SimulatedLogs(5);
  private final List<Partition> led = new ArrayList<>();
  private final List<String> journal = new ArrayList<>();

  @BeforeEach
  void lead() {
    logs.run(
        () -> {
          led.add(logs.lead(0, Durability.FSYNC));
          led.add(logs.lead(1, Durability.REPLICATED));
        });
  }

  @AfterEach
  void close() {
    logs.close();
  }

  private Partition fsynced() {
    return led.get(0);
  }

  private Partition replicated() {
    return led.get(1);
  }

  @Test
  void anFsyncedRecordIsCommittedWhenItIsOnTheDisk() {
    logs.run(
        () -> {
          for (int i = 1; i <= 20; i++) {
            fsynced().append(logs.batch(1, 100));
            assertThat(fsynced().highWatermark())
                .isLessThanOrEqualTo(fsynced().log().flushedOffset());
            assertThat(
                    fsynced()
                        .awaitCommitted(i, logs.host.clock().deadlineIn(Duration.ofSeconds(9))))
                .isEqualTo(ErrorCode.NONE);
            assertThat(fsynced().highWatermark()).isEqualTo(i);
            assertThat(fsynced().log().flushedOffset()).isEqualTo(i);
          }
        });
  }

  @Test
  void aReplicatedRecordIsCommittedByAllReplicasThatThereAre() {
    logs.run(
        () -> {
          replicated().append(logs.batch(3, 100));
          assertThat(replicated().highWatermark()).isEqualTo(3);
          assertThat(replicated().lastStableOffset()).isEqualTo(3);
          for (IsolationLevel isolation : IsolationLevel.values()) {
            assertThat(replicated().readableEnd(isolation)).isEqualTo(3);
          }
        });
  }

  @Test
  void whatIsCommittedSurvivesALossOfPower() {
    logs.run(
        () -> {
          fsynced().append(logs.batch(5, 100));
          fsynced().awaitCommitted(5, logs.host.clock().deadlineIn(Duration.ofSeconds(9)));
        });
    logs.host.crash();
    logs.host.restart();
    logs.open();
    logs.run(
        () -> {
          Partition again = logs.lead(0, Durability.FSYNC);
          assertThat(again.highWatermark()).isEqualTo(5);
          assertThat(again.log().logEndOffset()).isEqualTo(5);
        });
  }

  @Test
  void aWaitEndsAtItsDeadline() {
    Tasks.Task waiter = await(1, Duration.ofSeconds(3));
    logs.simulation.runUntil(waiter::isDone);
    assertThat(journal).containsExactly("REQUEST_TIMED_OUT after 3000 ms");
  }

  @Test
  void aDeadlineThatHasPassedEndsTheWaitAtOnce() {
    Tasks.Task waiter = await(1, Duration.ZERO);
    logs.simulation.runUntil(waiter::isDone);
    assertThat(journal).containsExactly("REQUEST_TIMED_OUT after 0 ms");
  }

  @Test
  void aWaitEndsWhenThePartitionIsLedNoMore() {
    Tasks.Task waiter = await(1, Duration.ofSeconds(60));
    logs.simulation.runFor(Duration.ofSeconds(2));
    logs.run(() -> fsynced().close());
    logs.simulation.runUntil(waiter::isDone);
    assertThat(journal).containsExactly("NOT_LEADER_OR_FOLLOWER after 2000 ms");
    assertThat(fsynced().isClosed()).isTrue();
  }

  @Test
  void whatIsCommittedAlreadyNeedsNoWait() {
    logs.run(
        () -> {
          fsynced().append(logs.batch(1, 100));
          fsynced().awaitCommitted(1, logs.host.clock().deadlineIn(Duration.ofSeconds(9)));
          fsynced().close();
          assertThat(fsynced().awaitCommitted(1, logs.host.clock().deadlineIn(Duration.ZERO)))
              .isEqualTo(ErrorCode.NONE);
        });
  }

  @Test
  void everyWaiterGetsItsAnswer() {
    List<Tasks.Task> waiters = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      waiters.add(await(i, Duration.ofSeconds(60)));
    }
    logs.simulation.runFor(Duration.ofSeconds(1));
    logs.run(() -> fsynced().append(logs.batch(60, 10)));
    logs.simulation.runFor(Duration.ofSeconds(5));
    assertThat(waiters.stream().filter(Tasks.Task::isDone)).hasSize(60);
    assertThat(journal).hasSize(60).allMatch(line -> line.startsWith("NONE after 1"));
    logs.run(() -> fsynced().append(logs.batch(40, 10)));
    logs.simulation.runUntil(() -> waiters.stream().allMatch(Tasks.Task::isDone));
    assertThat(journal).hasSize(100).allMatch(line -> line.startsWith("NONE"));
  }

  private Tasks.Task await(long endOffset, Duration limit) {
    return logs.host
        .tasks()
        .start(
            "waiter",
            () -> {
              long start = logs.simulation.nanos();
              ErrorCode outcome =
                  fsynced().awaitCommitted(endOffset, logs.host.clock().deadlineIn(limit));
              long ms = (logs.simulation.nanos() - start) / 1_000_000;
              journal.add(outcome + " after " + ms + " ms");
            });
  }

  @Test
  void watchersAreToldOfEveryChange() {
    int[] told = new int[2];
    Partition.Watcher first = () -> told[0]++;
    Partition.Watcher second = () -> told[1]++;
    logs.run(
        () -> {
          replicated().watch(first);
          replicated().watch(second);
          replicated().append(logs.batch(2, 10));
          assertThat(told).containsExactly(1, 1);
          replicated().unwatch(first);
          replicated().unwatch(first);
          replicated().deleteRecordsBefore(1);
          assertThat(told).containsExactly(1, 2);
          replicated().close();
          assertThat(told).containsExactly(1, 3);
          replicated().watch(first);
          assertThat(told).as("closed already").containsExactly(2, 3);
        });
  }

  /// What the flusher does is told to the watchers as well, outside of any lock: they may read.
  @Test
  void watchersAreToldWhenTheDiskHasTheRecords() {
    List<Long> seen = new ArrayList<>();
    logs.run(
        () -> {
          fsynced().watch(() -> seen.add(fsynced().highWatermark()));
          fsynced().append(logs.batch(2, 10));
          fsynced().awaitCommitted(2, logs.host.clock().deadlineIn(Duration.ofSeconds(9)));
        });
    logs.simulation.runFor(Duration.ofSeconds(1));
    assertThat(seen).isNotEmpty().endsWith(2L);
  }

  /// Otherwise a client that has its answer could fetch in a session that does not know yet.
  @Test
  void producersAreAnsweredAfterTheWatchersAreTold() {
    List<Boolean> committedWhenTold = new ArrayList<>();
    logs.run(
        () -> {
          for (Partition partition : led) {
            partition.watch(() -> committedWhenTold.add(partition.isCommitted(2)));
            partition.append(logs.batch(2, 10));
            partition.awaitCommitted(2, logs.host.clock().deadlineIn(Duration.ofSeconds(9)));
            assertThat(partition.isCommitted(2)).isTrue();
          }
        });
    assertThat(committedWhenTold).startsWith(false).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void leaderEpochsAreCompared() {
    assertThat(fsynced().checkLeaderEpoch(-1)).isEqualTo(ErrorCode.NONE);
    assertThat(fsynced().checkLeaderEpoch(SimulatedLogs.LEADER_EPOCH)).isEqualTo(ErrorCode.NONE);
    assertThat(fsynced().checkLeaderEpoch(SimulatedLogs.LEADER_EPOCH - 1))
        .isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    assertThat(fsynced().checkLeaderEpoch(SimulatedLogs.LEADER_EPOCH + 1))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
  }

  @Test
  void oneReplicaIsEnoughForOne() throws IOException {
    assertThat(fsynced().hasEnoughReplicas()).isTrue();
    fsynced().updateMinInsyncReplicas(2);
    assertThat(fsynced().hasEnoughReplicas()).isFalse();
  }
}
