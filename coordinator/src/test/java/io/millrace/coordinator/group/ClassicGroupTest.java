package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicShard.GROUP;
import static io.millrace.coordinator.group.ClassicShard.REBALANCE;
import static io.millrace.coordinator.group.ClassicShard.SESSION;
import static io.millrace.coordinator.group.ClassicShard.TOPIC;
import static io.millrace.coordinator.group.ClassicShard.joining;
import static io.millrace.coordinator.group.ClassicShard.leaving;
import static io.millrace.coordinator.group.ClassicShard.protocol;
import static io.millrace.coordinator.group.ClassicShard.syncing;
import static io.millrace.coordinator.group.ClassicShard.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The classic group protocol, path by path.
final class ClassicGroupTest {
  private final ClassicShard group = new ClassicShard();

  @Test
  void aNewMemberHasToComeAgainWithItsId() {
    String id = group.newId();
    assertThat(id).startsWith("client-");
    JoinGroupResponse joined = group.joinNow(joining(id));
    assertThat(joined.generationId()).isEqualTo(1);
    assertThat(joined.leader()).isEqualTo(id);
    assertThat(joined.protocolName()).isEqualTo("range");
    assertThat(joined.protocolType()).isEqualTo("consumer");
    assertThat(joined.members()).hasSize(1);
    assertThat(group.state()).isEqualTo(ClassicState.COMPLETING_REBALANCE);
  }

  @Test
  void oldClientsAndStaticMembersJoinAtOnce() {
    Answer<JoinGroupResponse> old = group.join(joining(""), 3);
    assertThat(group.shard.result(old).errorCode()).isEqualTo((short) 0);
    ClassicShard other = new ClassicShard();
    assertThat(other.joinNow(joining("").groupInstanceId("one")).memberId()).startsWith("one-");
  }

  @Test
  void anIdThatIsNotUsedIsForgottenWithItsGroup() {
    group.newId();
    assertThat(group.hasGroup()).isTrue();
    group.shard.advance(SESSION);
    assertThat(group.hasGroup()).isFalse();
    assertThat(group.shard.timers()).containsExactly("offset-expiry");
  }

