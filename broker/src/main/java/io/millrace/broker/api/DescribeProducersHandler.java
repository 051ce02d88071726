package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.protocol.message.DescribeProducersResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.ActiveProducer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says which producers the logs of partitions know, and where their open transactions begin: how
/// an operator finds a transaction that hangs (KIP-664).
///
/// Version 0 is the only one.
public final class DescribeProducersHandler implements ApiHandler<DescribeProducersRequest> {
  private final PartitionLocator partitions;

  public DescribeProducersHandler(PartitionLocator partitions) {
    this.partitions = partitions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_PRODUCERS;
  }

  @Override
  public Reply handle(DescribeProducersRequest request, RequestContext context) {
    List<DescribeProducersResponse.TopicResponse> topics = new ArrayList<>();
    for (DescribeProducersRequest.TopicRequest topic : request.topics()) {
      List<DescribeProducersResponse.PartitionResponse> described = new ArrayList<>();
      for (int index : topic.partitionIndexes()) {
        described.add(describe(PartitionKey.byName(topic.name(), index)));
      }
      topics.add(
          DescribeProducersResponse.TopicResponse.builder()
              .name(topic.name())
              .partitions(described)
              .build());
    }
    return new Reply.Now(DescribeProducersResponse.builder().topics(topics).build());
  }

  private DescribeProducersResponse.PartitionResponse describe(PartitionKey key) {
    DescribeProducersResponse.PartitionResponse.Builder answer =
        DescribeProducersResponse.PartitionResponse.builder().partitionIndex(key.partition());
    Optional<Partition> partition = partitions.find(key);
    if (partition.isEmpty() || partition.get().isClosed()) {
      ErrorCode why = partitions.whyMissing(key);
      return answer.errorCode(why.code()).errorMessage(why.name()).build();
    }
    List<DescribeProducersResponse.ProducerState> producers = new ArrayList<>();
    for (ActiveProducer producer : partition.get().activeProducers()) {
      producers.add(
          DescribeProducersResponse.ProducerState.builder()
              .producerId(producer.producerId())
              .producerEpoch(producer.epoch())
              .lastSequence(producer.lastSequence())
              .lastTimestamp(producer.lastTimestamp())
              .coordinatorEpoch(producer.coordinatorEpoch())
              .currentTxnStartOffset(producer.transactionStartOffset())
              .build());
    }
    return answer.activeProducers(producers).build();
  }
}
