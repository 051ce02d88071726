package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetForLeaderEpochRequest;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.EpochEndOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says where a leader epoch ended, so that a consumer can tell whether the log was truncated below
/// it (KIP-320).
///
/// Versions: 2 is the oldest; 3 adds the replica id, 4 is the first flexible one.
public final class OffsetForLeaderEpochHandler implements ApiHandler<OffsetForLeaderEpochRequest> {
  private final PartitionLocator partitions;

  public OffsetForLeaderEpochHandler(PartitionLocator partitions) {
    this.partitions = partitions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.OFFSET_FOR_LEADER_EPOCH;
  }

  @Override
  public Reply handle(OffsetForLeaderEpochRequest request, RequestContext context) {
    List<OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult> topics = new ArrayList<>();
    for (OffsetForLeaderEpochRequest.OffsetForLeaderTopic topic : request.topics()) {
      List<OffsetForLeaderEpochResponse.EpochEndOffset> ends = new ArrayList<>();
      for (OffsetForLeaderEpochRequest.OffsetForLeaderPartition partition : topic.partitions()) {
        ends.add(endOffset(topic.topic(), partition));
      }
      topics.add(
          OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult.builder()
              .topic(topic.topic())
              .partitions(ends)
              .build());
    }
    return new Reply.Now(OffsetForLeaderEpochResponse.builder().topics(topics).build());
  }

  private OffsetForLeaderEpochResponse.EpochEndOffset endOffset(
      String topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition wanted) {
    PartitionKey key = PartitionKey.byName(topic, wanted.partition());
    Optional<Partition> partition = partitions.find(key);
    ErrorCode error =
        partition.isEmpty()
            ? partitions.whyMissing(key)
            : partition.get().checkLeaderEpoch(wanted.currentLeaderEpoch());
    OffsetForLeaderEpochResponse.EpochEndOffset.Builder answer =
        OffsetForLeaderEpochResponse.EpochEndOffset.builder()
            .partition(wanted.partition())
            .errorCode(error.code());
    if (partition.isPresent() && error == ErrorCode.NONE) {
      EpochEndOffset end = partition.get().log().endOffsetForEpoch(wanted.leaderEpoch());
      answer.leaderEpoch(end.leaderEpoch()).endOffset(end.endOffset());
    }
    return answer.build();
  }
}
