package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.millrace.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import java.util.List;
import java.util.Optional;

/// Says what groups have committed.
///
/// Versions: 2 may ask for all topics and has an error of the whole; 5 adds the leader epoch; 6 is
/// the first flexible one; 7 may refuse offsets that a transaction is about to replace (KIP-447); 8
/// asks for several groups (KIP-709); 9 has member epochs (KIP-848); 10 names topics by their ids.
public final class OffsetFetchHandler implements ApiHandler<OffsetFetchRequest> {
  private static final short FIRST_VERSION_WITH_ERROR = 2;
  private static final short FIRST_VERSION_WITH_GROUPS = 8;

  private final Coordinator<GroupMachine> groups;

  public OffsetFetchHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.OFFSET_FETCH;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return version < FIRST_VERSION_WITH_ERROR || version >= FIRST_VERSION_WITH_GROUPS
        ? Optional.empty()
        : Optional.of(OffsetFetchResponse.builder().errorCode(error.code()).build());
  }

  @Override
  public Reply handle(OffsetFetchRequest request, RequestContext context)
      throws InterruptedException {
    short version = context.version();
    boolean isSingle = version < FIRST_VERSION_WITH_GROUPS;
    List<OffsetFetchRequestGroup> wanted = isSingle ? List.of(asGroup(request)) : request.groups();
    GatheredReply<OffsetFetchResponseGroup> gathered = new GatheredReply<>();
    for (OffsetFetchRequestGroup group : wanted) {
      gathered.ask(
          groups,
          group.groupId(),
          (machine, now) -> machine.fetch(group, request.requireStable(), version),
          error ->
              OffsetFetchResponseGroup.builder()
                  .groupId(group.groupId())
                  .errorCode(error.code())
                  .build());
    }
    return gathered.reply(
        answers ->
            isSingle
                ? asSingle(answers.getFirst(), wanted.getFirst(), version)
                : OffsetFetchResponse.builder().groups(answers).build());
  }

  private static OffsetFetchRequestGroup asGroup(OffsetFetchRequest request) {
    List<OffsetFetchRequest.OffsetFetchRequestTopic> topics = request.topics();
    return OffsetFetchRequestGroup.builder()
        .groupId(request.groupId())
        .topics(
            topics == null
                ? null
                : topics.stream()
                    .map(
                        topic ->
                            OffsetFetchRequestTopics.builder()
                                .name(topic.name())
                                .partitionIndexes(topic.partitionIndexes())
                                .build())
                    .toList())
        .build();
  }

  private static OffsetFetchResponse asSingle(
      OffsetFetchResponseGroup answer, OffsetFetchRequestGroup wanted, short version) {
    if (answer.errorCode() != ErrorCode.NONE.code()) {
      return version < FIRST_VERSION_WITH_ERROR
          ? everywhere(wanted, answer.errorCode())
          : OffsetFetchResponse.builder().errorCode(answer.errorCode()).build();
    }
    return OffsetFetchResponse.builder()
        .topics(
            answer.topics().stream()
                .map(
                    topic ->
                        OffsetFetchResponse.OffsetFetchResponseTopic.builder()
                            .name(topic.name())
                            .partitions(
                                topic.partitions().stream()
                                    .map(OffsetFetchHandler::asSingle)
                                    .toList())
                            .build())
                .toList())
        .build();
  }

  private static OffsetFetchResponse.OffsetFetchResponsePartition asSingle(
      OffsetFetchResponse.OffsetFetchResponsePartitions partition) {
    return OffsetFetchResponse.OffsetFetchResponsePartition.builder()
        .partitionIndex(partition.partitionIndex())
        .committedOffset(partition.committedOffset())
        .committedLeaderEpoch(partition.committedLeaderEpoch())
        .metadata(partition.metadata())
        .errorCode(partition.errorCode())
        .build();
  }

  /// The oldest clients find errors with partitions only.
  private static OffsetFetchResponse everywhere(OffsetFetchRequestGroup wanted, short error) {
    List<OffsetFetchRequestTopics> topics = wanted.topics();
    return OffsetFetchResponse.builder()
        .topics(
            topics == null
                ? List.of()
                : topics.stream()
                    .map(
                        topic ->
                            OffsetFetchResponse.OffsetFetchResponseTopic.builder()
                                .name(topic.name())
                                .partitions(
                                    topic.partitionIndexes().stream()
                                        .map(partition -> failed(partition, error))
                                        .toList())
                                .build())
                    .toList())
        .build();
  }

  private static OffsetFetchResponse.OffsetFetchResponsePartition failed(
      int partition, short error) {
    return OffsetFetchResponse.OffsetFetchResponsePartition.builder()
        .partitionIndex(partition)
        .committedOffset(-1)
        .metadata("")
        .errorCode(error)
        .build();
  }
}
