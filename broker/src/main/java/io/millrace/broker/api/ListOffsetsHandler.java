package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.replication.IsolationLevel;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.TimestampAndOffset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds offsets by time, or by one of the names that negative timestamps stand for.
///
/// Versions: 1 is the oldest; 2 adds isolation levels; 4 leader epochs; 7 the offset of the largest
/// timestamp (KIP-734); 8 the earliest local offset (KIP-405); 9 the latest tiered one (KIP-1005);
/// 10 a timeout; 11 the earliest offset still to be tiered (KIP-1023).
public final class ListOffsetsHandler implements ApiHandler<ListOffsetsRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);

  private static final long LATEST = -1;
  private static final long EARLIEST = -2;
  private static final long MAX_TIMESTAMP = -3;
  private static final long EARLIEST_LOCAL = -4;
  private static final long LATEST_TIERED = -5;
  private static final long EARLIEST_PENDING_UPLOAD = -6;

  /// What answers a question that no offset answers.
  private static final TimestampAndOffset NONE = new TimestampAndOffset(-1, -1, -1);

  /// The replica id of a tool that wants to see beyond the high watermark.
  private static final int DEBUGGING_CONSUMER = -2;

  private final PartitionLocator partitions;

  public ListOffsetsHandler(PartitionLocator partitions) {
    this.partitions = partitions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.LIST_OFFSETS;
  }

  @Override
  public Reply handle(ListOffsetsRequest request, RequestContext context) {
    Set<PartitionKey> duplicates = duplicates(request);
    List<ListOffsetsResponse.ListOffsetsTopicResponse> topics = new ArrayList<>();
    for (ListOffsetsRequest.ListOffsetsTopic topic : request.topics()) {
      List<ListOffsetsResponse.ListOffsetsPartitionResponse> found = new ArrayList<>();
      for (ListOffsetsRequest.ListOffsetsPartition partition : topic.partitions()) {
        PartitionKey key = PartitionKey.byName(topic.name(), partition.partitionIndex());
        found.add(
            duplicates.contains(key)
                ? failed(partition, ErrorCode.INVALID_REQUEST)
                : find(key, partition, request, context.version()));
      }
      topics.add(
          ListOffsetsResponse.ListOffsetsTopicResponse.builder()
              .name(topic.name())
              .partitions(found)
              .build());
    }
    return new Reply.Now(ListOffsetsResponse.builder().topics(topics).build());
  }

  private static Set<PartitionKey> duplicates(ListOffsetsRequest request) {
    Set<PartitionKey> seen = new HashSet<>();
    Set<PartitionKey> duplicates = new HashSet<>();
    for (ListOffsetsRequest.ListOffsetsTopic topic : request.topics()) {
      for (ListOffsetsRequest.ListOffsetsPartition partition : topic.partitions()) {
        PartitionKey key = PartitionKey.byName(topic.name(), partition.partitionIndex());
        if (!seen.add(key)) {
          duplicates.add(key);
        }
      }
    }
    return duplicates;
  }

  private ListOffsetsResponse.ListOffsetsPartitionResponse find(
      PartitionKey key,
      ListOffsetsRequest.ListOffsetsPartition wanted,
      ListOffsetsRequest request,
      short version) {
    Optional<Partition> partition = partitions.find(key);
    if (partition.isEmpty()) {
      return failed(wanted, partitions.whyMissing(key));
    }
    ErrorCode epochError = partition.get().checkLeaderEpoch(wanted.currentLeaderEpoch());
    if (epochError != ErrorCode.NONE) {
      return failed(wanted, epochError);
    }
    if (!isKnown(wanted.timestamp(), version)) {
      return failed(wanted, ErrorCode.UNSUPPORTED_VERSION);
    }
    long end =
        request.replicaId() == DEBUGGING_CONSUMER
            ? partition.get().log().logEndOffset()
            : partition.get().readableEnd(IsolationLevel.forId(request.isolationLevel()));
    try {
      TimestampAndOffset found = find(partition.get().log(), wanted.timestamp(), end);
      return ListOffsetsResponse.ListOffsetsPartitionResponse.builder()
          .partitionIndex(wanted.partitionIndex())
          .timestamp(found.timestamp())
          .offset(found.offset())
          .leaderEpoch(version >= 4 ? found.leaderEpoch() : -1)
          .build();
    } catch (IOException e) {
      LOG.error("Cannot look for an offset in {}", partition.get().name(), e);
      return failed(wanted, ErrorCode.KAFKA_STORAGE_ERROR);
    }
  }

  /// Whether the client may ask for that: names of offsets came with versions.
  private static boolean isKnown(long timestamp, short version) {
    if (timestamp >= EARLIEST) {
      return true;
    }
    return timestamp >= EARLIEST_PENDING_UPLOAD && version >= firstVersion(timestamp);
  }

  private static int firstVersion(long timestamp) {
    if (timestamp == MAX_TIMESTAMP) {
      return 7;
    }
    if (timestamp == EARLIEST_LOCAL) {
      return 8;
    }
    return timestamp == LATEST_TIERED ? 9 : 11;
  }

  private static TimestampAndOffset find(PartitionLog log, long timestamp, long end)
      throws IOException {
    if (timestamp == LATEST) {
      return new TimestampAndOffset(-1, end, log.latestEpoch());
    }
    if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
      return new TimestampAndOffset(-1, log.logStartOffset(), log.epochAt(log.logStartOffset()));
    }
    if (timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD) {
      // Nothing is tiered, nor waits to be.
      return NONE;
    }
    Optional<TimestampAndOffset> found =
        timestamp == MAX_TIMESTAMP
            ? log.offsetOfMaxTimestamp()
            : log.offsetForTimestamp(timestamp, end);
    return found.filter(record -> record.offset() < end).orElse(NONE);
  }

  private static ListOffsetsResponse.ListOffsetsPartitionResponse failed(
      ListOffsetsRequest.ListOffsetsPartition wanted, ErrorCode error) {
    return ListOffsetsResponse.ListOffsetsPartitionResponse.builder()
        .partitionIndex(wanted.partitionIndex())
        .errorCode(error.code())
        .build();
  }
}
