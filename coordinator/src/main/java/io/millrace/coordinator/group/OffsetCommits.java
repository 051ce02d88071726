package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Commits offsets, of members and of others, at once or with a transaction.
final class OffsetCommits {
  /// From these versions on requests name topics by their ids.
  private static final short IDS_VERSION = 10;

  private static final short TRANSACTIONAL_IDS_VERSION = 6;

  /// From this version on clients know that a group may not be there.
  private static final short GROUP_NOT_FOUND_VERSION = 9;

  private static final short NO_ERROR = ErrorCode.NONE.code();

  private final GroupMachine machine;

  OffsetCommits(GroupMachine machine) {
    this.machine = machine;
  }

  /// The topic that a request means, or why there is none.
  private record Named(String name, Uuid id, ErrorCode error) {}

  /// What is committed for one partition.
  private record Commit(int partition, long offset, int leaderEpoch, @Nullable String metadata) {}

  /// Collects the records of one request.
  private final class Batch {
    final String groupId;
    final long nowMs;
    final long expireMs;
    final int maxMetadata;
    final long maxBytes;
    final List<StateRecord> records = new ArrayList<>();
    long bytes;

    Batch(String groupId, long nowMs, long expireMs) {
      Config config = machine.settings.broker();
      this.groupId = groupId;
      this.nowMs = nowMs;
      this.expireMs = expireMs;
      this.maxMetadata = config.intValue("offset.metadata.max.bytes");
      this.maxBytes = RecordSizes.limit(config);
    }

    /// @param refusal why the sender may not commit for this partition
    short add(Named topic, Commit commit, ErrorCode refusal) {
      if (topic.error() != ErrorCode.NONE) {
        return topic.error().code();
      } else if (refusal != ErrorCode.NONE) {
        return refusal.code();
      }
      String metadata = commit.metadata() == null ? "" : commit.metadata();
      if (commit.partition() < 0) {
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code();
      } else if (commit.offset() < 0) {
        return ErrorCode.INVALID_REQUEST.code();
      } else if (metadata.length() > maxMetadata) {
        return ErrorCode.OFFSET_METADATA_TOO_LARGE.code();
      }
      StateRecord record =
          CommittedOffset.record(
              CommittedOffset.key(groupId, topic.name(), commit.partition()),
              OffsetCommitValue.builder()
                  .offset(commit.offset())
                  .leaderEpoch(commit.leaderEpoch())
                  .metadata(metadata)
                  .commitTimestamp(nowMs)
                  .expireTimestamp(expireMs)
                  .topicId(topic.id())
                  .build());
      if (!isTooLarge()) {
        bytes += RecordSizes.ofOffset(record);
        records.add(record);
      }
      return NO_ERROR;
    }

    boolean isTooLarge() {
      return bytes > maxBytes;
    }
  }

  Decision<OffsetCommitResponse> commit(OffsetCommitRequest request, short version, Now now) {
    ErrorCode error = check(request, version);
    if (error != ErrorCode.NONE) {
      return Decision.reply(failed(request, error));
    }
    long retentionMs = request.retentionTimeMs();
    Batch batch =
        new Batch(
            request.groupId(), now.wallMs(), retentionMs < 0 ? -1 : now.wallMs() + retentionMs);
    List<OffsetCommitResponse.OffsetCommitResponseTopic> topics = new ArrayList<>();
    for (OffsetCommitRequest.OffsetCommitRequestTopic topic : request.topics()) {
      Named named = find(topic.name(), topic.topicId(), version >= IDS_VERSION);
      List<OffsetCommitResponse.OffsetCommitResponsePartition> partitions =
          new ArrayList<>(topic.partitions().size());
      for (OffsetCommitRequest.OffsetCommitRequestPartition partition : topic.partitions()) {
        short code =
            batch.add(
                named,
                new Commit(
                    partition.partitionIndex(),
                    partition.committedOffset(),
                    partition.committedLeaderEpoch(),
                    partition.committedMetadata()),
                checkPartition(request, named, partition.partitionIndex()));
        partitions.add(answer(partition.partitionIndex(), code));
      }
      topics.add(answer(topic, partitions));
    }
    if (batch.isTooLarge()) {
      return Decision.reply(failed(request, ErrorCode.INVALID_COMMIT_OFFSET_SIZE));
    }
    return Decision.of(batch.records, OffsetCommitResponse.builder().topics(topics).build());
  }

  private ErrorCode check(OffsetCommitRequest request, short version) {
    if (!GroupIds.isValidForOffsets(request.groupId())) {
      return ErrorCode.INVALID_GROUP_ID;
    }
    Group group = machine.groups.find(request.groupId());
    if (group == null) {
      if (request.generationIdOrMemberEpoch() < 0) {
        return ErrorCode.NONE;
      }
      return version >= GROUP_NOT_FOUND_VERSION
          ? ErrorCode.GROUP_ID_NOT_FOUND
          : ErrorCode.ILLEGAL_GENERATION;
    }
    ErrorCode error =
        group.checkOffsetCommit(
            request.memberId(),
            request.groupInstanceId(),
            request.generationIdOrMemberEpoch(),
            false,
            version);
    if (error == ErrorCode.NONE && group instanceof ClassicGroup classic) {
      machine.classic.commitReceived(classic, request.memberId());
    }
    return error;
  }

  private ErrorCode checkPartition(OffsetCommitRequest request, Named topic, int partition) {
    Group group = machine.groups.find(request.groupId());
    return group == null
        ? ErrorCode.NONE
        : group.checkPartitionCommit(
            request.memberId(), request.generationIdOrMemberEpoch(), topic.id(), partition);
  }

