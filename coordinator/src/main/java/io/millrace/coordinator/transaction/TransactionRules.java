package io.millrace.coordinator.transaction;

import static io.millrace.coordinator.transaction.Transaction.VERSION_0;
import static io.millrace.coordinator.transaction.Transaction.VERSION_2;

import io.millrace.coordinator.transaction.Step.Answered;
import io.millrace.coordinator.transaction.Step.Busy;
import io.millrace.coordinator.transaction.Step.Changed;
import io.millrace.coordinator.transaction.Step.ChangedFirst;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What producers may do with a transactional id, as functions of what is known of it (KIP-98,
/// KIP-360, KIP-890). `known` is null where nothing is.
///
/// Where Kafka has a producer come again with `CONCURRENT_TRANSACTIONS`, a step is [Busy] here, and
/// whoever asked decides how long to wait.
final class TransactionRules {
  private TransactionRules() {}

  /// A producer wants its id and epoch.
  ///
  /// @param producerId what the producer believes to have, or -1
  /// @param freshId a producer id that nobody has, or -1 if none was fetched yet
  record Init(
      String transactionalId, int timeoutMs, long producerId, short producerEpoch, long freshId) {
    boolean namesProducer() {
      return producerId >= 0;
    }
  }

  static Step<Outcome> init(@Nullable Transaction known, Init request, long wallMs) {
    if (known == null) {
      if (request.freshId() < 0) {
        return new Answered<>(new Outcome.NeedsProducerId());
      }
      return changed(
          Transaction.created(
              request.transactionalId(), request.freshId(), request.timeoutMs(), wallMs));
    }
    if (request.namesProducer() && !mayBe(known.producer(), request)) {
      return refused(ErrorCode.PRODUCER_FENCED);
    }
    return switch (known.state()) {
      case PREPARE_COMMIT, PREPARE_ABORT -> new Busy<>();
      case ONGOING -> fence(known, request, wallMs);
      case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> initIdle(known, request, wallMs);
      case DEAD, PREPARE_EPOCH_FENCE -> refused(ErrorCode.INVALID_TXN_STATE);
    };
  }

  /// Whether the producer that is named may be the one that the id belongs to. Its epoch may also
  /// have run out, and the answer that told it of its new id been lost.
  private static boolean mayBe(ProducerIdentity producer, Init request) {
    return request.producerId() == producer.id()
        || (request.producerId() == producer.previousId()
            && ProducerIdentity.isExhausted(request.producerEpoch()));
  }

  /// The ongoing transaction is aborted, its producer fenced; then the request is looked at again.
  private static Step<Outcome> fence(Transaction known, Init request, long wallMs) {
    if (request.namesProducer()
        && !known.producer().is(request.producerId(), request.producerEpoch())) {
      // A zombie; it must not end the transaction of whoever came after it.
      return refused(ErrorCode.PRODUCER_FENCED);
    }
    if (known.producer().isExhausted() && request.freshId() < 0) {
      return new Answered<>(new Outcome.NeedsProducerId());
    }
    return new ChangedFirst<>(aborting(known, request.freshId(), wallMs));
  }

  private static Step<Outcome> initIdle(Transaction known, Init request, long wallMs) {
    ProducerIdentity producer = known.producer();
    short named = request.namesProducer() ? request.producerEpoch() : producer.epoch();
    if (named == producer.epoch()) {
      // A retry with this same epoch is known by lastEpoch; there is none for who names no
      // producer.
      short last = request.namesProducer() ? producer.epoch() : ProducerIdentity.NO_EPOCH;
      if (!producer.isExhausted()) {
        return changed(known.initialized(producer.bumped(last), request.timeoutMs(), wallMs));
      }
      if (request.freshId() < 0) {
        return new Answered<>(new Outcome.NeedsProducerId());
      }
      return changed(
          known.initialized(
              producer.replaced(request.freshId(), last), request.timeoutMs(), wallMs));
    }
    if (named == producer.lastEpoch()) {
      return changed(known.initialized(producer, request.timeoutMs(), wallMs));
    }
    return refused(ErrorCode.PRODUCER_FENCED);
  }

  /// Partitions are to join the transaction, which begins if it has not.
  static Step<Outcome> add(
      @Nullable Transaction known,
      long producerId,
      short producerEpoch,
      List<TopicPartition> partitions,
      short version,
      long wallMs) {
    if (known == null) {
      return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    }
    if (known.producer().isNext(producerId, producerEpoch)) {
      return new Busy<>();
    }
    ErrorCode wrong = check(known, producerId, producerEpoch);
    if (wrong != ErrorCode.NONE) {
      return refused(wrong);
    }
    if (known.state().isPreparing()) {
      return new Busy<>();
    }
    if (known.state() == TransactionState.ONGOING && known.partitions().containsAll(partitions)) {
      return new Answered<>(Outcome.DONE);
    }
    return new Changed<>(known.adding(partitions, version, wallMs), Outcome.DONE);
  }

  /// Whether partitions belong to the transaction: asked before something is appended that a client
  /// before version 2 should have added. The answer is an error code per partition.
  static Step<List<ErrorCode>> verify(
      @Nullable Transaction known,
      long producerId,
      short producerEpoch,
      List<TopicPartition> partitions) {
    ErrorCode wrong =
        known == null
            ? ErrorCode.INVALID_PRODUCER_ID_MAPPING
            : check(known, producerId, producerEpoch);
    if (known == null || wrong != ErrorCode.NONE) {
      return new Answered<>(partitions.stream().map(_ -> wrong).toList());
    }
    if (known.state().isPreparing()) {
      return new Busy<>();
    }
    List<ErrorCode> errors = new ArrayList<>(partitions.size());
    for (TopicPartition partition : partitions) {
      errors.add(
          known.partitions().contains(partition)
              ? ErrorCode.NONE
              : ErrorCode.TRANSACTION_ABORTABLE);
    }
    return new Answered<>(errors);
  }

  private static ErrorCode check(Transaction known, long producerId, short producerEpoch) {
    if (known.producer().id() != producerId) {
      return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
    }
    return known.producer().epoch() == producerEpoch ? ErrorCode.NONE : ErrorCode.PRODUCER_FENCED;
  }

  /// A producer wants to end its transaction.
  record End(
      long producerId, short producerEpoch, boolean commit, boolean isVersion2, long freshId) {}

  static Step<Outcome> end(@Nullable Transaction known, End request, long wallMs) {
    if (known == null) {
      return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    }
    return request.isVersion2()
        ? endVersion2(known, request, wallMs)
        : endBefore2(known, request, wallMs);
  }

  /// The epoch stays, so that a retry looks like another end of the same transaction.
  private static Step<Outcome> endBefore2(Transaction known, End request, long wallMs) {
    ErrorCode wrong = check(known, request.producerId(), request.producerEpoch());
    if (wrong != ErrorCode.NONE) {
      return refused(wrong);
    }
    if (known.state() == TransactionState.ONGOING) {
      return new Changed<>(
          known.ending(request.commit(), VERSION_0, ProducerIdentity.NO_ID, wallMs), Outcome.DONE);
    }
    return known.state().isEnding(request.commit())
        ? new Answered<>(Outcome.DONE)
        : refused(ErrorCode.INVALID_TXN_STATE);
  }

  /// The epoch tells a retry from the end of the next transaction:
  ///
  /// | state            | retry                | current epoch          |
  /// |------------------|----------------------|------------------------|
  /// | `EMPTY`          | fenced               | abort ends, commit `INVALID_TXN_STATE` |
  /// | `ONGOING`        | fenced               | ends                   |
  /// | `PREPARE_*`      | same answer          | waits                  |
  /// | `COMPLETE_*`     | same answer          | abort ends, commit `INVALID_TXN_STATE` |
  ///
  /// The "same answer" is `INVALID_TXN_STATE` if the transaction ended the other way.
  private static Step<Outcome> endVersion2(Transaction known, End request, long wallMs) {
    ProducerIdentity producer = known.producer();
    boolean isCurrent = producer.is(request.producerId(), request.producerEpoch());
    boolean isNext = producer.isNext(request.producerId(), request.producerEpoch());
    boolean hasEnd =
        known.state() != TransactionState.EMPTY && known.state() != TransactionState.ONGOING;
    boolean isRetry = hasEnd && isRetry(producer, request);
    if (producer.id() != request.producerId() && !isNext && !isRetry) {
      return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    }
    if (isRetry) {
      return known.state().isEnding(request.commit())
          ? new Answered<>(ended(producer))
          : refused(ErrorCode.INVALID_TXN_STATE);
    }
    if (!isCurrent && !isNext) {
      return refused(ErrorCode.PRODUCER_FENCED);
    }
    return switch (known.state()) {
      case PREPARE_COMMIT, PREPARE_ABORT -> new Busy<>();
      case ONGOING -> endNow(known, request, wallMs);
      case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT ->
          request.commit() ? refused(ErrorCode.INVALID_TXN_STATE) : endNow(known, request, wallMs);
      case DEAD, PREPARE_EPOCH_FENCE -> refused(ErrorCode.INVALID_TXN_STATE);
    };
  }

  private static boolean isRetry(ProducerIdentity producer, End request) {
    boolean afterBump =
        producer.id() == request.producerId() && producer.epoch() == request.producerEpoch() + 1;
    boolean afterNewId =
        producer.id() != request.producerId()
            && producer.previousId() == request.producerId()
            && request.producerEpoch() == ProducerIdentity.LAST_GIVEN_EPOCH
            && producer.epoch() == 0;
    return afterBump || afterNewId;
  }

  private static Step<Outcome> endNow(Transaction known, End request, long wallMs) {
    long nextId = ProducerIdentity.NO_ID;
    if (known.producer().isExhausted()) {
      if (request.freshId() < 0) {
        return new Answered<>(new Outcome.NeedsProducerId());
      }
      nextId = request.freshId();
    }
    Transaction next = known.ending(request.commit(), VERSION_2, nextId, wallMs);
    return new Changed<>(next, ended(next.producer()));
  }

  /// What the producer goes on with, once told that its transaction ends.
  private static Outcome ended(ProducerIdentity producer) {
    return producer.hasNext()
        ? new Outcome.Done(producer.nextId(), (short) 0)
        : new Outcome.Done(producer.id(), producer.epoch());
  }

  /// A transaction has taken too long; whoever began it is fenced.
  static Step<Outcome> timeOut(
      @Nullable Transaction known,
      TransactionFollowUps.TimedOut timedOut,
      long freshId,
      long wallMs) {
    if (known == null
        || known.state() != TransactionState.ONGOING
        || !known.producer().is(timedOut.producerId(), timedOut.producerEpoch())) {
      return new Answered<>(Outcome.DONE);
    }
    if (known.producer().isExhausted() && freshId < 0) {
      return new Answered<>(new Outcome.NeedsProducerId());
    }
    return new Changed<>(aborting(known, freshId, wallMs), Outcome.DONE);
  }

  private static Transaction aborting(Transaction known, long freshId, long wallMs) {
    return known.ending(
        false,
        VERSION_2,
        known.producer().isExhausted() ? freshId : ProducerIdentity.NO_ID,
        wallMs);
  }

  private static Step<Outcome> changed(Transaction next) {
    return new Changed<>(next, new Outcome.Done(next.producer().id(), next.producer().epoch()));
  }

  private static Step<Outcome> refused(ErrorCode error) {
    return new Answered<>(new Outcome.Refused(error));
  }
}
