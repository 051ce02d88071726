package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ConsumerShard.GROUP;
import static io.millrace.coordinator.group.ConsumerShard.beat;
import static io.millrace.coordinator.group.ConsumerShard.error;
import static io.millrace.coordinator.group.ConsumerShard.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsumerHeartbeatTest {
  private final ConsumerShard cluster = new ConsumerShard();

  @BeforeEach
  void prepare() {
    cluster.createTopic("t", 4);
  }

  private ConsumerGroupHeartbeatResponse heartbeat(ConsumerGroupHeartbeatRequest.Builder request) {
    return cluster.heartbeat(request);
  }

  private void pass(int ms) {
    cluster.shard.advance(Duration.ofMillis(ms));
  }

  @Test
  void theFirstMemberGetsEverything() {
    ConsumerGroupHeartbeatResponse joined = heartbeat(join("a", "t"));
    assertThat(error(joined)).isEqualTo(ErrorCode.NONE);
    assertThat(joined.memberId()).isEqualTo("a");
    assertThat(joined.memberEpoch()).isEqualTo(1);
    assertThat(joined.heartbeatIntervalMs()).isEqualTo(5000);
    assertThat(cluster.assigned(joined, "t")).containsExactly(0, 1, 2, 3);
    assertThat(heartbeat(beat("a", 1)).assignment()).isNull();
    assertThat(
            cluster.assigned(
                heartbeat(
                    join("a", "t").memberEpoch(1).topicPartitions(cluster.owned("t", 0, 1, 2, 3))),
                "t"))
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void aPartitionIsGivenOnceItsOwnerHasReleasedIt() {
    heartbeat(join("a", "t"));
    pass(1000);
    ConsumerGroupHeartbeatResponse b = heartbeat(join("b", "t"));
    assertThat(b.memberEpoch()).isEqualTo(2);
    assertThat(cluster.assigned(b, "t")).isEmpty();
    // It waits, so it is to come again soon.
    assertThat(b.heartbeatIntervalMs()).isEqualTo(500);
    ConsumerGroupHeartbeatResponse a = heartbeat(beat("a", 1));
    assertThat(a.memberEpoch()).isEqualTo(1);
    assertThat(cluster.assigned(a, "t")).containsExactly(0, 1);
    assertThat(heartbeat(beat("b", 2)).assignment()).isNull();
    // As long as it says that it has them, nothing moves on.
    assertThat(heartbeat(beat("a", 1).topicPartitions(cluster.owned("t", 0, 1, 2))).memberEpoch())
        .isEqualTo(1);
    assertThat(cluster.group().state()).isEqualTo("Reconciling");
    a = heartbeat(beat("a", 1).topicPartitions(cluster.owned("t", 0, 1)));
    assertThat(a.memberEpoch()).isEqualTo(2);
    assertThat(cluster.assigned(heartbeat(beat("b", 2)), "t")).containsExactly(2, 3);
    assertThat(cluster.group().state()).isEqualTo("Stable");
  }

  @Test
  void targetsAreComputedNoMoreOftenThanTheInterval() {
    heartbeat(join("a", "t"));
    ConsumerGroupHeartbeatResponse b = heartbeat(join("b", "t"));
    assertThat(b.memberEpoch()).isEqualTo(1);
    assertThat(cluster.group().state()).isEqualTo("Assigning");
    pass(1000);
    assertThat(cluster.group().state()).isEqualTo("Reconciling");
    assertThat(cluster.assigned(heartbeat(beat("a", 1)), "t")).containsExactly(0, 1);
  }

  @Test
  void aMemberThatDoesNotRevokeInTimeIsFenced() {
    heartbeat(join("a", "t"));
    pass(1000);
    heartbeat(join("b", "t"));
    heartbeat(beat("a", 1));
    pass(9_000);
    assertThat(error(heartbeat(beat("a", 1)))).isEqualTo(ErrorCode.NONE);
    pass(1_000);
    assertThat(error(heartbeat(beat("a", 1)))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(cluster.assigned(heartbeat(beat("b", 2)), "t")).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aSilentMemberIsFenced() {
    heartbeat(join("a", "t"));
    pass(44_000);
    cluster.shard.reload();
    pass(44_000);
    assertThat(cluster.group().members()).hasSize(1);
    heartbeat(beat("a", 1));
    pass(45_000);
    assertThat(cluster.group().state()).isEqualTo("Empty");
    assertThat(error(heartbeat(beat("a", 1)))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(heartbeat(join("a", "t")).memberEpoch()).isEqualTo(3);
  }

  @Test
  void epochsThatAreNotTheMembersAreFenced() {
    heartbeat(join("a", "t"));
    assertThat(error(heartbeat(beat("a", 2)))).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
    cluster.growTopic("t", 5);
    pass(1000);
    assertThat(heartbeat(beat("a", 1)).memberEpoch()).isEqualTo(2);
    // The answer may have been lost.
    assertThat(
            heartbeat(beat("a", 1).topicPartitions(cluster.owned("t", 0, 1, 2, 3))).memberEpoch())
        .isEqualTo(2);
    assertThat(error(heartbeat(beat("a", 1)))).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
    assertThat(error(heartbeat(beat("a", 1).topicPartitions(cluster.owned("t", 9)))))
        .isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
    assertThat(error(heartbeat(beat("x", 1)))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(error(heartbeat(beat("x", 1).groupId("other"))))
        .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
  }

  @Test
  void aMemberLeaves() {
    heartbeat(join("a", "t"));
    ConsumerGroupHeartbeatResponse left = heartbeat(beat("a", -1));
    assertThat(left.memberEpoch()).isEqualTo(-1);
    assertThat(cluster.group().state()).isEqualTo("Empty");
    assertThat(cluster.group().target().epoch()).isEqualTo(cluster.group().epoch());
    assertThat(error(heartbeat(beat("a", -1)))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
  }

  @Test
  void aStaticMemberComesBackToItsPartitions() {
    heartbeat(join("a", "t").instanceId("i"));
    int epoch = cluster.group().epoch();
    assertThat(error(heartbeat(join("b", "t").instanceId("i"))))
        .isEqualTo(ErrorCode.UNRELEASED_INSTANCE_ID);
    assertThat(heartbeat(beat("a", -2).instanceId("i")).memberEpoch()).isEqualTo(-2);
    ConsumerGroupHeartbeatResponse back = heartbeat(join("b", "t").instanceId("i"));
    assertThat(cluster.assigned(back, "t")).containsExactly(0, 1, 2, 3);
    assertThat(back.memberEpoch()).isEqualTo(epoch);
    assertThat(cluster.group().epoch()).isEqualTo(epoch);
    assertThat(error(heartbeat(beat("a", 1).instanceId("i"))))
        .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    assertThat(error(heartbeat(beat("a", 1).instanceId("j"))))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    heartbeat(beat("b", -2).instanceId("i"));
    pass(45_000);
    assertThat(cluster.group().state()).isEqualTo("Empty");
  }

  @Test
  void invalidRequestsAreRefused() {
    for (ConsumerGroupHeartbeatRequest.Builder invalid :
        List.of(
            join("", "t"),
            join("a", "t").groupId(""),
            join("a", "t").instanceId(""),
            join("a", "t").rackId(""),
            join("a", "t").rebalanceTimeoutMs(-1),
            join("a", "t").topicPartitions(null),
            join("a", "t").topicPartitions(cluster.owned("t", 1)),
            join("a", "t").subscribedTopicNames(null),
            beat("a", -2),
            beat("a", -3))) {
      assertThat(error(heartbeat(invalid))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
    assertThat(error(heartbeat(join("a", "t").serverAssignor("mine"))))
        .isEqualTo(ErrorCode.UNSUPPORTED_ASSIGNOR);
    assertThat(cluster.shard.log()).isEmpty();
  }

  @Test
  void membersOfVersionZeroAreGivenTheirIds() {
    ConsumerGroupHeartbeatResponse joined = cluster.heartbeat(join("", "t"), 0);
    assertThat(error(joined)).isEqualTo(ErrorCode.NONE);
    assertThat(joined.memberId()).startsWith("fresh-");
  }

  @Test
  void aFullGroupTakesNobody() {
    cluster.brokerSettings.put("group.consumer.max.size", "1");
    heartbeat(join("a", "t"));
    assertThat(error(heartbeat(join("b", "t")))).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
    assertThat(error(heartbeat(join("a", "t")))).isEqualTo(ErrorCode.NONE);
  }

  @Test
  void topicsThatChangeMakeANewEpoch() {
    heartbeat(join("a", "t", "later"));
    cluster.createTopic("unrelated", 1);
    assertThat(heartbeat(beat("a", 1)).memberEpoch()).isEqualTo(1);
    cluster.createTopic("later", 2);
    pass(1000);
    ConsumerGroupHeartbeatResponse grown = heartbeat(beat("a", 1));
    assertThat(grown.memberEpoch()).isEqualTo(2);
    assertThat(cluster.assigned(grown, "later")).containsExactly(0, 1);
    Uuid gone = cluster.topicId("later");
    cluster.deleteTopic("later");
    pass(1000);
    ConsumerGroupHeartbeatResponse shrunk =
        heartbeat(beat("a", 2).topicPartitions(cluster.owned("t", 0, 1, 2, 3)));
    assertThat(shrunk.memberEpoch()).isEqualTo(3);
    assertThat(cluster.group().targetOf("a").contains(gone, 0)).isFalse();
    assertThat(cluster.group().index().ownerOf(gone, 0)).isNull();
  }

  @Test
  void regularExpressionsFindTopics() {
    cluster.createTopic("tea", 1);
    ConsumerGroupHeartbeatResponse joined = heartbeat(join("a").subscribedTopicRegex("te.*"));
    assertThat(cluster.assigned(joined, "tea")).containsExactly(0);
    assertThat(cluster.assigned(joined, "t")).isEmpty();
    cluster.createTopic("ten", 1);
    pass(10_001);
    assertThat(cluster.assigned(heartbeat(beat("a", 1)), "ten")).containsExactly(0);
    assertThat(error(heartbeat(beat("a", 2).subscribedTopicRegex("te("))))
        .isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
    assertThat(error(heartbeat(beat("a", 2).subscribedTopicRegex("((a{999}){999}){999}"))))
        .isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
    assertThat(error(heartbeat(beat("a", 2).subscribedTopicRegex("a".repeat(100_001)))))
        .isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
    assertThat(cluster.group().regexes()).containsOnlyKeys("te.*");
    heartbeat(beat("a", 2).subscribedTopicRegex("").subscribedTopicNames(List.of("t")));
    assertThat(cluster.group().regexes()).isEmpty();
  }

  @Test
  void theAssignorThatMostMembersAskForIsTaken() {
    cluster.createTopic("u", 4);
    heartbeat(join("a", "t", "u").serverAssignor("range"));
    assertThat(describe().assignorName()).isEqualTo("range");
    heartbeat(join("b", "t", "u"));
    pass(1000);
    assertThat(cluster.group().targetOf("a").toMap())
        .containsEntry(cluster.topicId("t"), List.of(0, 1))
        .containsEntry(cluster.topicId("u"), List.of(0, 1));
    int epoch = cluster.group().epoch();
    heartbeat(beat("a", 1).serverAssignor("uniform"));
    assertThat(cluster.group().epoch()).isEqualTo(epoch + 1);
  }

  private DescribedGroup describe() {
    return cluster.shard.ask((machine, _) -> machine.describeConsumerGroup(GROUP));
  }

  @Test
  void groupsAreDescribed() {
    assertThat(ErrorCode.forCode(describe().errorCode())).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    heartbeat(join("a", "t").rackId("r").instanceId("i"));
    DescribedGroup group = describe();
    assertThat(group.groupState()).isEqualTo("Stable");
    assertThat(group.groupEpoch()).isEqualTo(1);
    assertThat(group.assignmentEpoch()).isEqualTo(1);
    assertThat(group.assignorName()).isEqualTo("uniform");
    assertThat(group.members())
        .singleElement()
        .satisfies(
            member -> {
              assertThat(member.memberId()).isEqualTo("a");
              assertThat(member.instanceId()).isEqualTo("i");
              assertThat(member.rackId()).isEqualTo("r");
              assertThat(member.clientHost()).isEqualTo("/127.0.0.1");
              assertThat(member.memberType()).isEqualTo((byte) 1);
              assertThat(member.assignment()).isEqualTo(member.targetAssignment());
              assertThat(member.assignment().topicPartitions().getFirst().topicName())
                  .isEqualTo("t");
            });
  }

  @Test
  void offsetsAreCommittedByThoseWhoHaveThePartition() {
    Uuid topic = cluster.topicId("t");
    heartbeat(join("a", "t"));
    cluster.growTopic("t", 5);
    pass(1000);
    heartbeat(beat("a", 1));
    ConsumerGroup group = cluster.group();
    assertThat(group.member("a")).isNotNull().extracting(ConsumerMember::epoch).isEqualTo(2);
    assertThat(group.checkOffsetCommit("a", null, 2, false, (short) 9)).isEqualTo(ErrorCode.NONE);
    assertThat(group.checkOffsetCommit("a", null, 2, false, (short) 8))
        .isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
    assertThat(group.checkOffsetCommit("a", null, 3, false, (short) 9))
        .isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
    assertThat(group.checkOffsetCommit("b", null, 2, false, (short) 9))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.checkOffsetCommit("", null, -1, false, (short) 9))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.checkOffsetCommit("", null, -1, true, (short) 9)).isEqualTo(ErrorCode.NONE);
    // It had partition 0 in epoch 1 and got partition 4 in epoch 2.
    assertThat(group.checkOffsetCommit("a", null, 1, false, (short) 9)).isEqualTo(ErrorCode.NONE);
    assertThat(group.checkPartitionCommit("a", 1, topic, 0)).isEqualTo(ErrorCode.NONE);
    assertThat(group.checkPartitionCommit("a", 1, topic, 4))
        .isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
    assertThat(group.checkPartitionCommit("a", 2, topic, 4)).isEqualTo(ErrorCode.NONE);
    assertThat(group.checkPartitionCommit("a", 1, topic, 7))
        .isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
    assertThat(group.checkOffsetFetch("a", 2)).isEqualTo(ErrorCode.NONE);
    assertThat(group.checkOffsetFetch("a", 1)).isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
    assertThat(group.checkOffsetFetch("b", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.checkOffsetFetch(null, -1)).isEqualTo(ErrorCode.NONE);
  }

  private ErrorCode delete() {
    return cluster.shard.ask((machine, _) -> machine.delete(GROUP));
  }

  @Test
  void anEmptyGroupIsDeleted() {
    heartbeat(join("a", "t").subscribedTopicRegex("x.*"));
    assertThat(delete()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
    heartbeat(beat("a", -1));
    assertThat(delete()).isEqualTo(ErrorCode.NONE);
    assertThat(cluster.shard.machine().consumers.find(GROUP)).isNull();
    assertThat(cluster.shard.replay().hardState()).isEqualTo(cluster.shard.machine().hardState());
  }
}
