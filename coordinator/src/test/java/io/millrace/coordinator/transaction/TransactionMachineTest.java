package io.millrace.coordinator.transaction;

import static io.millrace.coordinator.transaction.TransactionFixture.A;
import static io.millrace.coordinator.transaction.TransactionFixture.B;
import static io.millrace.coordinator.transaction.TransactionFixture.ID;
import static io.millrace.coordinator.transaction.TransactionFixture.done;
import static io.millrace.coordinator.transaction.TransactionFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListTransactionsRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What producers before and of transaction version 2 may do, and what becomes of zombies.
class TransactionMachineTest {
  private final TransactionFixture fixture = new TransactionFixture();

  @Test
  void eachInitBumpsTheEpoch() {
    assertThat(fixture.init()).isEqualTo(done(1_000, 0));
    assertThat(fixture.init()).isEqualTo(done(1_000, 1));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.EMPTY);
  }

  @Test
  void timeoutsHaveToBeInRange() {
    for (int timeoutMs : new int[] {0, -1, Integer.MIN_VALUE, 900_001, Integer.MAX_VALUE}) {
      assertThat(fixture.shard.result(fixture.askInit(ID, timeoutMs, -1, -1)))
          .isEqualTo(refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT));
    }
    assertThat(fixture.shard.result(fixture.askInit(ID, 900_000, -1, -1)))
        .isEqualTo(done(1_000, 0));
    assertThat(fixture.shard.result(fixture.askInit("", 1, -1, -1)))
        .isEqualTo(refused(ErrorCode.INVALID_REQUEST));
    assertThat(fixture.init(7, -1)).isEqualTo(refused(ErrorCode.INVALID_REQUEST));
    assertThat(fixture.init(-1, 7)).isEqualTo(refused(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void aProducerThatNamesItselfIsBumpedAndItsRetryGetsTheSame() {
    fixture.init();

    assertThat(fixture.init(1_000, 0)).isEqualTo(done(1_000, 1));
    assertThat(fixture.init(1_000, 0)).isEqualTo(done(1_000, 1));
    assertThat(fixture.init(1_000, 1)).isEqualTo(done(1_000, 2));
    assertThat(fixture.init(1_000, 0)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.init(999, 2)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
  }

  @Test
  void whoComesAnewFencesTheRetriesOfWhoCameBefore() {
    fixture.init();
    fixture.init(1_000, 0);

    assertThat(fixture.init()).isEqualTo(done(1_000, 2));
    assertThat(fixture.init(1_000, 0)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.init(1_000, 1)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
  }

  @Test
  void anIdThatWasForgottenGetsANewProducerId() {
    assertThat(fixture.init(5, 3)).isEqualTo(done(1_000, 0));
  }

  @Test
  void aTransactionOfVersion2GivesTheNextEpoch() {
    fixture.init();
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(Outcome.DONE);
    assertThat(fixture.add(1_000, 0, A, B)).isEqualTo(Outcome.DONE);

    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(done(1_000, 1));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_COMMIT);
    assertThat(fixture.known().partitions()).containsExactly(A, B);

    fixture.runFollowUps();
    assertThat(fixture.endings).hasSize(1);
    assertThat(fixture.endings.getFirst().partitions()).containsExactly(A, B);
    assertThat(fixture.endings.getFirst().marker().producerEpoch()).isEqualTo((short) 1);
    assertThat(fixture.endings.getFirst().marker().isCommit()).isTrue();

    fixture.finish();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    assertThat(fixture.known().partitions()).isEmpty();
    assertThat(fixture.add(1_000, 1, B)).isEqualTo(Outcome.DONE);
    assertThat(fixture.end(2, 1_000, 1, false)).isEqualTo(done(1_000, 2));
    fixture.finish();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.COMPLETE_ABORT);
  }

  @Test
  void aRetryOfTheSameEndGetsTheSameAnswer() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);

    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(done(1_000, 1));
    assertThat(fixture.end(2, 1_000, 0, false)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    fixture.finish();
    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(done(1_000, 1));
    assertThat(fixture.end(2, 1_000, 0, false)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    fixture.shard.reload();
    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(done(1_000, 1));
  }

  @Test
  void withoutATransactionVersion2MayAbortButNotCommit() {
    fixture.init();

    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    assertThat(fixture.end(2, 1_000, 0, false)).isEqualTo(done(1_000, 1));
    fixture.finish();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.COMPLETE_ABORT);
    assertThat(fixture.end(2, 1_000, 1, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    assertThat(fixture.end(2, 1_000, 1, false)).isEqualTo(done(1_000, 2));
    fixture.finish();
    fixture.init();
    assertThat(fixture.end(2, 1_000, 2, false)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
  }

  @Test
  void before2TheEpochStaysAndEndsAreIdempotent() {
    fixture.init();
    assertThat(fixture.end(1, 1_000, 0, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    fixture.add(1_000, 0, A);

    assertThat(fixture.end(1, 1_000, 0, false)).isEqualTo(Outcome.DONE);
    assertThat(fixture.end(1, 1_000, 0, false)).isEqualTo(Outcome.DONE);
    assertThat(fixture.end(1, 1_000, 0, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    fixture.runFollowUps();
    assertThat(fixture.endings.getFirst().marker().producerEpoch()).isEqualTo((short) 0);
    fixture.finish();
    assertThat(fixture.end(1, 1_000, 0, false)).isEqualTo(Outcome.DONE);
    assertThat(fixture.end(1, 1_000, 0, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    assertThat(fixture.add(1_000, 0, B)).isEqualTo(Outcome.DONE);
  }

  @Test
  void zombiesAndStrangersAreRefused() {
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
    assertThat(fixture.end(2, 1_000, 0, true))
        .isEqualTo(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
    fixture.init();
    fixture.init();
    fixture.add(1_000, 1, A);

    for (int version = 1; version <= 2; version++) {
      assertThat(fixture.end(version, 1_000, 0, true))
          .isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
      assertThat(fixture.end(version, 1_000, 2, true))
          .isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
      assertThat(fixture.end(version, 7, 1, true))
          .isEqualTo(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
    }
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.add(7, 1, A)).isEqualTo(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
    assertThat(fixture.init(1_000, 0)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.ONGOING);
  }

  @Test
  void aHeldProduceOfAnEndedTransactionIsFenced() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    fixture.finish();
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    fixture.add(1_000, 1, B);
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.shard.result(fixture.askVerify(1_000, 0, A)))
        .containsExactly(ErrorCode.PRODUCER_FENCED);
  }

  @Test
  void verificationTellsWhatBelongsToTheTransaction() {
    assertThat(fixture.shard.result(fixture.askVerify(1_000, 0, A)))
        .containsExactly(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    fixture.init();
    fixture.add(1_000, 0, A);
    assertThat(fixture.shard.result(fixture.askVerify(1_000, 0, A, B)))
        .containsExactly(ErrorCode.NONE, ErrorCode.TRANSACTION_ABORTABLE);

    fixture.end(1, 1_000, 0, true);
    Answer<List<ErrorCode>> held = fixture.askVerify(1_000, 0, A);
    assertThat(held.isReady()).isFalse();
    fixture.finish();
    assertThat(fixture.shard.result(held)).containsExactly(ErrorCode.TRANSACTION_ABORTABLE);
  }

  @Test
  void theNextTransactionWaitsForTheOneThatEnds() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);

    Answer<Outcome> next = fixture.askAdd(1_000, 1, B);
    assertThat(next.isReady()).isFalse();
    fixture.finish();
    assertThat(fixture.shard.result(next)).isEqualTo(Outcome.DONE);
    assertThat(fixture.known().state()).isEqualTo(TransactionState.ONGOING);
    assertThat(fixture.known().partitions()).containsExactly(B);
    assertThat(fixture.shard.timers()).contains("timeout/" + ID).doesNotContain("wait/" + ID);
  }

  @Test
  void whoWaitsTooLongIsToldToComeAgain() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    Answer<Outcome> first = fixture.askAdd(1_000, 1, B);
    fixture.shard.advance(TransactionMachine.PATIENCE.dividedBy(2));
    Answer<Outcome> second = fixture.askInit(-1, -1);

    fixture.shard.advance(TransactionMachine.PATIENCE.dividedBy(2));
    assertThat(fixture.shard.result(first)).isEqualTo(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
    assertThat(second.isReady()).isFalse();
    fixture.shard.advance(TransactionMachine.PATIENCE.dividedBy(2));
    assertThat(fixture.shard.result(second)).isEqualTo(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
    fixture.finish();
    assertThat(fixture.add(1_000, 1, B)).isEqualTo(Outcome.DONE);
  }

  @Test
  void onlySoManyMayWait() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    for (int i = 0; i < 32; i++) {
      assertThat(fixture.askAdd(1_000, 1, B).isReady()).isFalse();
    }
    assertThat(fixture.add(1_000, 1, B)).isEqualTo(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
  }

  @Test
  void initAbortsWhatIsOngoingAndFencesItsProducer() {
    fixture.init();
    fixture.add(1_000, 0, A);

    Answer<Outcome> second = fixture.askInit(-1, -1);
    assertThat(second.isReady()).isFalse();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_ABORT);
    assertThat(fixture.known().producer().epoch()).isEqualTo((short) 1);
    assertThat(fixture.add(1_000, 0, B)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.end(1, 1_000, 0, true)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    fixture.finish();

    assertThat(fixture.shard.result(second)).isEqualTo(done(1_000, 2));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.EMPTY);
    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
  }

  @Test
  void aTransactionThatTakesTooLongIsAborted() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.shard.advance(Duration.ofMillis(TransactionFixture.TIMEOUT_MS - 1));
    fixture.add(1_000, 0, B);
    assertThat(fixture.known().state()).isEqualTo(TransactionState.ONGOING);

    fixture.shard.advance(Duration.ofMillis(1));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_ABORT);
    assertThat(fixture.known().producer().epoch()).isEqualTo((short) 1);
    assertThat(fixture.add(1_000, 0, A)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    fixture.finish();
    assertThat(fixture.end(1, 1_000, 0, true)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    assertThat(fixture.init(1_000, 0)).isEqualTo(done(1_000, 1));
  }

  @Test
  void theTimeoutRunsOnAcrossAReload() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.shard.advance(Duration.ofMillis(TransactionFixture.TIMEOUT_MS - 10));
    fixture.shard.reload();
    fixture.shard.advance(Duration.ofMillis(9));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.ONGOING);
    fixture.shard.advance(Duration.ofMillis(1));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_ABORT);
  }

  @Test
  void anEndedTransactionHasNoTimeout() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    fixture.shard.advance(Duration.ofMillis(2L * TransactionFixture.TIMEOUT_MS));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_COMMIT);
  }

  @Test
  void aNewLeaderResumesWhatWasEnding() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    fixture.shard.takeFollowUps();

    fixture.shard.reload();
    fixture.shard.advance(Duration.ZERO);
    fixture.finish();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    assertThat(fixture.end(2, 1_000, 0, true)).isEqualTo(done(1_000, 1));
  }

  @Test
  void completionCountsOnlyForTheTransactionItIsOf() {
    fixture.init();
    fixture.add(1_000, 0, A);
    fixture.end(2, 1_000, 0, true);
    fixture.runFollowUps();
    TransactionFollowUps.Ending first = fixture.endings.getFirst();
    fixture.finish();
    fixture.add(1_000, 1, B);
    fixture.end(2, 1_000, 1, false);

    boolean isEnding = fixture.shard.ask((machine, _) -> machine.isEnding(first));
    assertThat(isEnding).isFalse();
    boolean isCompleted = fixture.shard.ask((machine, now) -> machine.complete(first, now));
    assertThat(isCompleted).isFalse();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_ABORT);
  }

  @Test
  void epochsRunOutInVersion2() {
    fixture.seed(1_000, 32_760);
    fixture.freshId();
    long id = 1_000;
    int epoch = 32_760;
    for (int i = 0; i < 10; i++) {
      assertThat(fixture.add(id, epoch, A)).isEqualTo(Outcome.DONE);
      boolean isLast = epoch == 32_766;
      Outcome expected = isLast ? done(1_001, 0) : done(id, epoch + 1);
      assertThat(fixture.end(2, id, epoch, true)).isEqualTo(expected);
      assertThat(fixture.end(2, id, epoch, true)).isEqualTo(expected);
      if (isLast) {
        Answer<Outcome> next = fixture.askAdd(1_001, 0, B);
        assertThat(next.isReady()).isFalse();
        fixture.finish();
        assertThat(fixture.shard.result(next)).isEqualTo(Outcome.DONE);
        assertThat(fixture.end(2, 1_000, 32_766, true))
            .isEqualTo(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
        id = 1_001;
        epoch = 0;
      } else {
        fixture.finish();
        epoch++;
      }
    }
    assertThat(id).isEqualTo(1_001);
  }

  @Test
  void aRetryKnowsTheNewProducerId() {
    fixture.seed(1_000, 32_766);
    fixture.freshId();
    fixture.add(1_000, 32_766, A);
    fixture.end(2, 1_000, 32_766, true);
    fixture.runFollowUps();
    assertThat(fixture.endings.getFirst().marker().producerId()).isEqualTo(1_000);
    assertThat(fixture.endings.getFirst().marker().producerEpoch()).isEqualTo((short) 32_767);
    fixture.finish();

    assertThat(fixture.end(2, 1_000, 32_766, true)).isEqualTo(done(1_001, 0));
    assertThat(fixture.end(2, 1_000, 32_766, false))
        .isEqualTo(refused(ErrorCode.INVALID_TXN_STATE));
    fixture.shard.reload();
    assertThat(fixture.end(2, 1_000, 32_766, true)).isEqualTo(done(1_001, 0));
  }

  @Test
  void epochsRunOutByInit() {
    fixture.seed(1_000, 32_760);
    fixture.freshId();
    for (int epoch = 32_761; epoch <= 32_766; epoch++) {
      assertThat(fixture.init()).isEqualTo(done(1_000, epoch));
    }
    assertThat(fixture.init(1_000, 32_766)).isEqualTo(done(1_001, 0));
    assertThat(fixture.init(1_000, 32_766)).isEqualTo(done(1_001, 0));
    assertThat(fixture.init(1_000, 32_766)).isEqualTo(done(1_001, 0));
    assertThat(fixture.init()).isEqualTo(done(1_001, 1));
    assertThat(fixture.init(1_000, 32_766)).isEqualTo(refused(ErrorCode.PRODUCER_FENCED));
  }

  @Test
  void epochsRunOutWhenATransactionIsFencedOrTimesOut() {
    fixture.seed(1_000, 32_766);
    fixture.freshId();
    fixture.add(1_000, 32_766, A);
    Answer<Outcome> fencing = fixture.askInit(-1, -1);
    fixture.finish();
    assertThat(fixture.shard.result(fencing)).isEqualTo(done(1_001, 1));

    fixture.seed(2_000, 32_766);
    fixture.add(2_000, 32_766, A);
    fixture.shard.advance(Duration.ofMillis(TransactionFixture.TIMEOUT_MS));
    fixture.finish();
    assertThat(fixture.known().state()).isEqualTo(TransactionState.COMPLETE_ABORT);
    assertThat(fixture.known().producer().id()).isEqualTo(1_002);
    assertThat(fixture.known().producer().epoch()).isEqualTo((short) 0);
  }

  @Test
  void idsThatAreNotUsedAreForgotten() {
    fixture.init();
    fixture.shard.advance(Duration.ofDays(6));
    fixture.add(1_000, 0, A);
    fixture.shard.advance(Duration.ofMillis(TransactionFixture.TIMEOUT_MS));
    fixture.shard.advance(Duration.ofDays(8));
    assertThat(fixture.known().state()).isEqualTo(TransactionState.PREPARE_ABORT);
    fixture.finish();
    fixture.shard.advance(Duration.ofDays(6));
    assertThat(fixture.shard.machine().hardState()).isNotEmpty();
    fixture.shard.advance(Duration.ofDays(1).plusHours(1));
    assertThat(fixture.shard.machine().hardState()).isEmpty();
    assertThat(fixture.shard.replay().hardState()).isEmpty();
    assertThat(fixture.init(1_000, 1)).isEqualTo(done(1_001, 0));
  }

  @Test
  void transactionsAreShown() {
    fixture.init();
    fixture.add(1_000, 0, B, A);
    var shown = fixture.shard.ask((machine, _) -> machine.describe(ID));
    assertThat(shown.errorCode()).isZero();
    assertThat(shown.transactionState()).isEqualTo("Ongoing");
    assertThat(shown.topics()).extracting(topic -> topic.topic()).containsExactly("a", "b");
    assertThat(fixture.shard.ask((machine, _) -> machine.describe("other")).errorCode())
        .isEqualTo(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND.code());

    assertThat(list(ListTransactionsRequest.builder())).containsExactly(ID);
    assertThat(list(ListTransactionsRequest.builder().stateFilters(List.of("Ongoing"))))
        .containsExactly(ID);
    assertThat(list(ListTransactionsRequest.builder().stateFilters(List.of("Empty")))).isEmpty();
    assertThat(list(ListTransactionsRequest.builder().producerIdFilters(List.of(1L)))).isEmpty();
    assertThat(list(ListTransactionsRequest.builder().durationFilter(10))).isEmpty();
    fixture.shard.advance(Duration.ofMillis(11));
    assertThat(list(ListTransactionsRequest.builder().durationFilter(10))).containsExactly(ID);
    assertThat(TransactionViews.unknownStates(List.of("Ongoing", "Nope"))).containsExactly("Nope");
  }

  private List<String> list(ListTransactionsRequest.Builder request) {
    return fixture.shard.ask((machine, now) -> machine.list(request.build(), null, now)).stream()
        .map(state -> state.transactionalId())
        .toList();
  }
}