  private ErrorCode checkPartition(
      TxnOffsetCommitRequest request, Named topic, int partition, short version) {
    Group group = machine.groups.find(request.groupId());
    return group == null
        ? ErrorCode.NONE
        : inTransaction(
            group.checkPartitionCommit(
                request.memberId(), request.generationIdOrMemberEpoch(), topic.id(), partition),
            version);
  }

  private static ErrorCode inTransaction(ErrorCode error, short version) {
    return error == ErrorCode.STALE_MEMBER_EPOCH && version < TRANSACTIONAL_IDS_VERSION
        ? ErrorCode.ILLEGAL_GENERATION
        : error;
  }

  private Named find(String name, Uuid id, boolean byId) {
    ClusterImage image = machine.image.get();
    Optional<Topic> found = byId ? image.topic(id) : image.topic(name);
    return found
        .map(topic -> new Named(topic.name(), topic.id(), ErrorCode.NONE))
        .orElseGet(
            () ->
                new Named(
                    name,
                    id,
                    byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
  }

  private static OffsetCommitResponse.OffsetCommitResponsePartition answer(
      int partition, short code) {
    return OffsetCommitResponse.OffsetCommitResponsePartition.builder()
        .partitionIndex(partition)
        .errorCode(code)
        .build();
  }

  private static OffsetCommitResponse.OffsetCommitResponseTopic answer(
      OffsetCommitRequest.OffsetCommitRequestTopic topic,
      List<OffsetCommitResponse.OffsetCommitResponsePartition> partitions) {
    return OffsetCommitResponse.OffsetCommitResponseTopic.builder()
        .name(topic.name())
        .topicId(topic.topicId())
        .partitions(partitions)
        .build();
  }

  /// The response that says `error` of every partition.
  static OffsetCommitResponse failed(OffsetCommitRequest request, ErrorCode error) {
    return OffsetCommitResponse.builder()
        .topics(
            request.topics().stream()
                .map(
                    topic ->
                        answer(
                            topic,
                            topic.partitions().stream()
                                .map(each -> answer(each.partitionIndex(), error.code()))
                                .toList()))
                .toList())
        .build();
  }

  Decision<TxnOffsetCommitResponse> commitInTransaction(
      TxnOffsetCommitRequest request, short version, Now now) {
    ErrorCode error = check(request, version);
    if (error != ErrorCode.NONE) {
      return Decision.reply(failed(request, error));
    }
    Batch batch = new Batch(request.groupId(), now.wallMs(), -1);
    List<TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic> topics = new ArrayList<>();
    for (TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic : request.topics()) {
      Named named = find(topic.name(), topic.topicId(), version >= TRANSACTIONAL_IDS_VERSION);
      List<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition> partitions =
          new ArrayList<>(topic.partitions().size());
      for (TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition : topic.partitions()) {
        short code =
            batch.add(
                named,
                new Commit(
                    partition.partitionIndex(),
                    partition.committedOffset(),
                    partition.committedLeaderEpoch(),
                    partition.committedMetadata()),
                checkPartition(request, named, partition.partitionIndex(), version));
        partitions.add(answerInTransaction(partition.partitionIndex(), code));
      }
      topics.add(answer(topic, partitions));
    }
    if (batch.isTooLarge()) {
      return Decision.reply(failed(request, ErrorCode.INVALID_COMMIT_OFFSET_SIZE));
    }
    TxnOffsetCommitResponse response = TxnOffsetCommitResponse.builder().topics(topics).build();
    if (batch.records.isEmpty()) {
      return Decision.reply(response);
    }
    return Decision.of(batch.records, response)
        .inTransaction(request.producerId(), request.producerEpoch());
  }

  private ErrorCode check(TxnOffsetCommitRequest request, short version) {
    if (!GroupIds.isValid(request.groupId())) {
      return ErrorCode.INVALID_GROUP_ID;
    } else if (request.producerId() < 0 || request.producerEpoch() < 0) {
      return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
    }
    boolean knowsNewErrors = version >= TRANSACTIONAL_IDS_VERSION;
    Group group = machine.groups.find(request.groupId());
    if (group == null) {
      if (request.generationIdOrMemberEpoch() < 0) {
        return ErrorCode.NONE;
      }
      return knowsNewErrors ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
    }
    ErrorCode error =
        group.checkOffsetCommit(
            request.memberId(),
            request.groupInstanceId(),
            request.generationIdOrMemberEpoch(),
            true,
            version);
    return inTransaction(error, version);
  }

  private static TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition answerInTransaction(
      int partition, short code) {
    return TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition.builder()
        .partitionIndex(partition)
        .errorCode(code)
        .build();
  }

  private static TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic answer(
      TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic,
      List<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition> partitions) {
    return TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic.builder()
        .name(topic.name())
        .topicId(topic.topicId())
        .partitions(partitions)
        .build();
  }

  /// The response that says `error` of every partition.
  static TxnOffsetCommitResponse failed(TxnOffsetCommitRequest request, ErrorCode error) {
    return TxnOffsetCommitResponse.builder()
        .topics(
            request.topics().stream()
                .map(
                    topic ->
                        answer(
                            topic,
                            topic.partitions().stream()
                                .map(
                                    each ->
                                        answerInTransaction(each.partitionIndex(), error.code()))
                                .toList()))
                .toList())
        .build();
  }
}
