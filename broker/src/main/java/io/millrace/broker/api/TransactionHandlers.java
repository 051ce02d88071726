package io.millrace.broker.api;

import io.millrace.broker.ProducerIds;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.coordinator.transaction.TransactionMarkers;
import io.millrace.metadata.ClusterImage;
import java.util.List;
import java.util.function.Supplier;

/// The handlers of what producers and operators ask about producer ids and transactions.
public final class TransactionHandlers {
  private TransactionHandlers() {}

  /// All of them.
  ///
  /// @param topics makes `__consumer_offsets` when a transaction first needs it
  public static List<ApiHandler<?>> all(
      Coordinator<TransactionMachine> transactions,
      Coordinator<GroupMachine> groups,
      TransactionMarkers markers,
      ProducerIds producerIds,
      InternalTopics topics,
      Supplier<ClusterImage> image) {
    TransactionReply reply = new TransactionReply(transactions, producerIds);
    return List.of(
        new InitProducerIdHandler(producerIds, reply),
        new AddPartitionsToTxnHandler(transactions, image),
        new AddOffsetsToTxnHandler(reply, groups, topics),
        new EndTxnHandler(reply),
        new WriteTxnMarkersHandler(markers),
        new DescribeTransactionsHandler(transactions),
        new ListTransactionsHandler(transactions));
  }
}
