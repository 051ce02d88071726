package io.millrace.broker;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import java.nio.ByteBuffer;
import java.util.List;

/// Valid requests about classic groups and offsets; none waits for anybody.
final class GroupSamples {
  private static final String GROUP = "sample-group";

  private GroupSamples() {}

  static ApiMessage request(ApiKey api, int version, String topic, Uuid id) {
    return switch (api) {
      case JOIN_GROUP -> join(version);
      case SYNC_GROUP ->
          SyncGroupRequest.builder()
              .groupId(GROUP)
              .memberId("nobody")
              .generationId(1)
              .groupInstanceId(null)
              .protocolType("consumer")
              .protocolName("range")
              .build();
      case HEARTBEAT ->
          HeartbeatRequest.builder()
              .groupId(GROUP)
              .memberId("nobody")
              .generationId(1)
              .groupInstanceId(null)
              .build();
      case LEAVE_GROUP -> leave(version);
      case DESCRIBE_GROUPS ->
          DescribeGroupsRequest.builder()
              .groups(List.of(GROUP, "not there"))
              .includeAuthorizedOperations(version >= 3)
              .build();
      case LIST_GROUPS ->
          ListGroupsRequest.builder()
              .statesFilter(version >= 4 ? List.of("stable", "Empty") : List.of())
              .typesFilter(version >= 5 ? List.of("classic") : List.of())
              .build();
      case DELETE_GROUPS -> DeleteGroupsRequest.builder().groupsNames(List.of("not there")).build();
      case OFFSET_COMMIT -> commit(topic, id);
      case OFFSET_FETCH -> fetch(version, topic, id);
      case OFFSET_DELETE ->
          OffsetDeleteRequest.builder()
              .groupId(GROUP)
              .topics(
                  List.of(
                      OffsetDeleteRequest.OffsetDeleteRequestTopic.builder()
                          .name(topic)
                          .partitions(
                              List.of(
                                  OffsetDeleteRequest.OffsetDeleteRequestPartition.builder()
                                      .partitionIndex(7)
                                      .build()))
                          .build()))
              .build();
      case TXN_OFFSET_COMMIT ->
          TxnOffsetCommitRequest.builder()
              .transactionalId("nobody's")
              .groupId(GROUP + "-offsets")
              .producerId(77)
              .producerEpoch((short) 0)
              .groupInstanceId(null)
              .topics(
                  List.of(
                      TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                          .name(topic)
                          .topicId(id)
                          .partitions(
                              List.of(
                                  TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                                      .partitionIndex(0)
                                      .committedOffset(1)
                                      .committedMetadata(null)
                                      .build()))
                          .build()))
              .build();
      case FIND_COORDINATOR ->
          version < 4
              ? FindCoordinatorRequest.builder().key(GROUP).build()
              : FindCoordinatorRequest.builder().coordinatorKeys(List.of(GROUP)).build();
      default -> throw new AssertionError(api + " is not about groups");
    };
  }

  /// Old clients join at once and would wait for others: theirs is a member that is not there.
  private static JoinGroupRequest join(int version) {
    return JoinGroupRequest.builder()
        .groupId(GROUP)
        .memberId(version >= 4 ? "" : "nobody")
        .groupInstanceId(null)
        .sessionTimeoutMs(10_000)
        .rebalanceTimeoutMs(10_000)
        .protocolType("consumer")
        .protocols(
            List.of(
                JoinGroupRequest.JoinGroupRequestProtocol.builder()
                    .name("range")
                    .metadata(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                    .build()))
        .build();
  }

  private static LeaveGroupRequest leave(int version) {
    LeaveGroupRequest.Builder request = LeaveGroupRequest.builder().groupId(GROUP);
    return version < 3
        ? request.memberId("nobody").build()
        : request
            .members(
                List.of(
                    LeaveGroupRequest.MemberIdentity.builder()
                        .memberId("nobody")
                        .groupInstanceId(null)
                        .build()))
            .build();
  }

  private static OffsetCommitRequest commit(String topic, Uuid id) {
    return OffsetCommitRequest.builder()
        .groupId(GROUP + "-offsets")
        .groupInstanceId(null)
        .topics(
            List.of(
                OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                    .name(topic)
                    .topicId(id)
                    .partitions(
                        List.of(
                            OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                .partitionIndex(0)
                                .committedOffset(1)
                                .committedMetadata("why")
                                .build()))
                    .build()))
        .build();
  }

  private static OffsetFetchRequest fetch(int version, String topic, Uuid id) {
    if (version < 8) {
      return OffsetFetchRequest.builder()
          .groupId(GROUP + "-offsets")
          .topics(
              List.of(
                  OffsetFetchRequest.OffsetFetchRequestTopic.builder()
                      .name(topic)
                      .partitionIndexes(List.of(0, 1))
                      .build()))
          .requireStable(version >= 7)
          .build();
    }
    return OffsetFetchRequest.builder()
        .groups(
            List.of(
                OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                    .groupId(GROUP + "-offsets")
                    .topics(
                        List.of(
                            OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                .name(topic)
                                .topicId(id)
                                .partitionIndexes(List.of(0, 1))
                                .build()))
                    .build(),
                OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                    .groupId(GROUP)
                    .topics(null)
                    .build()))
        .requireStable(true)
        .build();
  }
}
