package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteRecordsRequest;
import io.millrace.protocol.message.DeleteRecordsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.LogConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves log start offsets up: the records below them are gone for readers at once, and from the
/// disk with their segments (KIP-107).
///
/// Versions: 0 to 2 differ only in form; 2 is the first flexible one.
public final class DeleteRecordsHandler implements ApiHandler<DeleteRecordsRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(DeleteRecordsHandler.class);

  /// Stands for the high watermark.
  private static final long ALL = -1;

  private static final long UNKNOWN_LOW_WATERMARK = -1;

  private final PartitionLocator partitions;

  public DeleteRecordsHandler(PartitionLocator partitions) {
    this.partitions = partitions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DELETE_RECORDS;
  }

  @Override
  public Reply handle(DeleteRecordsRequest request, RequestContext context) {
    List<DeleteRecordsResponse.DeleteRecordsTopicResult> topics = new ArrayList<>();
    for (DeleteRecordsRequest.DeleteRecordsTopic topic : request.topics()) {
      List<DeleteRecordsResponse.DeleteRecordsPartitionResult> results = new ArrayList<>();
      for (DeleteRecordsRequest.DeleteRecordsPartition partition : topic.partitions()) {
        results.add(delete(topic.name(), partition));
      }
      topics.add(
          DeleteRecordsResponse.DeleteRecordsTopicResult.builder()
              .name(topic.name())
              .partitions(results)
              .build());
    }
    return new Reply.Now(DeleteRecordsResponse.builder().topics(topics).build());
  }

  private DeleteRecordsResponse.DeleteRecordsPartitionResult delete(
      String topic, DeleteRecordsRequest.DeleteRecordsPartition wanted) {
    PartitionKey key = PartitionKey.byName(topic, wanted.partitionIndex());
    Optional<Partition> found = partitions.find(key);
    if (found.isEmpty()) {
      return result(wanted, UNKNOWN_LOW_WATERMARK, partitions.whyMissing(key));
    }
    Partition partition = found.get();
    LogConfig config = partition.log().config();
    if (config.cleanupCompact() && !config.cleanupDelete()) {
      // Compaction alone decides what goes from such a topic.
      return result(wanted, UNKNOWN_LOW_WATERMARK, ErrorCode.POLICY_VIOLATION);
    }
    long highWatermark = partition.highWatermark();
    long offset = wanted.offset() == ALL ? highWatermark : wanted.offset();
    if (offset < 0 || offset > highWatermark) {
      return result(wanted, UNKNOWN_LOW_WATERMARK, ErrorCode.OFFSET_OUT_OF_RANGE);
    }
    try {
      return result(wanted, partition.deleteRecordsBefore(offset), ErrorCode.NONE);
    } catch (IOException e) {
      LOG.error("Cannot delete records of {} before offset {}", partition.name(), offset, e);
      return result(wanted, UNKNOWN_LOW_WATERMARK, ErrorCode.KAFKA_STORAGE_ERROR);
    }
  }

  private static DeleteRecordsResponse.DeleteRecordsPartitionResult result(
      DeleteRecordsRequest.DeleteRecordsPartition wanted, long lowWatermark, ErrorCode error) {
    return DeleteRecordsResponse.DeleteRecordsPartitionResult.builder()
        .partitionIndex(wanted.partitionIndex())
        .lowWatermark(lowWatermark)
        .errorCode(error.code())
        .build();
  }
}
