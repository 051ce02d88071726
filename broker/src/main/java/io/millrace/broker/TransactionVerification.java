package io.millrace.broker;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;

/// Asks the transaction coordinator of a producer, on behalf of a broker that is to write something
/// of its transaction (KIP-890). The coordinator may be on another broker.
///
/// Errors are those that the producer is to see: `INVALID_PRODUCER_EPOCH` where it was fenced,
/// `INVALID_PRODUCER_ID_MAPPING`, `CONCURRENT_TRANSACTIONS` if its last transaction takes long to
/// end, `TRANSACTION_ABORTABLE` for what does not belong to the transaction, and those of a
/// coordinator that is not there. Methods wait for the answer.
public interface TransactionVerification {
  /// Adds partitions to the producer's transaction, for clients that leave that to the broker.
  ///
  /// Returns an error, or `NONE`, for each partition in the order given.
  List<ErrorCode> add(
      String transactionalId, long producerId, short producerEpoch, List<TopicPartition> partitions)
      throws InterruptedException;

  /// As [#add], but only looks whether the producer has added them.
  List<ErrorCode> verify(
      String transactionalId, long producerId, short producerEpoch, List<TopicPartition> partitions)
      throws InterruptedException;
}
