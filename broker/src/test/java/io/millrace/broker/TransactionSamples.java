package io.millrace.broker;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.AddOffsetsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeTransactionsRequest;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Valid requests about transactions, of producers that nobody knows.
final class TransactionSamples {
  private static final String ID = "sample";

  private TransactionSamples() {}

  static @Nullable ApiMessage request(ApiKey api, int version, String topic) {
    return switch (api) {
      case ADD_PARTITIONS_TO_TXN -> addPartitions(version, topic);
      case ADD_OFFSETS_TO_TXN ->
          AddOffsetsToTxnRequest.builder()
              .transactionalId(ID)
              .producerId(77)
              .producerEpoch((short) 0)
              .groupId("group")
              .build();
      case END_TXN ->
          EndTxnRequest.builder()
              .transactionalId(ID)
              .producerId(77)
              .producerEpoch((short) 0)
              .committed(true)
              .build();
      case WRITE_TXN_MARKERS -> WriteTxnMarkersRequest.builder().markers(List.of()).build();
      case DESCRIBE_TRANSACTIONS ->
          DescribeTransactionsRequest.builder().transactionalIds(List.of(ID)).build();
      case LIST_TRANSACTIONS -> ListTransactionsRequest.builder().build();
      default -> null;
    };
  }

  private static ApiMessage addPartitions(int version, String topic) {
    List<AddPartitionsToTxnRequest.AddPartitionsToTxnTopic> topics =
        List.of(
            AddPartitionsToTxnRequest.AddPartitionsToTxnTopic.builder()
                .name(topic)
                .partitions(List.of(0))
                .build());
    if (version < 4) {
      return AddPartitionsToTxnRequest.builder()
          .v3AndBelowTransactionalId(ID)
          .v3AndBelowProducerId(77)
          .v3AndBelowProducerEpoch((short) 0)
          .v3AndBelowTopics(topics)
          .build();
    }
    return AddPartitionsToTxnRequest.builder()
        .transactions(
            List.of(
                AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction.builder()
                    .transactionalId(ID)
                    .producerId(77)
                    .producerEpoch((short) 0)
                    .topics(topics)
                    .build()))
        .build();
  }
}
