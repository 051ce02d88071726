package io.millrace.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.TestShard;
import io.millrace.coordinator.transaction.record.TransactionLogKey;
import io.millrace.coordinator.transaction.record.TransactionLogValue;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.InitProducerIdRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random histories: producers of all versions, zombies, retries, markers that are written in any
/// order, timeouts and changes of leadership.
///
/// Whatever happens, what was replayed is what was lived, a transaction ends exactly once and as
/// the producer was told, epochs never go back, and everybody is answered.
class TransactionHistoryTest {
  private static final int STEPS = 600;
  private static final int IDS = 3;
  private static final int VERSION_2_ONLY = 0;

  private final TransactionFixture fixture = new TransactionFixture();
  private final TestShard<TransactionMachine> shard = fixture.shard;

  /// What producers were given, by transactional id; each may be used again at any time.
  private final List<List<Outcome.Done>> given = new ArrayList<>();

  private final List<Answer<?>> open = new ArrayList<>();

  private record Told(String id, long producerId, short epoch, boolean commit) {}

  /// Ends of transactions of version 2 that producers were told of.
  private final List<Told> told = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyHistoryKeepsThePromises(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < IDS; i++) {
      given.add(new ArrayList<>());
      if (random.nextBoolean()) {
        Transaction late =
            new Transaction(
                id(i),
                new ProducerIdentity(i + 1, (short) 32_760, i + 1, -1, (short) -1),
                60_000,
                TransactionState.EMPTY,
                new TreeSet<>(),
                -1,
                shard.now().wallMs(),
                (short) 0);
        shard.submit((_, _) -> Decision.write(List.of(late.record())));
        given.get(i).add(new Outcome.Done(i + 1, (short) 32_760));
      }
    }
    try {
      for (int step = 0; step < STEPS; step++) {
        step(random);
        assertThat(shard.replay().hardState()).isEqualTo(shard.machine().hardState());
      }
      fixture.finish();
      shard.advance(TransactionMachine.PATIENCE);
      assertThat(open).allMatch(Answer::isReady);
      checkLog();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private static String id(int i) {
    return "id-" + i;
  }

  private void step(SplittableRandom random) {
    int i = random.nextInt(IDS);
    int kind = random.nextInt(100);
    if (kind < 12) {
      init(i, random);
    } else if (kind < 45) {
      add(i, random);
    } else if (kind < 70) {
      end(i, random);
    } else if (kind < 92) {
      complete(random);
    } else if (kind < 96) {
      shard.advance(Duration.ofMillis(random.nextInt(700)));
    } else if (kind < 98) {
      shard.advance(Duration.ofMillis(random.nextInt(70_000)));
    } else {
      fixture.runFollowUps();
      fixture.endings.clear();
      open.clear();
      shard.reload();
      shard.advance(Duration.ZERO);
    }
  }

  private Outcome.Done any(int i, SplittableRandom random) {
    List<Outcome.Done> all = given.get(i);
    if (all.isEmpty()) {
      return new Outcome.Done(77, (short) 0);
    }
    return random.nextInt(4) == 0 ? all.get(random.nextInt(all.size())) : all.getLast();
  }

  private void remember(int i, Answer<Outcome> answer) {
    open.add(answer);
    if (answer.isReady() && shard.result(answer) instanceof Outcome.Done done) {
      if (done.producerId() >= 0 && !given.get(i).contains(done)) {
        given.get(i).add(done);
      }
    }
  }

  /// One id has clients of version 2 only, one has older ones, one has both.
  private static boolean isVersion2(int i, SplittableRandom random) {
    return switch (i) {
      case VERSION_2_ONLY -> true;
      case 1 -> false;
      default -> random.nextBoolean();
    };
  }

  private void init(int i, SplittableRandom random) {
    InitProducerIdRequest.Builder request =
        InitProducerIdRequest.builder().transactionalId(id(i)).transactionTimeoutMs(60_000);
    if (random.nextBoolean()) {
      Outcome.Done named = any(i, random);
      request.producerId(named.producerId()).producerEpoch(named.producerEpoch());
    }
    long fresh = fixture.freshId();
    remember(i, shard.submit((machine, now) -> machine.init(request.build(), fresh, now)));
  }

  private void add(int i, SplittableRandom random) {
    Outcome.Done by = any(i, random);
    List<TopicPartition> partitions = List.of(new TopicPartition("t", random.nextInt(4)));
    boolean isVersion2 = isVersion2(i, random);
    remember(
        i,
        shard.submit(
            (machine, now) ->
                machine.addPartitions(
                    id(i), by.producerId(), by.producerEpoch(), partitions, isVersion2, now)));
  }

  private void end(int i, SplittableRandom random) {
    Outcome.Done by = any(i, random);
    boolean isVersion2 = isVersion2(i, random);
    EndTxnRequest request =
        EndTxnRequest.builder()
            .transactionalId(id(i))
            .producerId(by.producerId())
            .producerEpoch(by.producerEpoch())
            .committed(random.nextBoolean())
            .build();
    long fresh = fixture.freshId();
    Answer<Outcome> answer =
        shard.submit((machine, now) -> machine.end(request, isVersion2, fresh, now));
    remember(i, answer);
    if (i == VERSION_2_ONLY && answer.isReady() && shard.result(answer) instanceof Outcome.Done) {
      told.add(new Told(id(i), by.producerId(), by.producerEpoch(), request.committed()));
    }
  }

  private void complete(SplittableRandom random) {
    fixture.runFollowUps();
    if (!fixture.endings.isEmpty()) {
      TransactionFollowUps.Ending ending =
          fixture.endings.get(random.nextInt(fixture.endings.size()));
      if (random.nextInt(4) > 0) {
        fixture.endings.remove(ending);
      }
      shard.ask((machine, now) -> machine.complete(ending, now));
    }
  }

  private void checkLog() {
    TreeMap<String, Transaction> last = new TreeMap<>();
    List<Told> decided = new ArrayList<>();
    for (TestShard.Entry entry : shard.log()) {
      StateRecord record = entry.record();
      if (record == null || !(record.value() instanceof TransactionLogValue value)) {
        throw new AssertionError("nothing else is written here: " + entry);
      }
      String id = ((TransactionLogKey) record.key()).transactionalId();
      Transaction next = Transaction.read(id, value);
      Transaction before = last.put(id, next);
      if (before == null) {
        continue;
      }
      assertThat(next.state().mayFollow(before.state())).as("%s -> %s", before, next).isTrue();
      checkEpochs(before, next);
      if (before.state() == TransactionState.ONGOING || before.state().isPreparing()) {
        if (next.state() == TransactionState.ONGOING || next.state().isPreparing()) {
          assertThat(next.partitions()).containsAll(before.partitions());
          assertThat(next.startMs()).isEqualTo(before.startMs());
        }
      }
      if (next.state() == TransactionState.ONGOING && id.equals(id(VERSION_2_ONLY))) {
        // No request of a transaction that has ended can be taken for one of this.
        assertThat(decided)
            .noneMatch(
                ended ->
                    ended.id().equals(id) && next.producer().is(ended.producerId(), ended.epoch()));
      }
      if (next.state().isPreparing()) {
        assertThat(next.partitions()).isEqualTo(before.partitions());
        decided.add(
            new Told(
                id,
                before.producer().id(),
                before.producer().epoch(),
                next.state() == TransactionState.PREPARE_COMMIT));
      }
    }
    for (Told each : told) {
      assertThat(decided.stream().filter(each::equals).count()).as("%s", each).isEqualTo(1);
      Told otherWay = new Told(each.id(), each.producerId(), each.epoch(), !each.commit());
      assertThat(decided).doesNotContain(otherWay);
    }
  }

  private static void checkEpochs(Transaction before, Transaction next) {
    if (next.producer().id() == before.producer().id()) {
      assertThat(next.producer().epoch()).isGreaterThanOrEqualTo(before.producer().epoch());
    } else {
      assertThat(next.producer().id()).isGreaterThan(before.producer().id());
      assertThat(before.producer().epoch()).isGreaterThanOrEqualTo((short) 32_766);
    }
  }
}
