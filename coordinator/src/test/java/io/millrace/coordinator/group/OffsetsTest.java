package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicShard.GROUP;
import static io.millrace.coordinator.group.ClassicShard.SESSION;
import static io.millrace.coordinator.group.ClassicShard.TOPIC;
import static io.millrace.coordinator.group.ClassicShard.committing;
import static io.millrace.coordinator.group.ClassicShard.committingInTransaction;
import static io.millrace.coordinator.group.ClassicShard.joining;
import static io.millrace.coordinator.group.ClassicShard.offset;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What groups commit, path by path.
final class OffsetsTest {
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final Duration CHECK = Duration.ofMillis(600_001);

  private final ClassicShard group = new ClassicShard();

  @Test
  void whoIsNoMemberMayCommitForAnEmptyGroup() {
    assertThat(group.commit(committing(GROUP, 0, 42))).isEqualTo(ErrorCode.NONE);
    assertThat(group.offsetOf(0)).isEqualTo(42);
    assertThat(group.offsetOf(1)).isEqualTo(-1);
    assertThat(group.group().protocolType()).isEmpty();
    group.shard.reload();
    assertThat(group.offsetOf(0)).isEqualTo(42);
    assertThat(group.state()).isEqualTo(ClassicState.EMPTY);
    group.stableGroup(1);
    assertThat(group.commit(committing(GROUP, 0, 43))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
  }

  @Test
  void membersAreFenced() {
    assertThat(group.commit(committing(GROUP, 0, 1).generationIdOrMemberEpoch(1), 8))
        .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    assertThat(group.commit(committing(GROUP, 0, 1).generationIdOrMemberEpoch(1), 9))
        .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    List<String> ids = group.stableGroup(2);
    int generation = group.group().generation();
    assertThat(group.commit(committing(GROUP, 0, 1, ids.get(0), generation)))
        .isEqualTo(ErrorCode.NONE);
    assertThat(group.commit(committing(GROUP, 0, 2, ids.get(0), generation - 1)))
        .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    assertThat(group.commit(committing(GROUP, 0, 2, "x", generation)))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    group.join(joining(ids.get(0)));
    assertThat(group.commit(committing(GROUP, 0, 3, ids.get(1), generation)))
        .as("while the group prepares members commit what they have read")
        .isEqualTo(ErrorCode.NONE);
    group.join(joining(ids.get(1)));
    assertThat(group.commit(committing(GROUP, 0, 4, ids.get(1), generation + 1)))
        .isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    assertThat(group.offsetOf(0)).isEqualTo(3);
  }

  @Test
  void aCommitShowsThatAMemberIsAlive() {
    List<String> ids = group.stableGroup(1);
    for (int i = 0; i < 5; i++) {
      group.shard.advance(Duration.ofSeconds(9));
      assertThat(group.commit(committing(GROUP, 0, i, ids.get(0), 1))).isEqualTo(ErrorCode.NONE);
    }
  }

  @Test
  void whatCannotBeCommittedIsTold() {
    assertThat(group.commit(committing(GROUP, 0, -1))).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(group.commit(committing(GROUP, -1, 1)))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(group.commit(committing("a\0b", 0, 1))).isEqualTo(ErrorCode.INVALID_GROUP_ID);
    assertThat(group.commit(of("nowhere", Uuid.ZERO, List.of(offset(0, 1).build()))))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(group.commit(of("", new Uuid(9, 9), List.of(offset(0, 1).build())), 10))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
    assertThat(
            group.commit(
                of(
                    TOPIC,
                    Uuid.ZERO,
                    List.of(offset(0, 1).committedMetadata("x".repeat(4097)).build()))))
        .isEqualTo(ErrorCode.OFFSET_METADATA_TOO_LARGE);
    List<OffsetCommitRequest.OffsetCommitRequestPartition> many = new ArrayList<>();
    for (int i = 0; i < 1_000_000; i++) {
      many.add(offset(i, 1).build());
    }
    assertThat(group.commit(of(TOPIC, Uuid.ZERO, many)))
        .isEqualTo(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
    assertThat(group.shard.log()).isEmpty();
    assertThat(group.hasGroup()).isFalse();
  }

  private static OffsetCommitRequest.Builder of(
      String topic, Uuid id, List<OffsetCommitRequest.OffsetCommitRequestPartition> partitions) {
    return OffsetCommitRequest.builder()
        .groupId(GROUP)
        .topics(
            List.of(
                OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                    .name(topic)
                    .topicId(id)
                    .partitions(partitions)
                    .build()));
  }

  @Test
  void topicsMayBeNamedByTheirIds() {
    Uuid id = group.createTopic("named");
    assertThat(group.commit(of("", id, List.of(offset(3, 7).build())), 10))
        .isEqualTo(ErrorCode.NONE);
    OffsetFetchResponse.OffsetFetchResponseTopics all = fetch(null, 10).getFirst();
    assertThat(all.topicId()).isEqualTo(id);
    assertThat(all.partitions().getFirst().committedOffset()).isEqualTo(7);
    group.deleteTopic("named");
    assertThat(byId(id).errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID.code());
    Uuid again = group.createTopic("named");
    assertThat(byId(again).committedOffset()).as("of another topic").isEqualTo(-1);
    group.shard.advance(Duration.ZERO);
    assertThat(group.shard.machine().offsets.has(GROUP)).as("deleted with the topic").isFalse();
  }

  private OffsetFetchResponse.OffsetFetchResponsePartitions byId(Uuid id) {
    return fetch(
            List.of(
                OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                    .topicId(id)
                    .partitionIndexes(List.of(3))
                    .build()),
            10)
        .getFirst()
        .partitions()
        .getFirst();
  }

  private List<OffsetFetchResponse.OffsetFetchResponseTopics> fetch(
      @Nullable List<OffsetFetchRequest.OffsetFetchRequestTopics> topics, int version) {
    OffsetFetchRequest.OffsetFetchRequestGroup request =
        OffsetFetchRequest.OffsetFetchRequestGroup.builder().groupId(GROUP).topics(topics).build();
    return group
        .shard
        .ask((machine, now) -> machine.fetch(request, false, (short) version))
        .topics();
  }

  @Test
  void offsetsOfATransactionCountOnceItIsCommitted() {
    group.commit(committing(GROUP, 0, 10));
    assertThat(group.commitInTransaction(7, 0, 20)).isEqualTo(ErrorCode.NONE);
    assertThat(group.offsetOf(0)).isEqualTo(10);
    assertThat(group.fetch(GROUP, 0, true).errorCode())
        .isEqualTo(ErrorCode.UNSTABLE_OFFSET_COMMIT.code());
    group.endTransaction(7, true);
    assertThat(group.offsetOf(0)).isEqualTo(20);
    assertThat(group.fetch(GROUP, 0, true).committedOffset()).isEqualTo(20);
    group.commitInTransaction(7, 0, 30);
    group.endTransaction(7, false);
    assertThat(group.offsetOf(0)).isEqualTo(20);
  }

  @Test
  void aLaterCommitWinsOverATransactionThatEndsAfterIt() {
    group.commitInTransaction(7, 0, 20);
    group.commit(committing(GROUP, 0, 15));
    group.endTransaction(7, true);
    assertThat(group.offsetOf(0)).isEqualTo(15);
    group.shard.reload();
    assertThat(group.offsetOf(0)).isEqualTo(15);
  }

  @Test
  void aTransactionThatEndsWhileItIsVerifiedIsNotOpenedAgain() {
    long verification = group.verify(7);
    group.endTransaction(7, false);
    assertThat(group.commitInTransaction(committingInTransaction(7, 0, 1), verification))
        .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    assertThat(group.shard.machine().offsets.isPending(GROUP, TOPIC, 0)).isFalse();
  }

  @Test
  void transactionsNameTheMemberOrNobody() {
    assertThat(
            group.commitInTransaction(
                committingInTransaction(7, 0, 1).generationIdOrMemberEpoch(3), group.verify(7)))
        .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    List<String> ids = group.stableGroup(1);
    assertThat(group.commitInTransaction(7, 0, 1))
        .as("as before KIP-447")
        .isEqualTo(ErrorCode.NONE);
    assertThat(
            group.commitInTransaction(
                committingInTransaction(7, 0, 1).memberId("x").generationIdOrMemberEpoch(1),
                group.verify(7)))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    assertThat(
            group.commitInTransaction(
                committingInTransaction(7, 0, 1).memberId(ids.get(0)).generationIdOrMemberEpoch(9),
                group.verify(7)))
        .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
  }

  @Test
  void offsetsExpireWithTheirGroup() {
    group.stableGroup(1);
    ClassicMember member = group.group().members().iterator().next();
    group.commit(committing(GROUP, 0, 5, member.id(), 1));
    group.shard.advance(SESSION);
    assertThat(group.state()).isEqualTo(ClassicState.EMPTY);
    group.shard.advance(RETENTION.minus(CHECK));
    assertThat(group.offsetOf(0)).isEqualTo(5);
    group.shard.advance(CHECK.plus(CHECK));
    assertThat(group.hasGroup()).isFalse();
    assertThat(group.shard.machine().classic.hardState()).isEmpty();
    group.shard.reload();
    assertThat(group.hasGroup()).isFalse();
  }

  @Test
  void whatMembersReadDoesNotExpire() {
    String id = group.stableGroup(1).getFirst();
    group.createTopic("left");
    group.commit(committing(GROUP, 0, 5, id, 1));
    group.commit(
        of("left", Uuid.ZERO, List.of(offset(0, 6).build()))
            .memberId(id)
            .generationIdOrMemberEpoch(1));
    for (int i = 0; i < 10_090; i++) {
      for (int j = 0; j < 10; j++) {
        group.heartbeat(id, 1);
        group.shard.advance(Duration.ofSeconds(6));
      }
    }
    assertThat(group.offsetOf(0)).isEqualTo(5);
    assertThat(group.shard.machine().offsets.of(GROUP, "left")).isEmpty();
  }

  @Test
  void pendingOffsetsDoNotExpire() {
    group.commit(committing(GROUP, 0, 5));
    group.commitInTransaction(7, 0, 6);
    group.shard.advance(RETENTION.plus(CHECK));
    assertThat(group.offsetOf(0)).isEqualTo(5);
    group.endTransaction(7, false);
    group.shard.advance(CHECK);
    assertThat(group.hasGroup()).isFalse();
  }

  @Test
  void oldClientsMaySayHowLongToKeepOffsets() {
    group.commit(committing(GROUP, 0, 5).retentionTimeMs(1_000), 4);
    group.shard.advance(CHECK);
    assertThat(group.hasGroup()).isFalse();
  }

  @Test
  void aGroupIsDeletedWithItsOffsets() {
    assertThat(delete()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    group.commit(committing(GROUP, 0, 5));
    group.commitInTransaction(7, 1, 6);
    assertThat(delete()).isEqualTo(ErrorCode.NONE);
    group.endTransaction(7, true);
    assertThat(group.hasGroup()).isFalse();
    assertThat(group.offsetOf(0)).isEqualTo(-1);
    assertThat(group.offsetOf(1)).isEqualTo(-1);
    group.stableGroup(1);
    assertThat(delete()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
  }

  private ErrorCode delete() {
    return group.shard.ask((machine, now) -> machine.delete(GROUP));
  }

  @Test
  void manyOffsetsAreDeletedInSteps() {
    for (int i = 0; i < 20; i++) {
      List<OffsetCommitRequest.OffsetCommitRequestPartition> some = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        some.add(offset(i * 1_000 + j, 1).build());
      }
      assertThat(group.commit(of(TOPIC, Uuid.ZERO, some))).isEqualTo(ErrorCode.NONE);
    }
    Answer<ErrorCode> deleted = group.shard.submit((machine, now) -> machine.delete(GROUP));
    assertThat(deleted.isReady()).isFalse();
    group.shard.advance(Duration.ZERO);
    assertThat(group.shard.result(deleted)).isEqualTo(ErrorCode.NONE);
    assertThat(group.hasGroup()).isFalse();
    assertThat(group.shard.machine().offsets.has(GROUP)).isFalse();
  }

  @Test
  void offsetsOfTopicsThatAreReadMayNotBeDeleted() {
    assertThat(deleteOffset(TOPIC).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND.code());
    String id = group.stableGroup(1).getFirst();
    group.createTopic("other");
    group.commit(
        of("other", Uuid.ZERO, List.of(offset(0, 6).build()))
            .memberId(id)
            .generationIdOrMemberEpoch(1));
    assertThat(deleteOffset(TOPIC).topics().getFirst().partitions().getFirst().errorCode())
        .isEqualTo(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC.code());
    assertThat(deleteOffset("other").topics().getFirst().partitions().getFirst().errorCode())
        .isEqualTo(ErrorCode.NONE.code());
    assertThat(group.shard.machine().offsets.has(GROUP)).isFalse();
  }

  private OffsetDeleteResponse deleteOffset(String topic) {
    OffsetDeleteRequest request =
        OffsetDeleteRequest.builder()
            .groupId(GROUP)
            .topics(
                List.of(
                    OffsetDeleteRequest.OffsetDeleteRequestTopic.builder()
                        .name(topic)
                        .partitions(
                            List.of(
                                OffsetDeleteRequest.OffsetDeleteRequestPartition.builder()
                                    .partitionIndex(0)
                                    .build()))
                        .build()))
            .build();
    return group.shard.ask((machine, now) -> machine.deleteOffsets(request));
  }
}
