package io.millrace.broker.api;

import io.millrace.coordinator.Machine;
import io.millrace.coordinator.transaction.TransactionMarkers;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import io.millrace.protocol.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import io.millrace.protocol.message.WriteTxnMarkersResponse;
import io.millrace.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult;
import io.millrace.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerResult;
import io.millrace.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Writes the markers that end transactions, for a coordinator on another broker or for an operator
/// who ends a transaction that hangs (KIP-98, KIP-664).
///
/// Versions: 1 is the first flexible one; 2 tells the transaction version (KIP-1228).
public final class WriteTxnMarkersHandler implements ApiHandler<WriteTxnMarkersRequest> {
  private final TransactionMarkers markers;

  WriteTxnMarkersHandler(TransactionMarkers markers) {
    this.markers = markers;
  }

  @Override
  public ApiKey api() {
    return ApiKey.WRITE_TXN_MARKERS;
  }

  @Override
  public Reply handle(WriteTxnMarkersRequest request, RequestContext context) {
    return new Reply.Later(() -> write(request));
  }

  private ApiMessage write(WriteTxnMarkersRequest request) throws InterruptedException {
    List<WritableTxnMarkerResult> results = new ArrayList<>(request.markers().size());
    for (WritableTxnMarker marker : request.markers()) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (WritableTxnMarkerTopic topic : marker.topics()) {
        topic
            .partitionIndexes()
            .forEach(index -> partitions.add(new TopicPartition(topic.name(), index)));
      }
      Machine.EndMarker end =
          new Machine.EndMarker(
              marker.producerId(),
              marker.producerEpoch(),
              marker.coordinatorEpoch(),
              marker.transactionResult());
      Iterator<ErrorCode> errors =
          markers.write(partitions, end, marker.transactionVersion()).iterator();
      results.add(
          WritableTxnMarkerResult.builder()
              .producerId(marker.producerId())
              .topics(marker.topics().stream().map(topic -> result(topic, errors)).toList())
              .build());
    }
    return WriteTxnMarkersResponse.builder().markers(results).build();
  }

  private static WritableTxnMarkerTopicResult result(
      WritableTxnMarkerTopic topic, Iterator<ErrorCode> errors) {
    List<WritableTxnMarkerPartitionResult> partitions = new ArrayList<>();
    for (int index : topic.partitionIndexes()) {
      partitions.add(
          WritableTxnMarkerPartitionResult.builder()
              .partitionIndex(index)
              .errorCode(errors.next().code())
              .build());
    }
    return WritableTxnMarkerTopicResult.builder().name(topic.name()).partitions(partitions).build();
  }
}
