package io.millrace.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.coordinator.group.GroupMachine;
import io.millrace.host.Tasks;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.replication.Partition;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogDirectoryOptions;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The runtime, with a machine that counts, on a log of a simulated host.
@Timeout(120)
final class CoordinatorTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final TopicPartition NAME = new TopicPartition("tallies", 0);

  private Simulation simulation = new Simulation(1);
  private SimulatedHost host = simulation.host("node");
  private @Nullable Partition partition;
  private @Nullable Coordinator<TallyMachine> coordinator;

  @BeforeEach
  void start() {
    start(1);
  }

  private void start(long seed) {
    simulation.close();
    simulation = new Simulation(seed);
    host = simulation.host("node");
    lead();
  }

  /// As after a start of the process.
  private void lead() {
    run(
        () -> {
          LogDirectory directory =
              LogDirectory.open(
                  host, Path.of("/data"), LogDirectoryOptions.of(0, Optional.empty()));
          PartitionLog log =
              directory.openLog(
                  NAME, new Uuid(1, 2), LogConfig.builder().durability(Durability.FSYNC).build());
          Partition opened = new Partition(host.clock(), log, 7, 1);
          partition = opened;
          Coordinator<TallyMachine> begun =
              new Coordinator<>(
                  host,
                  NAME.topic(),
                  GroupMachine.SCHEMAS,
                  () -> ClusterImage.EMPTY,
                  TallyMachine::new);
          coordinator = begun;
          begun.start();
          begun.lead(opened);
        });
    awaitLoaded();
  }

  private void awaitLoaded() {
    run(
        () -> {
          while (true) {
            try {
              ask((machine, _) -> machine.read(""));
              return;
            } catch (CoordinatorException e) {
              assertThat(e.error()).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
              host.clock().sleep(Duration.ofMillis(1));
            }
          }
        });
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  /// A test's body, which may throw what a coordinator throws.
  private interface Body {
    void run() throws IOException, InterruptedException, CoordinatorException;
  }

  private void run(Body body) {
    simulation.run(host, "test", unchecked(body));
  }

  private static Tasks.Body unchecked(Body body) {
    return () -> {
      try {
        body.run();
      } catch (CoordinatorException e) {
        throw new AssertionError(e.error() + ": " + e.getMessage(), e);
      }
    };
  }

  private Coordinator<TallyMachine> coordinator() {
    Coordinator<TallyMachine> current = coordinator;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    return current;
  }

  private Partition partition() {
    Partition current = partition;
    if (current == null) {
      throw new IllegalStateException("not started");
    }
    return current;
  }

  private <A> Answer<A> submit(Command<TallyMachine, A> command)
      throws CoordinatorException, InterruptedException {
    return coordinator().submitTo(0, command);
  }

  private <A> A ask(Command<TallyMachine, A> command)
      throws CoordinatorException, InterruptedException {
    return submit(command).await(LIMIT);
  }

  private Map<String, Long> tallies() throws CoordinatorException, InterruptedException {
    return ask((machine, _) -> Decision.reply(new TreeMap<>(machine.tallies)));
  }

  @Test
  void anAnswerLeavesWhenItsRecordsAreOnTheDisk() {
    run(
        () -> {
          for (long i = 1; i <= 5; i++) {
            Answer<Long> answer = submit((machine, _) -> machine.add("a"));
            long end = partition().log().logEndOffset();
            assertThat(answer.isReady()).isEqualTo(partition().log().flushedOffset() >= end);
            assertThat(answer.await(LIMIT)).isEqualTo(i);
            assertThat(partition().log().flushedOffset()).isGreaterThanOrEqualTo(i);
          }
        });
  }

  @Test
  void aReadThatFollowsAWriteWaitsForIt() {
    run(
        () -> {
          Answer<Long> written = submit((machine, _) -> machine.add("a"));
          Answer<Long> read = submit((machine, _) -> machine.read("a"));
          assertThat(read.isReady()).isEqualTo(written.isReady());
          assertThat(read.await(LIMIT)).isEqualTo(1);
          assertThat(written.isReady()).isTrue();
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whatWasAnsweredIsThereAfterALossOfPowerAndNothingTwice(long seed) {
    start(seed);
    Map<String, Long> answered = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      String name = "n" + i % 3;
      host.tasks()
          .start(
              "adder-" + i,
              unchecked(
                  () -> {
                    while (true) {
                      long tally = ask((machine, _) -> machine.add(name));
                      answered.merge(name, tally, Math::max);
                    }
                  }));
    }
    simulation.runFor(Duration.ofMillis(100));
    Map<String, Long> before = new TreeMap<>(answered);
    long writtenTo = partition().log().logEndOffset();
    host.crash();
    host.restart();
    lead();
    run(
        () -> {
          Map<String, Long> after = tallies();
          before.forEach(
              (name, tally) ->
                  assertThat(after.get(name))
                      .as("seed %d, %s", simulation.seed(), name)
                      .isGreaterThanOrEqualTo(tally));
          assertThat(after.values().stream().mapToLong(Long::longValue).sum())
              .isLessThanOrEqualTo(writtenTo);
        });
    assertThat(before).isNotEmpty();
  }

  @Test
  void commandsThatComeTogetherShareBatches() {
    run(
        () -> {
          List<Tasks.Task> tasks = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            tasks.add(
                host.tasks()
                    .start("adder", unchecked(() -> ask((machine, _) -> machine.add("a")))));
          }
          for (Tasks.Task task : tasks) {
            task.join();
          }
          assertThat(tallies()).containsEntry("a", 200L);
          assertThat(partition().log().logEndOffset()).isEqualTo(200);
          assertThat(batchCount()).isLessThan(200);
        });
  }

  private int batchCount() throws IOException {
    int count = 0;
    try (LogSlice slice = partition().log().read(0, Integer.MAX_VALUE, Long.MAX_VALUE, true)) {
      ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
      slice.file().read(bytes, slice.position());
      BatchCursor batches = RecordBatches.over(bytes.flip());
      while (batches.next()) {
        count++;
      }
    }
    return count;
  }

  @Test
  void theRecordsOfADecisionAreOneBatchOrRefused() {
    run(
        () -> {
          int size = 30_000;
          int most = partition().log().config().maxMessageBytes() / size;
          List<String> fitting = IntStream.range(0, most - 1).mapToObj(i -> "n" + i).toList();
          List<String> tooMany = IntStream.range(0, most + 1).mapToObj(i -> "n" + i).toList();
          String padding = "x".repeat(size);
          long end = partition().log().logEndOffset();
          assertThatThrownBy(() -> submit((machine, _) -> machine.addAll(tooMany, padding)))
              .isInstanceOfSatisfying(
                  CoordinatorException.class,
                  e -> assertThat(e.error()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
          assertThat(tallies()).isEmpty();
          assertThat(partition().log().logEndOffset()).isEqualTo(end);
          ask((machine, _) -> machine.addAll(fitting, padding));
          ask((machine, _) -> machine.addAll(fitting, padding));
          assertThat(tallies()).hasSize(fitting.size()).containsEntry("n0", 2L);
          assertThat(batchCount()).isEqualTo(2);
        });
  }

  @Test
  void anAnswerMayBeGivenByALaterCommand() {
    run(
        () -> {
          Answer<Long> later = submit((machine, _) -> machine.awaitNext("a"));
          assertThat(later.isReady()).isFalse();
          ask((machine, _) -> machine.add("b"));
          assertThat(later.isReady()).isFalse();
          ask((machine, _) -> machine.add("a"));
          assertThat(later.isReady()).isTrue();
          assertThat(later.await(LIMIT)).isEqualTo(1);
        });
  }

  @Test
  void openAnswersFailWhenTheLeadershipEnds() {
    run(
        () -> {
          Answer<Long> later = submit((machine, _) -> machine.awaitNext("a"));
          coordinator().resign(0);
          assertThatThrownBy(() -> later.await(LIMIT))
              .isInstanceOfSatisfying(
                  CoordinatorException.class,
                  e -> assertThat(e.error()).isEqualTo(ErrorCode.NOT_COORDINATOR));
          assertThatThrownBy(() -> submit((machine, _) -> machine.read("a")))
              .isInstanceOfSatisfying(
                  CoordinatorException.class,
                  e -> assertThat(e.error()).isEqualTo(ErrorCode.NOT_COORDINATOR));
        });
  }

  @Test
  void anAbandonedAnswerIsNotWaitedFor() {
    run(
        () -> {
          Answer<Long> later = submit((machine, _) -> machine.awaitNext("a"));
          host.tasks().start("abandon", later::abandon);
          assertThatThrownBy(() -> later.await(LIMIT)).isInstanceOf(CoordinatorException.class);
        });
  }

  @Test
  void timersFireInOrderAndMayBeMovedAndCancelled() {
    run(
        () -> {
          ask((machine, _) -> machine.addIn("late", Duration.ofSeconds(10)));
          ask((machine, _) -> machine.addIn("early", Duration.ofSeconds(1)));
          ask((machine, _) -> machine.addIn("moved later", Duration.ofSeconds(2)));
          ask((machine, _) -> machine.addIn("moved later", Duration.ofSeconds(20)));
          ask((machine, _) -> machine.addIn("moved earlier", Duration.ofSeconds(30)));
          ask((machine, _) -> machine.addIn("moved earlier", Duration.ofSeconds(3)));
          ask((machine, _) -> machine.addIn("cancelled", Duration.ofSeconds(1)));
          ask((machine, _) -> machine.cancel("cancelled"));
        });
    simulation.runFor(Duration.ofMillis(5_500));
    run(() -> assertThat(tallies().keySet()).containsExactly("early", "moved earlier"));
    simulation.runFor(Duration.ofSeconds(5));
    run(() -> assertThat(tallies().keySet()).containsExactly("early", "late", "moved earlier"));
    simulation.runFor(Duration.ofSeconds(60));
    run(
        () ->
            assertThat(tallies())
                .containsExactlyInAnyOrderEntriesOf(
                    Map.of("early", 1L, "moved earlier", 1L, "late", 1L, "moved later", 1L)));
  }

  @Test
  void timersOfALeadershipEndWithIt() {
    run(() -> ask((machine, _) -> machine.addIn("a", Duration.ofSeconds(1))));
    run(
        () -> {
          coordinator().resign(0);
          coordinator().lead(partition());
        });
    awaitLoaded();
    simulation.runFor(Duration.ofSeconds(5));
    run(() -> assertThat(tallies()).isEmpty());
  }

  @Test
  void whatFollowsADecisionRunsOnceItIsCommitted() {
    List<Long> flushedAt = new ArrayList<>();
    run(
        () ->
            submit(
                (machine, _) ->
                    machine.add("a").then(() -> flushedAt.add(partition().log().flushedOffset()))));
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(flushedAt).containsExactly(1L);
  }

  @Test
  void transactionalRecordsAndMarkersAreReadBackAsSuch() {
    Machine.EndMarker marker = new Machine.EndMarker(4_000, (short) 3, 12, true);
    run(
        () -> {
          ask((machine, _) -> machine.add("a").inTransaction(4_000, (short) 3));
          ask((machine, _) -> machine.add("b"));
          ask((_, _) -> Decision.<Long>of(List.of(), 0L).ending(marker));
          coordinator().resign(0);
          coordinator().lead(partition());
        });
    awaitLoaded();
    run(
        () -> {
          List<Machine.EndMarker> markers =
              ask((machine, _) -> Decision.reply(List.copyOf(machine.markers)));
          assertThat(markers).containsExactly(marker);
          assertThat(tallies()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 1L, "b", 1L));
        });
  }

  @Test
  void aKeyHasNoPartitionBeforeTheTopicIsThere() {
    assertThatThrownBy(() -> coordinator().partitionFor("a"))
        .isInstanceOfSatisfying(
            CoordinatorException.class,
            e -> assertThat(e.error()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE));
  }
}