  @Test
  void whatCannotJoinIsTold() {
    assertThat(group.joinError(joining("").groupId(""))).isEqualTo(ErrorCode.INVALID_GROUP_ID);
    assertThat(group.joinError(joining("").groupId("a\0b"))).isEqualTo(ErrorCode.INVALID_GROUP_ID);
    assertThat(group.joinError(joining("").sessionTimeoutMs(5_999)))
        .isEqualTo(ErrorCode.INVALID_SESSION_TIMEOUT);
    assertThat(group.joinError(joining("").sessionTimeoutMs(1_800_001)))
        .isEqualTo(ErrorCode.INVALID_SESSION_TIMEOUT);
    assertThat(group.joinError(joining("nobody"))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.joinError(joining("").protocols(List.of())))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.joinError(joining("").protocolType("")))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.hasGroup()).as("nothing is left of them").isFalse();
    group.stableGroup(1);
    assertThat(group.joinError(joining("").protocolType("connect")))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.joinError(joining("").protocols(List.of(protocol("mine", TOPIC)))))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.joinError(joining("nobody"))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.joinError(joining("nobody").groupInstanceId("none")))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
  }

  @Test
  void floodsOfProtocolsAndMetadataAreRefused() {
    List<JoinGroupRequest.JoinGroupRequestProtocol> many = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      many.add(protocol("p" + i));
    }
    assertThat(group.joinError(joining("").protocols(many))).isEqualTo(ErrorCode.INVALID_REQUEST);
    JoinGroupRequest.JoinGroupRequestProtocol large =
        JoinGroupRequest.JoinGroupRequestProtocol.builder()
            .name("range")
            .metadata(ByteBuffer.allocate(2_000_000))
            .build();
    assertThat(group.joinError(joining("").protocols(List.of(large))))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void anAssignmentThatCannotBeWrittenIsRefused() {
    String id = group.newId();
    group.joinNow(joining(id));
    Answer<SyncGroupResponse> synced =
        group.sync(
            syncing(id, 1)
                .assignments(
                    List.of(
                        io.millrace.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment
                            .builder()
                            .memberId(id)
                            .assignment(ByteBuffer.allocate(2_000_000))
                            .build())));
    assertThat(group.shard.result(synced).errorCode())
        .isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
    assertThat(group.state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
    assertThat(group.shard.log()).isEmpty();
  }

  @Test
  void theLeadersAssignmentIsWrittenAndGivenToAll() {
    List<String> ids = List.of(group.newId(), group.newId());
    Answer<JoinGroupResponse> first = group.join(joining(ids.get(0)));
    assertThat(group.shard.result(first).generationId()).isEqualTo(1);
    Answer<JoinGroupResponse> second = group.join(joining(ids.get(1)));
    assertThat(second.isReady()).as("the first has to join again").isFalse();
    assertThat(group.heartbeat(ids.get(0), 1)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    JoinGroupResponse leader = group.joinNow(joining(ids.get(0)));
    assertThat(leader.members()).hasSize(2);
    assertThat(group.shard.result(second).members()).isEmpty();
    assertThat(group.shard.result(second).leader()).isEqualTo(ids.get(0));

    Answer<SyncGroupResponse> waiting = group.sync(ids.get(1), 2);
    assertThat(waiting.isReady()).isFalse();
    assertThat(group.shard.log()).isEmpty();
    SyncGroupResponse own = group.shard.result(group.sync(ids.get(0), 2));
    assertThat(text(own.assignment())).isEqualTo("work of " + ids.get(0));
    assertThat(text(group.shard.result(waiting).assignment())).isEqualTo("work of " + ids.get(1));
    assertThat(group.shard.log()).hasSize(1);
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    assertThat(group.heartbeat(ids.get(1), 2)).isEqualTo(ErrorCode.NONE);
    assertThat(text(group.shard.result(group.sync(ids.get(1), 2)).assignment()))
        .as("it may be asked for again")
        .isEqualTo("work of " + ids.get(1));
  }

  @Test
  void aSyncHasToFitTheGroup() {
    assertThat(group.syncError(syncing("x", 1))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    assertThat(group.syncError(syncing("x", generation))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.syncError(syncing(ids.get(0), generation - 1)))
        .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    assertThat(group.syncError(syncing(ids.get(0), generation).protocolName("roundrobin")))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.syncError(syncing(ids.get(0), generation).protocolType(null)))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(group.syncError(syncing(ids.get(0), generation).groupId("")))
        .isEqualTo(ErrorCode.INVALID_GROUP_ID);
    group.join(joining(ids.get(0)));
    assertThat(group.syncError(syncing(ids.get(1), generation)))
        .isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
  }

  @Test
  void heartbeatsAreFenced() {
    assertThat(group.heartbeat("x", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    List<String> ids = group.stableGroup(1);
    assertThat(group.heartbeat("x", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.heartbeat(ids.get(0), 0)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    assertThat(group.heartbeat(ids.get(0), 1)).isEqualTo(ErrorCode.NONE);
  }

  @Test
  void whoIsSilentIsRemoved() {
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    group.shard.advance(Duration.ofSeconds(6));
    assertThat(group.heartbeat(ids.get(0), generation)).isEqualTo(ErrorCode.NONE);
    group.shard.advance(Duration.ofSeconds(6));
    assertThat(group.heartbeat(ids.get(0), generation)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    assertThat(group.heartbeat(ids.get(1), generation)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.joinNow(joining(ids.get(0))).generationId()).isEqualTo(generation + 1);
  }

  @Test
  void aGroupWithoutMembersIsWrittenAsEmpty() {
    group.stableGroup(2);
    group.shard.advance(SESSION);
    assertThat(group.state()).isEqualTo(ClassicState.EMPTY);
    assertThat(group.group().value().members()).isEmpty();
    assertThat(group.shard.machine().classic.hardState())
        .containsEntry(GROUP, group.group().value());
    assertThat(group.group().protocolType()).isEqualTo("consumer");
    assertThat(group.group().leaderId()).isNull();
  }

  @Test
  void whoDoesNotJoinAgainInTimeIsRemoved() {
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    Answer<JoinGroupResponse> join = group.join(joining(ids.get(0)));
    for (int i = 0; i < 12; i++) {
      assertThat(join.isReady()).isFalse();
      assertThat(group.heartbeat(ids.get(1), generation))
          .isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
      group.shard.advance(Duration.ofMillis(5_001));
    }
    assertThat(group.shard.result(join).members()).hasSize(1);
    assertThat(group.heartbeat(ids.get(1), generation)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
  }

  @Test
  void whoDoesNotAskForItsAssignmentInTimeIsRemoved() {
    List<String> ids = group.stableGroup(2);
    Answer<JoinGroupResponse> join = group.join(joining(ids.get(0)));
    group.join(joining(ids.get(1)));
    int generation = group.shard.result(join).generationId();
    group.sync(ids.get(0), generation);
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    for (int i = 0; i < 12; i++) {
      group.heartbeat(ids.get(0), generation);
      group.heartbeat(ids.get(1), generation);
      group.shard.advance(Duration.ofMillis(5_001));
    }
    assertThat(group.state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
    assertThat(group.group().hasMember(ids.get(1))).isFalse();
  }

  @Test
  void aFollowerThatSaysNothingNewDoesNotRebalanceTheGroup() {
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    assertThat(group.joinNow(joining(ids.get(1))).generationId()).isEqualTo(generation);
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    group.join(joining(ids.get(1)).protocols(List.of(protocol("range", TOPIC, "other"))));
    assertThat(group.state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
  }

  @Test
  void theProtocolThatMostPreferIsTaken() {
    List<String> ids = List.of(group.newId(), group.newId(), group.newId());
    List<JoinGroupRequest.JoinGroupRequestProtocol> other =
        List.of(protocol("b", TOPIC), protocol("a", TOPIC));
    group.join(joining(ids.get(0)).protocols(List.of(protocol("a"), protocol("b"))));
    group.join(joining(ids.get(1)).protocols(other));
    group.join(joining(ids.get(2)).protocols(other));
    group.join(joining(ids.get(0)).protocols(List.of(protocol("a"), protocol("b"))));
    assertThat(group.group().size()).isEqualTo(3);
    assertThat(group.group().protocolName()).isEqualTo("b");
  }

  @Test
  void anEmptyGroupWaitsForMoreMembers() {
    group.settings.put("group.initial.rebalance.delay.ms", "3000");
    Answer<JoinGroupResponse> first = group.join(joining(group.newId()));
    group.shard.advance(Duration.ofSeconds(2));
    Answer<JoinGroupResponse> second = group.join(joining(group.newId()));
    group.shard.advance(Duration.ofSeconds(2));
    assertThat(first.isReady()).as("the delay begins anew").isFalse();
    group.shard.advance(Duration.ofMillis(2_001));
    assertThat(group.shard.result(first).generationId()).isEqualTo(1);
    assertThat(group.shard.result(second).generationId()).isEqualTo(1);
  }

  @Test
  void theInitialDelayEndsWithTheRebalanceTimeout() {
    group.settings.put("group.initial.rebalance.delay.ms", "3000");
    Answer<JoinGroupResponse> first = group.join(joining(group.newId()).rebalanceTimeoutMs(10_000));
    for (int i = 0; i < 10; i++) {
      group.shard.advance(Duration.ofSeconds(1));
      if (!first.isReady()) {
        group.join(joining(group.newId()).rebalanceTimeoutMs(10_000));
      }
    }
    assertThat(first.isReady()).isTrue();
  }

  @Test
  void groupsHaveALimit() {
    group.settings.put("group.max.size", "2");
    group.stableGroup(2);
    assertThat(group.joinError(joining(""))).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
  }

  @Test
  void aGroupThatIsTooLargeAfterAReloadLosesTheLast() {
    List<String> ids = group.stableGroup(3);
    group.settings.put("group.max.size", "2");
    group.shard.reload();
    assertThat(group.state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
    group.join(joining(ids.get(0)));
    group.join(joining(ids.get(1)));
    assertThat(group.joinError(joining(ids.get(2)))).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
  }

  @Test
  void membersLeaveEachWithItsResult() {
    assertThat(group.leave(leaving("x", null)).members().getFirst().errorCode())
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID.code());
    List<String> ids = group.stableGroup(2);
    String pending = group.newId();
    LeaveGroupResponse left =
        group.leave(
            leaving(ids.get(1), null),
            leaving("x", null),
            leaving("", "nobody"),
            leaving(pending, null));
    assertThat(left.members())
        .extracting(each -> ErrorCode.forCode(each.errorCode()))
        .containsExactly(
            ErrorCode.NONE,
            ErrorCode.UNKNOWN_MEMBER_ID,
            ErrorCode.UNKNOWN_MEMBER_ID,
            ErrorCode.NONE);
    assertThat(group.state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
    group.leave(leaving(ids.get(0), null));
    assertThat(group.state()).isEqualTo(ClassicState.EMPTY);
  }

  @Test
  void theOldIdOfAStaticMemberIsFenced() {
    String first = group.joinNow(joining("").groupInstanceId("one")).memberId();
    group.sync(first, 1);
    JoinGroupResponse back = group.joinNow(joining("").groupInstanceId("one"));
    assertThat(back.memberId()).isNotEqualTo(first);
    assertThat(back.generationId()).as("without a rebalance").isEqualTo(1);
    assertThat(back.skipAssignment()).isTrue();
    assertThat(back.leader()).isEqualTo(back.memberId());
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    assertThat(text(group.shard.result(group.sync(back.memberId(), 1)).assignment()))
        .isEqualTo("work of " + first);
    assertThat(group.heartbeat(first, "one", 1)).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    assertThat(group.heartbeat(first, 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(group.joinError(joining(first).groupInstanceId("one")))
        .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    assertThat(group.syncError(syncing(first, 1).groupInstanceId("one")))
        .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    assertThat(group.leave(leaving(first, "one")).members().getFirst().errorCode())
        .isEqualTo(ErrorCode.FENCED_INSTANCE_ID.code());
    assertThat(group.leave(leaving("", "one")).members().getFirst().errorCode())
        .isEqualTo(ErrorCode.NONE.code());
  }

  @Test
  void anOldStaticLeaderDoesNotLearnThatItIsOne() {
    String first = group.joinNow(joining("").groupInstanceId("one")).memberId();
    group.sync(first, 1);
    JoinGroupResponse back = group.shard.result(group.join(joining("").groupInstanceId("one"), 8));
    assertThat(back.leader()).isEqualTo(first);
    assertThat(back.members()).isEmpty();
  }

  @Test
  void aStaticMemberThatComesBackWithOtherProtocolsRebalancesTheGroup() {
    group.sync(group.joinNow(joining("").groupInstanceId("one")).memberId(), 1);
    JoinGroupResponse back =
        group.joinNow(
            joining("").groupInstanceId("one").protocols(List.of(protocol("mine", TOPIC))));
    assertThat(ErrorCode.forCode(back.errorCode()))
        .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    back =
        group.joinNow(
            joining("").groupInstanceId("one").protocols(List.of(protocol("roundrobin", TOPIC))));
    assertThat(back.generationId()).isEqualTo(2);
    assertThat(back.protocolName()).isEqualTo("roundrobin");
  }

  @Test
  void aStaticMemberThatWaitsIsFencedByItsSuccessor() {
    String leader = group.stableGroup(1).getFirst();
    Answer<JoinGroupResponse> old = group.join(joining("").groupInstanceId("one"));
    assertThat(old.isReady()).isFalse();
    Answer<JoinGroupResponse> successor = group.join(joining("").groupInstanceId("one"));
    assertThat(group.shard.result(old).errorCode()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID.code());
    group.join(joining(leader));
    assertThat(group.shard.result(successor).generationId()).isEqualTo(2);
    assertThat(group.group().size()).isEqualTo(2);
  }

  @Test
  void staticMembersStayThroughARebalance() {
    String fixed =
        group.joinNow(joining("").groupInstanceId("one").sessionTimeoutMs(600_000)).memberId();
    group.sync(fixed, 1);
    Answer<JoinGroupResponse> joining = group.join(joining(group.newId()));
    group.shard.advance(REBALANCE);
    assertThat(group.shard.result(joining).generationId()).isEqualTo(2);
    assertThat(group.group().size()).as("it is kept until its session ends").isEqualTo(2);
    assertThat(group.group().leaderId()).as("a leader that is there is needed").isNotEqualTo(fixed);
  }

  @Test
  void aReloadKeepsAStableGroup() {
    List<String> ids = group.stableGroup(3);
    int generation = group.group().generation();
    group.shard.advance(Duration.ofSeconds(9));
    group.shard.reload();
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    group.shard.advance(Duration.ofSeconds(9));
    for (String id : ids) {
      assertThat(group.heartbeat(id, generation)).isEqualTo(ErrorCode.NONE);
      assertThat(text(group.shard.result(group.sync(id, generation)).assignment()))
          .isEqualTo("work of " + id);
    }
  }

  @Test
  void aReloadDuringARebalanceGoesBackToTheLastGeneration() {
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    group.join(joining(ids.get(0)));
    group.shard.reload();
    assertThat(group.state()).isEqualTo(ClassicState.STABLE);
    assertThat(group.heartbeat(ids.get(1), generation)).isEqualTo(ErrorCode.NONE);
  }

  @Test
  void aRetriedJoinTakesThePlaceOfTheFirst() {
    List<String> ids = group.stableGroup(2);
    Answer<JoinGroupResponse> first = group.join(joining(ids.get(0)));
    Answer<JoinGroupResponse> again = group.join(joining(ids.get(0)));
    assertThat(first.isReady()).isTrue();
    assertThat(again.isReady()).isFalse();
    group.join(joining(ids.get(1)));
    assertThat(group.shard.result(again).members()).hasSize(2);
  }
}
