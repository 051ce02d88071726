package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.millrace.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.millrace.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.millrace.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.millrace.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Says what a group has committed.
///
/// The answer leaves when everything is committed that was decided before it, so nobody learns an
/// offset that could be taken back.
final class OffsetFetches {
  /// From this version on topics are named by their ids.
  private static final short IDS_VERSION = 10;

  private final GroupMachine machine;
  private final Offsets offsets;

  OffsetFetches(GroupMachine machine, Offsets offsets) {
    this.machine = machine;
    this.offsets = offsets;
  }

  /// @param requireStable whether partitions for which a transaction wants to commit are refused
  Decision<OffsetFetchResponseGroup> fetch(
      OffsetFetchRequestGroup request, boolean requireStable, short version) {
    String groupId = request.groupId();
    Group group = machine.groups.find(groupId);
    ErrorCode error =
        group == null
            ? ErrorCode.NONE
            : group.checkOffsetFetch(request.memberId(), request.memberEpoch());
    if (error != ErrorCode.NONE) {
      return Decision.reply(failed(request, error));
    }
    boolean byId = version >= IDS_VERSION;
    List<OffsetFetchRequestTopics> wanted = request.topics();
    return Decision.reply(
        OffsetFetchResponseGroup.builder()
            .groupId(groupId)
            .topics(
                wanted == null
                    ? all(groupId, requireStable, byId)
                    : some(groupId, wanted, requireStable, byId))
            .build());
  }

  /// The response that says `error` of a group.
  static OffsetFetchResponseGroup failed(OffsetFetchRequestGroup request, ErrorCode error) {
    return OffsetFetchResponseGroup.builder()
        .groupId(request.groupId())
        .errorCode(error.code())
        .build();
  }

  private List<OffsetFetchResponseTopics> all(String groupId, boolean requireStable, boolean byId) {
    ClusterImage image = machine.image.get();
    List<OffsetFetchResponseTopics> topics = new ArrayList<>();
    offsets
        .of(groupId)
        .forEach(
            (name, committed) -> {
              Uuid id = image.topic(name).map(Topic::id).orElse(Uuid.ZERO);
              if (byId && id.isZero()) {
                return;
              }
              List<OffsetFetchResponsePartitions> partitions = new ArrayList<>();
              for (var entry : committed.entrySet()) {
                int partition = entry.getKey();
                partitions.add(
                    requireStable && offsets.isPending(groupId, name, partition)
                        ? none(partition, ErrorCode.UNSTABLE_OFFSET_COMMIT)
                        : found(partition, entry.getValue()));
              }
              topics.add(topic(name, id, partitions));
            });
    return topics;
  }

  private List<OffsetFetchResponseTopics> some(
      String groupId, List<OffsetFetchRequestTopics> wanted, boolean requireStable, boolean byId) {
    ClusterImage image = machine.image.get();
    SortedMap<String, SortedMap<Integer, CommittedOffset>> committed = offsets.of(groupId);
    boolean hasPending = requireStable && !offsets.pendingOf(groupId).isEmpty();
    List<OffsetFetchResponseTopics> topics = new ArrayList<>(wanted.size());
    for (OffsetFetchRequestTopics topic : wanted) {
      Optional<Topic> known = byId ? image.topic(topic.topicId()) : Optional.empty();
      ErrorCode error = byId && known.isEmpty() ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.NONE;
      String name = known.map(Topic::name).orElse(topic.name());
      SortedMap<Integer, CommittedOffset> ofTopic =
          error == ErrorCode.NONE ? committed.get(name) : null;
      List<OffsetFetchResponsePartitions> partitions =
          new ArrayList<>(topic.partitionIndexes().size());
      for (int partition : topic.partitionIndexes()) {
        CommittedOffset offset = ofTopic == null ? null : ofTopic.get(partition);
        if (error != ErrorCode.NONE) {
          partitions.add(none(partition, error));
        } else if (hasPending && offsets.isPending(groupId, name, partition)) {
          partitions.add(none(partition, ErrorCode.UNSTABLE_OFFSET_COMMIT));
        } else if (offset == null || isOfAnother(offset, known.orElse(null))) {
          partitions.add(none(partition, ErrorCode.NONE));
        } else {
          partitions.add(found(partition, offset));
        }
      }
      topics.add(topic(topic.name(), topic.topicId(), partitions));
    }
    return topics;
  }

  /// Whether it was committed for an earlier topic of the same name.
  private static boolean isOfAnother(CommittedOffset offset, @Nullable Topic topic) {
    return topic != null && !offset.topicId().isZero() && !offset.topicId().equals(topic.id());
  }

  private static OffsetFetchResponseTopics topic(
      String name, Uuid id, List<OffsetFetchResponsePartitions> partitions) {
    return OffsetFetchResponseTopics.builder()
        .name(name)
        .topicId(id)
        .partitions(partitions)
        .build();
  }

  private static OffsetFetchResponsePartitions found(int partition, CommittedOffset offset) {
    return OffsetFetchResponsePartitions.builder()
        .partitionIndex(partition)
        .committedOffset(offset.offset())
        .committedLeaderEpoch(offset.leaderEpoch())
        .metadata(offset.metadata())
        .build();
  }

  private static OffsetFetchResponsePartitions none(int partition, ErrorCode error) {
    return OffsetFetchResponsePartitions.builder()
        .partitionIndex(partition)
        .committedOffset(-1)
        .committedLeaderEpoch(-1)
        .metadata("")
        .errorCode(error.code())
        .build();
  }
}
