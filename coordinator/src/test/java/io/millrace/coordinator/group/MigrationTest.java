package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ConsumerShard.GROUP;
import static io.millrace.coordinator.group.ConsumerShard.beat;
import static io.millrace.coordinator.group.ConsumerShard.error;
import static io.millrace.coordinator.group.ConsumerShard.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ConsumerProtocolAssignment;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MigrationTest {
  private static final int SESSION_TIMEOUT_MS = 45_000;

  private final ConsumerShard cluster = new ConsumerShard();

  @BeforeEach
  void prepare() {
    cluster.brokerSettings.put("group.initial.rebalance.delay.ms", "0");
    cluster.brokerSettings.put("group.consumer.min.assignment.interval.ms", "0");
    cluster.groupSettings.put("consumer.assignment.interval.ms", "0");
    cluster.createTopic("t", 4);
  }

  @AfterEach
  void replayMakesTheSame() {
    assertThat(cluster.shard.replay().hardState()).isEqualTo(cluster.shard.machine().hardState());
  }

  private static ByteBuffer subscription(Integer... owned) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16((short) 1);
    ConsumerProtocolSubscription.builder()
        .topics(List.of("t"))
        .ownedPartitions(
            owned.length == 0
                ? List.of()
                : List.of(
                    ConsumerProtocolSubscription.TopicPartition.builder()
                        .topic("t")
                        .partitions(List.of(owned))
                        .build()))
        .build()
        .write(writer, (short) 1);
    return writer.toByteBuffer();
  }

  private static ByteBuffer assignment(Integer... partitions) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16((short) 1);
    ConsumerProtocolAssignment.builder()
        .assignedPartitions(
            List.of(
                ConsumerProtocolAssignment.TopicPartition.builder()
                    .topic("t")
                    .partitions(List.of(partitions))
                    .build()))
        .build()
        .write(writer, (short) 1);
    return writer.toByteBuffer();
  }

  private Answer<JoinGroupResponse> joinClassic(
      String memberId, @Nullable String instanceId, Integer... owned) {
    JoinGroupRequest request =
        JoinGroupRequest.builder()
            .groupId(GROUP)
            .memberId(memberId)
            .groupInstanceId(instanceId)
            .protocolType("consumer")
            .sessionTimeoutMs(SESSION_TIMEOUT_MS)
            .rebalanceTimeoutMs(60_000)
            .protocols(
                List.of(
                    JoinGroupRequest.JoinGroupRequestProtocol.builder()
                        .name("cooperative-sticky")
                        .metadata(subscription(owned))
                        .build()))
            .build();
    Caller caller = cluster.caller(3);
    return cluster.shard.submit((machine, now) -> machine.join(request, caller, now));
  }

  private SyncGroupResponse sync(
      String memberId, int generation, List<SyncGroupRequest.SyncGroupRequestAssignment> given) {
    SyncGroupRequest request =
        SyncGroupRequest.builder()
            .groupId(GROUP)
            .memberId(memberId)
            .groupInstanceId(null)
            .generationId(generation)
            .assignments(given)
            .build();
    return cluster.shard.ask((machine, now) -> machine.sync(request, (short) 3, now));
  }

  private List<Integer> synced(String memberId, int generation) {
    SyncGroupResponse response = sync(memberId, generation, List.of());
    assertThat(ErrorCode.forCode(response.errorCode())).isEqualTo(ErrorCode.NONE);
    ConsumerProtocolAssignment read = EmbeddedProtocol.assignment(response.assignment());
    assertThat(read).isNotNull();
    return read == null
        ? List.of()
        : read.assignedPartitions().stream().flatMap(each -> each.partitions().stream()).toList();
  }

  private ErrorCode heartbeatClassic(String memberId, int generation) {
    HeartbeatRequest request =
        HeartbeatRequest.builder()
            .groupId(GROUP)
            .memberId(memberId)
            .groupInstanceId(null)
            .generationId(generation)
            .build();
    return ErrorCode.forCode(
        cluster.shard.ask((machine, now) -> machine.heartbeat(request, now)).errorCode());
  }

  private static SyncGroupRequest.SyncGroupRequestAssignment given(
      String memberId, Integer... partitions) {
    return SyncGroupRequest.SyncGroupRequestAssignment.builder()
        .memberId(memberId)
        .assignment(assignment(partitions))
        .build();
  }

  /// A classic group of two, the leader with partitions 0 and 1, the other with 2 and 3.
  private List<String> classicGroup() {
    String leader = cluster.shard.result(settled(joinClassic("", null))).memberId();
    Answer<JoinGroupResponse> second = joinClassic("", null);
    cluster.shard.result(settled(joinClassic(leader, null)));
    JoinGroupResponse joined = cluster.shard.result(settled(second));
    String other = joined.memberId();
    sync(leader, joined.generationId(), List.of(given(leader, 0, 1), given(other, 2, 3)));
    assertThat(synced(other, joined.generationId())).containsExactly(2, 3);
    return List.of(leader, other, String.valueOf(joined.generationId()));
  }

  private Answer<JoinGroupResponse> settled(Answer<JoinGroupResponse> answer) {
    for (int i = 0; i < 10 && !answer.isReady(); i++) {
      cluster.shard.advance(Duration.ofSeconds(1));
    }
    return answer;
  }

  private Assignment targetOf(String memberId) {
    return cluster.group().targetOf(memberId);
  }

  @Test
  void classicMembersGoOnInAConsumerGroup() {
    List<String> before = classicGroup();
    String leader = before.get(0);
    String other = before.get(1);
    int generation = Integer.parseInt(before.get(2));
    ConsumerGroupHeartbeatResponse joined = cluster.heartbeat(join("new", "t"));
    assertThat(error(joined)).isEqualTo(ErrorCode.NONE);
    assertThat(cluster.assigned(joined, "t")).isEmpty();
    assertThat(cluster.group().members()).containsOnlyKeys(leader, other, "new");
    assertThat(targetOf("new").size()).isEqualTo(1);
    assertThat(targetOf(leader).size() + targetOf(other).size()).isEqualTo(3);

    String loser = targetOf(leader).size() == 1 ? leader : other;
    String keeper = loser.equals(leader) ? other : leader;
    Integer[] all = loser.equals(leader) ? new Integer[] {0, 1} : new Integer[] {2, 3};
    int kept = targetOf(loser).partition(0, 0);
    assertThat(heartbeatClassic(loser, generation)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    JoinGroupResponse rejoined = cluster.shard.result(joinClassic(loser, null, all));
    assertThat(rejoined.generationId()).isEqualTo(generation);
    assertThat(synced(loser, generation)).containsExactly(kept);
    assertThat(cluster.assigned(cluster.heartbeat(full("new", joined.memberEpoch())), "t"))
        .isEmpty();
    assertThat(heartbeatClassic(loser, generation)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    rejoined = cluster.shard.result(joinClassic(loser, null, kept));
    assertThat(rejoined.generationId()).isEqualTo(joined.memberEpoch());
    assertThat(synced(loser, rejoined.generationId())).containsExactly(kept);
    assertThat(heartbeatClassic(loser, rejoined.generationId())).isEqualTo(ErrorCode.NONE);
    assertThat(cluster.assigned(cluster.heartbeat(beat("new", joined.memberEpoch())), "t"))
        .hasSize(1);

    assertThat(heartbeatClassic(keeper, generation)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    Integer[] rest = keeper.equals(leader) ? new Integer[] {0, 1} : new Integer[] {2, 3};
    rejoined = cluster.shard.result(joinClassic(keeper, null, rest));
    assertThat(synced(keeper, rejoined.generationId())).containsExactly(rest);
    assertThat(cluster.group().state()).isEqualTo("Stable");
    cluster.shard.reload();
    assertThat(heartbeatClassic(keeper, rejoined.generationId())).isEqualTo(ErrorCode.NONE);
  }

  private ConsumerGroupHeartbeatRequest.Builder full(String memberId, int epoch) {
    return join(memberId, "t").memberEpoch(epoch);
  }

  @Test
  void theGroupIsClassicAgainWithoutItsLastConsumerMember() {
    List<String> before = classicGroup();
    cluster.heartbeat(join("new", "t"));
    int epoch = cluster.group().epoch();
    cluster.heartbeat(beat("new", -1));
    assertThat(cluster.shard.machine().groups.find(GROUP)).isInstanceOf(ClassicGroup.class);
    replayMakesTheSame();
    assertThat(heartbeatClassic(before.get(0), epoch)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    Answer<JoinGroupResponse> first = joinClassic(before.get(0), null, 0, 1);
    Answer<JoinGroupResponse> second = joinClassic(before.get(1), null, 2, 3);
    assertThat(cluster.shard.result(settled(first)).generationId()).isEqualTo(epoch + 1);
    assertThat(cluster.shard.result(settled(second)).generationId()).isEqualTo(epoch + 1);
  }

  @Test
  void aClassicMemberIsFencedIfItDoesNotJoinAgain() {
    List<String> before = classicGroup();
    cluster.heartbeat(join("new", "t"));
    int generation = Integer.parseInt(before.get(2));
    for (int i = 0; i < 6; i++) {
      heartbeatClassic(before.get(0), generation);
      heartbeatClassic(before.get(1), generation);
      cluster.heartbeat(beat("new", cluster.group().member("new") == null ? 0 : epochOf("new")));
      cluster.shard.advance(Duration.ofSeconds(10));
    }
    assertThat(cluster.group().members()).containsOnlyKeys("new");
  }

  private int epochOf(String memberId) {
    ConsumerMember member = cluster.group().member(memberId);
    return member == null ? 0 : member.epoch();
  }

  @Test
  void classicMembersLeaveAConsumerGroup() {
    List<String> before = classicGroup();
    cluster.heartbeat(join("new", "t"));
    List<LeaveGroupRequest.MemberIdentity> leaving = new ArrayList<>();
    for (String id : List.of(before.get(0), "nobody")) {
      leaving.add(
          LeaveGroupRequest.MemberIdentity.builder().memberId(id).groupInstanceId(null).build());
    }
    LeaveGroupRequest request = LeaveGroupRequest.builder().groupId(GROUP).members(leaving).build();
    assertThat(
            cluster.shard.ask((machine, now) -> machine.leave(request, now)).members().stream()
                .map(each -> ErrorCode.forCode(each.errorCode())))
        .containsExactly(ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(cluster.group().members()).containsOnlyKeys(before.get(1), "new");
  }

  @Test
  void aClassicMemberJoinsAConsumerGroup() {
    cluster.heartbeat(join("new", "t"));
    JoinGroupResponse joined = cluster.shard.result(joinClassic("", null));
    assertThat(ErrorCode.forCode(joined.errorCode())).isEqualTo(ErrorCode.NONE);
    assertThat(joined.generationId()).isEqualTo(2);
    assertThat(synced(joined.memberId(), 2)).isEmpty();
    cluster.heartbeat(beat("new", 1));
    cluster.heartbeat(beat("new", 1).topicPartitions(cluster.owned("t", 0, 1)));
    assertThat(heartbeatClassic(joined.memberId(), 2)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    cluster.shard.result(joinClassic(joined.memberId(), null));
    assertThat(synced(joined.memberId(), 2)).hasSize(2);
    assertThat(heartbeatClassic(joined.memberId(), 1)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    assertThat(heartbeatClassic("new", 2)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
  }

  @Test
  void anEmptyGroupChangesItsProtocolBothWays() {
    cluster.heartbeat(join("new", "t"));
    cluster.heartbeat(beat("new", -1));
    String member = cluster.shard.result(settled(joinClassic("", null))).memberId();
    assertThat(cluster.shard.machine().groups.find(GROUP)).isInstanceOf(ClassicGroup.class);
    replayMakesTheSame();
    LeaveGroupRequest leave =
        LeaveGroupRequest.builder()
            .groupId(GROUP)
            .members(
                List.of(
                    LeaveGroupRequest.MemberIdentity.builder()
                        .memberId(member)
                        .groupInstanceId(null)
                        .build()))
            .build();
    cluster.shard.ask((machine, now) -> machine.leave(leave, now));
    assertThat(error(cluster.heartbeat(join("again", "t")))).isEqualTo(ErrorCode.NONE);
    assertThat(cluster.group().members()).containsOnlyKeys("again");
  }

  @Test
  void thePolicyCanForbidIt() {
    cluster.brokerSettings.put("group.consumer.migration.policy", "disabled");
    classicGroup();
    assertThat(error(cluster.heartbeat(join("new", "t")))).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    assertThat(cluster.shard.machine().groups.find(GROUP)).isInstanceOf(ClassicGroup.class);
  }

  @Test
  void aStaticMemberThatComesBackByTheClassicProtocolTakesTheGroupAlong() {
    cluster.heartbeat(join("new", "t").instanceId("i"));
    JoinGroupResponse joined = cluster.shard.result(settled(joinClassic("", "i", 0, 1, 2, 3)));
    assertThat(ErrorCode.forCode(joined.errorCode())).isEqualTo(ErrorCode.NONE);
    assertThat(cluster.shard.machine().groups.find(GROUP)).isInstanceOf(ClassicGroup.class);
    replayMakesTheSame();
  }
}
