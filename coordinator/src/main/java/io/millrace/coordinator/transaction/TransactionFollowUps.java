package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Machine;
import io.millrace.protocol.TopicPartition;
import java.util.List;

/// What a machine wants done outside its lock. Each call is a task of its own and may take long.
public interface TransactionFollowUps {
  /// Writes the markers of a transaction whose end is committed, then has the machine complete it.
  void finish(int shard, Ending ending) throws InterruptedException;

  /// Fetches a producer id and has the machine abort a transaction that has timed out.
  void abort(int shard, TimedOut timedOut) throws InterruptedException;

  /// The end of a transaction, with the partitions that its marker goes to.
  record Ending(
      String transactionalId,
      List<TopicPartition> partitions,
      Machine.EndMarker marker,
      short transactionVersion) {}

  /// An ongoing transaction that has taken too long, by the producer that began it.
  record TimedOut(String transactionalId, long producerId, short producerEpoch) {}
}
