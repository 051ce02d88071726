package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Machine;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;

/// Where the markers of transactions are written: the partitions of the cluster, those of
/// `__consumer_offsets` among them.
@FunctionalInterface
public interface TransactionMarkers {
  /// Writes a marker to each of the partitions and waits until they are committed. Writing a marker
  /// again does no harm.
  ///
  /// Returns for each partition, in the order given: `NONE`; `UNKNOWN_TOPIC_OR_PARTITION` if it is
  /// gone for good; `INVALID_PRODUCER_EPOCH` if it has seen a newer epoch of the producer;
  /// `TRANSACTION_COORDINATOR_FENCED` if it has seen a newer coordinator; anything else is worth
  /// another attempt.
  ///
  /// @param transactionVersion from 2 on the marker has a higher epoch than the transaction, so
  ///   that it cannot end the next one if it comes late (KIP-890)
  List<ErrorCode> write(
      List<TopicPartition> partitions, Machine.EndMarker marker, short transactionVersion)
      throws InterruptedException;
}
