package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A classic group over the wire, as its members see it.
@Timeout(60)
final class ClassicGroupWireTest {
  private static final String GROUP = "readers";
  private static final String TOPIC = "read";

  @TempDir Path directory;

  @ParameterizedTest(name = "JoinGroup version {0}")
  @ValueSource(ints = {0, 3, 6, 9})
  void aMemberJoinsCommitsAndFindsItsOffsetAfterARestart(int version) throws Exception {
    Uuid topic;
    try (TestBroker broker = start();
        BrokerClient client = broker.connect()) {
      topic = client.create(TOPIC);
      findCoordinator(client);
      JoinGroupResponse joined = join(client, "", version);
      if (joined.errorCode() == ErrorCode.MEMBER_ID_REQUIRED.code()) {
        joined = join(client, joined.memberId(), version);
      }
      assertThat(joined.errorCode()).isEqualTo(ErrorCode.NONE.code());
      assertThat(joined.leader()).isEqualTo(joined.memberId());
      SyncGroupResponse synced = sync(client, joined);
      assertThat(synced.assignment()).isEqualTo(ByteBuffer.wrap(new byte[] {7}));
      assertThat(describe(client).groupState()).isEqualTo("Stable");
      assertThat(commit(client, joined, 41, 9, topic)).isEqualTo(ErrorCode.NONE);
      assertThat(commit(client, joined, 42, 10, topic)).isEqualTo(ErrorCode.NONE);
      assertThat(leave(client, joined.memberId())).isEqualTo(ErrorCode.NONE);
      assertThat(leave(client, joined.memberId())).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }
    try (TestBroker broker = start();
        BrokerClient client = broker.connect()) {
      findCoordinator(client);
      assertThat(fetch(client, topic)).isEqualTo(42);
      assertThat(describe(client).groupState()).isEqualTo("Empty");
    }
  }

  private TestBroker start() throws Exception {
    return TestBroker.start(
        directory,
        "group.initial.rebalance.delay.ms",
        "0",
        "offsets.topic.num.partitions",
        "1",
        "offsets.topic.replication.factor",
        "1");
  }

  private static void findCoordinator(BrokerClient client) throws IOException {
    FindCoordinatorRequest request =
        FindCoordinatorRequest.builder().coordinatorKeys(List.of(GROUP)).build();
    FindCoordinatorResponse found =
        client.call(FindCoordinatorResponse.class, ApiKey.FIND_COORDINATOR, 4, request);
    BrokerClient.check(found.coordinators().getFirst().errorCode());
    ErrorCode error;
    do {
      // Until the partition is loaded.
      error = ErrorCode.forCode(describe(client).errorCode());
    } while (error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS || error == ErrorCode.NOT_COORDINATOR);
  }

  private static JoinGroupResponse join(BrokerClient client, String memberId, int version)
      throws IOException {
    JoinGroupRequest request =
        JoinGroupRequest.builder()
            .groupId(GROUP)
            .memberId(memberId)
            .groupInstanceId(null)
            .sessionTimeoutMs(30_000)
            .rebalanceTimeoutMs(version == 0 ? -1 : 30_000)
            .protocolType("consumer")
            .protocols(
                List.of(
                    JoinGroupRequest.JoinGroupRequestProtocol.builder()
                        .name("range")
                        .metadata(ByteBuffer.wrap(new byte[] {1}))
                        .build()))
            .build();
    return client.call(JoinGroupResponse.class, ApiKey.JOIN_GROUP, version, request);
  }

  private static SyncGroupResponse sync(BrokerClient client, JoinGroupResponse joined)
      throws IOException {
    SyncGroupRequest request =
        SyncGroupRequest.builder()
            .groupId(GROUP)
            .memberId(joined.memberId())
            .generationId(joined.generationId())
            .groupInstanceId(null)
            .protocolType("consumer")
            .protocolName("range")
            .assignments(
                List.of(
                    SyncGroupRequest.SyncGroupRequestAssignment.builder()
                        .memberId(joined.memberId())
                        .assignment(ByteBuffer.wrap(new byte[] {7}))
                        .build()))
            .build();
    return client.call(SyncGroupResponse.class, ApiKey.SYNC_GROUP, 5, request);
  }

  private static DescribeGroupsResponse.DescribedGroup describe(BrokerClient client)
      throws IOException {
    return client
        .call(
            DescribeGroupsResponse.class,
            ApiKey.DESCRIBE_GROUPS,
            5,
            DescribeGroupsRequest.builder().groups(List.of(GROUP)).build())
        .groups()
        .getFirst();
  }

  private static ErrorCode commit(
      BrokerClient client, JoinGroupResponse joined, long offset, int version, Uuid topic)
      throws IOException {
    OffsetCommitRequest request =
        OffsetCommitRequest.builder()
            .groupId(GROUP)
            .memberId(joined.memberId())
            .generationIdOrMemberEpoch(joined.generationId())
            .groupInstanceId(null)
            .topics(
                List.of(
                    OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name(TOPIC)
                        .topicId(topic)
                        .partitions(
                            List.of(
                                OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                    .partitionIndex(0)
                                    .committedOffset(offset)
                                    .committedMetadata("")
                                    .build()))
                        .build()))
            .build();
    OffsetCommitResponse response =
        client.call(OffsetCommitResponse.class, ApiKey.OFFSET_COMMIT, version, request);
    return ErrorCode.forCode(response.topics().getFirst().partitions().getFirst().errorCode());
  }

  private static ErrorCode leave(BrokerClient client, String memberId) throws IOException {
    LeaveGroupRequest request =
        LeaveGroupRequest.builder().groupId(GROUP).memberId(memberId).build();
    return ErrorCode.forCode(
        client.call(LeaveGroupResponse.class, ApiKey.LEAVE_GROUP, 2, request).errorCode());
  }

  private static long fetch(BrokerClient client, Uuid topic) throws IOException {
    OffsetFetchRequest request =
        OffsetFetchRequest.builder()
            .groups(
                List.of(
                    OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                        .groupId(GROUP)
                        .topics(
                            List.of(
                                OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                    .topicId(topic)
                                    .partitionIndexes(List.of(0))
                                    .build()))
                        .build()))
            .requireStable(true)
            .build();
    return client
        .call(OffsetFetchResponse.class, ApiKey.OFFSET_FETCH, 10, request)
        .groups()
        .getFirst()
        .topics()
        .getFirst()
        .partitions()
        .getFirst()
        .committedOffset();
  }
}
