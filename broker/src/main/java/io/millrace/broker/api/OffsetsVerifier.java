package io.millrace.broker.api;

import io.millrace.protocol.message.ErrorCode;

/// Asks the transaction coordinator whether a transaction that wants to commit offsets is open and
/// includes the partition of `__consumer_offsets` where they go (KIP-890).
@FunctionalInterface
public interface OffsetsVerifier {
  /// Returns `NONE` if it is and does; waits for the answer.
  ///
  /// @param offsetsPartition of `__consumer_offsets`
  /// @param mayAdd whether the partition is added if it is not included (transactions of version 2)
  ErrorCode verify(
      String transactionalId,
      long producerId,
      short producerEpoch,
      int offsetsPartition,
      boolean mayAdd)
      throws InterruptedException;
}
