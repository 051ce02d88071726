package io.millrace.storage;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.InvalidBatchException;
import org.jspecify.annotations.Nullable;

/// What a producer's next batch, and the marker that ends its transaction, have to be to be
/// appended. The rules are those of Kafka's brokers. Called under the lock of the log; changes
/// nothing.
final class ProducerRules {
  /// From this version of transactions on, a marker has a higher epoch than the data it ends
  /// (KIP-890), so that it cannot end the next transaction too.
  private static final short FIRST_VERSION_WITH_NEW_EPOCH = 2;

  private static final int NEW = -1;

  private ProducerRules() {}

  /// Checks that a client's batch follows the last one of its producer, and that it opens no
  /// transaction unless that was verified. Returns the slot of the batch in the state of the
  /// producer if it was appended before; -1 if it is new.
  ///
  /// A producer without state may begin anywhere, a new epoch begins with sequence 0.
  static int checkClient(ProducerStates producers, BatchCursor batch, VerificationGuard guard) {
    ProducerState state = producers.get(batch.producerId());
    short epoch = batch.producerEpoch();
    if (state != null) {
      int slot = state.findDuplicate(epoch, batch.baseSequence(), batch.lastSequence());
      if (slot >= 0) {
        return slot;
      }
      checkEpoch(state, epoch, "sent");
    }
    checkTransaction(producers, state, batch, guard);
    if (state != null && !state.isNext(epoch, batch.baseSequence())) {
      throw new InvalidBatchException(
          ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
          "producer "
              + batch.producerId()
              + " sent sequence "
              + batch.baseSequence()
              + " of epoch "
              + epoch
              + ", which does not follow the last one, "
              + state.lastSequence()
              + " of epoch "
              + state.epoch());
    }
    return NEW;
  }

  /// Checks what a coordinator appends for a producer: offsets in a transaction. It has no
  /// sequence. With [VerificationGuard#NONE] the coordinator is trusted to have verified it.
  static void checkCoordinator(
      ProducerStates producers, BatchCursor batch, VerificationGuard guard) {
    ProducerState state = producers.get(batch.producerId());
    if (state != null) {
      checkEpoch(state, batch.producerEpoch(), "is to be written for with");
    }
    if (guard != VerificationGuard.NONE || !batch.isTransactional()) {
      checkTransaction(producers, state, batch, guard);
    }
  }

  private static void checkEpoch(ProducerState state, short epoch, String what) {
    if (epoch < state.epoch()) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_PRODUCER_EPOCH,
          "producer "
              + state.producerId()
              + " "
              + what
              + " epoch "
              + epoch
              + ", which is below its last one, "
              + state.epoch());
    }
  }

  private static void checkTransaction(
      ProducerStates producers,
      @Nullable ProducerState state,
      BatchCursor batch,
      VerificationGuard guard) {
    long producerId = batch.producerId();
    short epoch = batch.producerEpoch();
    if (!batch.isTransactional()) {
      if (state != null && state.isInTransaction()) {
        throw invalidState(producerId, "is in a transaction but sent a batch that belongs to none");
      }
      return;
    }
    if (state != null && state.isInTransaction() && state.epoch() == epoch) {
      return;
    }
    Verifications verifications = producers.verifications();
    if (!verifications.isValid(producerId, epoch, guard)) {
      throw invalidState(
          producerId,
          "has no transaction open here with epoch " + epoch + ", and none was verified");
    }
    int lowest = verifications.lowestSequence(producerId);
    if (batch.baseSequence() > lowest) {
      throw new InvalidBatchException(
          ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
          "producer "
              + producerId
              + " has sequence "
              + lowest
              + " to come before "
              + batch.baseSequence());
    }
  }

  private static InvalidBatchException invalidState(long producerId, String what) {
    return new InvalidBatchException(
        ErrorCode.INVALID_TXN_STATE, "producer " + producerId + " " + what);
  }

  /// Checks the marker that ends a transaction. Returns whether it need not be written: it is sent
  /// again, and nothing has come after it.
  static boolean checkMarker(ProducerStates producers, EndMarker marker, short transactionVersion) {
    ProducerState state = producers.get(marker.producerId());
    if (state == null) {
      return false;
    }
    checkEpoch(state, marker.producerEpoch(), "is to be ended with");
    if (marker.coordinatorEpoch() < state.coordinatorEpoch()) {
      throw new InvalidBatchException(
          ErrorCode.TRANSACTION_COORDINATOR_FENCED,
          "a coordinator of epoch "
              + marker.coordinatorEpoch()
              + " ends a transaction of producer "
              + marker.producerId()
              + "; the last one had epoch "
              + state.coordinatorEpoch());
    }
    if (marker.producerEpoch() > state.epoch()) {
      return false;
    }
    if (!state.isInTransaction()) {
      return marker.coordinatorEpoch() == state.coordinatorEpoch();
    }
    if (transactionVersion >= FIRST_VERSION_WITH_NEW_EPOCH) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_PRODUCER_EPOCH,
          "producer "
              + marker.producerId()
              + " is in a transaction of epoch "
              + state.epoch()
              + "; a late marker of the one before cannot end it");
    }
    return false;
  }
}
