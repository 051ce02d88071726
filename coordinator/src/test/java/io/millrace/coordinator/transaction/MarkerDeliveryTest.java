package io.millrace.coordinator.transaction;

import static io.millrace.coordinator.transaction.TransactionFixture.A;
import static io.millrace.coordinator.transaction.TransactionFixture.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.coordinator.TestShard;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Tasks;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A transaction is seen through to its end whatever goes wrong on the way.
class MarkerDeliveryTest {
  private static final String ID = "payments";

  private final List<Duration> pauses = new ArrayList<>();
  private final List<List<TopicPartition>> writes = new ArrayList<>();

  /// What the writes come to; those that are not listed succeed.
  private final ArrayDeque<List<ErrorCode>> outcomes = new ArrayDeque<>();

  /// What happens to what the machine is told, in turn; `NONE` for what reaches it.
  private final ArrayDeque<ErrorCode> tellings = new ArrayDeque<>();

  private final ArrayDeque<OptionalLong> producerIds = new ArrayDeque<>();

  private final MarkerDelivery delivery =
      new MarkerDelivery(
          new RecordingClock(),
          this::write,
          new MarkerDelivery.Shards() {
            @Override
            public <T> Answer<T> submitTo(int partition, Command<TransactionMachine, T> command)
                throws CoordinatorException {
              ErrorCode error = tellings.isEmpty() ? ErrorCode.NONE : tellings.removeFirst();
              if (error != ErrorCode.NONE) {
                throw new CoordinatorException(error, "as the test wants it");
              }
              return shard().submit(command);
            }
          },
          producerIds::removeFirst);

  private final TestShard<TransactionMachine> shard =
      new TestShard<>(
          context -> new TransactionMachine(context, () -> TransactionFixture.SETTINGS, delivery));

  private TestShard<TransactionMachine> shard() {
    return shard;
  }

  private List<ErrorCode> write(
      List<TopicPartition> partitions, Machine.EndMarker marker, short version) {
    writes.add(partitions);
    return outcomes.isEmpty()
        ? partitions.stream().map(_ -> ErrorCode.NONE).toList()
        : outcomes.removeFirst();
  }

  @BeforeEach
  void begin() {
    InitProducerIdRequest request =
        InitProducerIdRequest.builder().transactionalId(ID).transactionTimeoutMs(60_000).build();
    shard.ask((machine, now) -> machine.init(request, 7, now));
    shard.ask((machine, now) -> machine.addPartitions(ID, 7, (short) 0, List.of(A, B), true, now));
  }

  private void commit() throws IOException, InterruptedException {
    EndTxnRequest request =
        EndTxnRequest.builder()
            .transactionalId(ID)
            .producerId(7)
            .producerEpoch((short) 0)
            .committed(true)
            .build();
    shard.ask((machine, now) -> machine.end(request, true, -1, now));
    runFollowUps();
  }

  private void runFollowUps() throws IOException, InterruptedException {
    for (Tasks.Body body : shard.takeFollowUps()) {
      body.run();
    }
  }

  private TransactionState state() {
    return shard.machine().hardState().values().iterator().next().state();
  }

  @Test
  void allMarkersAreWrittenAtOnce() throws Exception {
    commit();
    assertThat(writes).containsExactly(List.of(A, B));
    assertThat(pauses).isEmpty();
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
  }

  @Test
  void onlyWhatIsMissingIsWrittenAgainAndEverMoreRarely() throws Exception {
    for (int i = 0; i < 8; i++) {
      List<ErrorCode> refused = List.of(ErrorCode.NOT_LEADER_OR_FOLLOWER);
      outcomes.add(i == 0 ? List.of(ErrorCode.NONE, ErrorCode.REQUEST_TIMED_OUT) : refused);
    }
    commit();
    assertThat(writes).hasSize(9).startsWith(List.of(A, B), List.of(B)).endsWith(List.of(B));
    assertThat(pauses)
        .extracting(Duration::toMillis)
        .containsExactly(20L, 40L, 80L, 160L, 320L, 640L, 1000L, 1000L);
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
  }

  @Test
  void partitionsThatAreGoneOrHaveGoneOnNeedNoMarker() throws Exception {
    outcomes.add(List.of(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_PRODUCER_EPOCH));
    commit();
    assertThat(writes).hasSize(1);
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
  }

  @Test
  void whoDoesNotLeadAnyMoreStops() throws Exception {
    outcomes.add(List.of(ErrorCode.NONE, ErrorCode.TRANSACTION_COORDINATOR_FENCED));
    tellings.add(ErrorCode.NOT_COORDINATOR);
    commit();
    assertThat(writes).hasSize(1);
    assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);

    shard.reload();
    shard.advance(Duration.ZERO);
    runFollowUps();
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
  }

  @Test
  void theMachineIsToldAgainIfItCannotListen() throws Exception {
    tellings.add(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    tellings.add(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    commit();
    assertThat(writes).hasSize(1);
    assertThat(pauses).hasSize(1);
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
  }

  @Test
  void aTimeoutWaitsForAProducerId() throws Exception {
    producerIds.add(OptionalLong.empty());
    producerIds.add(OptionalLong.of(8));
    Transaction late = shard.machine().hardState().values().iterator().next();
    Transaction exhausted =
        new Transaction(
            ID,
            new ProducerIdentity(7, (short) 32_766, 7, -1, (short) -1),
            late.timeoutMs(),
            TransactionState.ONGOING,
            late.partitions(),
            late.startMs(),
            late.updatedMs(),
            (short) 2);
    shard.submit((_, _) -> Decision.write(List.of(exhausted.record())));
    shard.reload();
    shard.advance(Duration.ofMillis(late.timeoutMs()));
    runFollowUps();
    runFollowUps();
    assertThat(pauses).hasSize(1);
    assertThat(state()).isEqualTo(TransactionState.COMPLETE_ABORT);
    assertThat(shard.machine().hardState().values().iterator().next().producer().id()).isEqualTo(8);
  }

  /// Time does not pass.
  private final class RecordingClock implements Clock {
    @Override
    public long wallMs() {
      return 0;
    }

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public void sleep(Duration duration) {
      pauses.add(duration);
    }

    @Override
    public boolean await(Lock lock, Condition condition, Deadline deadline) {
      throw new UnsupportedOperationException();
    }
  }
}
