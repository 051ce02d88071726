package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.coordinator.TestShard;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.OtherConfigs;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A machine of groups with what members of classic groups ask of it.
final class ClassicShard {
  static final String GROUP = "g";
  static final String TOPIC = "t";
  static final int SESSION_MS = 10_000;
  static final int REBALANCE_MS = 60_000;

  /// A session and no more.
  static final Duration SESSION = Duration.ofMillis(SESSION_MS + 1);

  static final Duration REBALANCE = Duration.ofMillis(REBALANCE_MS + 1);

  final TreeMap<String, String> settings = new TreeMap<>();
  final TestShard<GroupMachine> shard;
  private ClusterImage image = ClusterImage.EMPTY;
  private int freshIds;
  private int topicIds;

  ClassicShard() {
    settings.put("group.initial.rebalance.delay.ms", "0");
    GroupSettings groupSettings =
        new GroupSettings() {
          @Override
          public Config broker() {
            return Config.of(BrokerConfigs.table(), settings);
          }

          @Override
          public Config group(String groupId) {
            return Config.of(OtherConfigs.group(), new TreeMap<>());
          }
        };
    shard = new TestShard<>(context -> new GroupMachine(context, groupSettings, () -> image));
    createTopic(TOPIC);
  }

  Uuid createTopic(String name) {
    Uuid id = new Uuid(1, ++topicIds);
    change(TopicRecord.builder().name(name).topicId(id).build());
    return id;
  }

  void deleteTopic(String name) {
    change(RemoveTopicRecord.builder().topicId(image.topic(name).orElseThrow().id()).build());
  }

  private void change(MetadataRecord record) {
    ClusterImage before = image;
    image = image.apply(image.offset() + 1, 1, record);
    shard.onMetadata(ImageDelta.between(before, image));
  }

  ClassicGroup group() {
    return group(GROUP);
  }

  ClassicGroup group(String id) {
    if (shard.machine().groups.find(id) instanceof ClassicGroup group) {
      return group;
    }
    throw new AssertionError("no classic group " + id);
  }

  boolean hasGroup() {
    return shard.machine().groups.find(GROUP) != null;
  }

  ClassicState state() {
    return group().classicState();
  }

  /// A JoinGroup of a consumer with two ways to assign partitions.
  static JoinGroupRequest.Builder joining(String memberId) {
    return JoinGroupRequest.builder()
        .groupId(GROUP)
        .memberId(memberId)
        .groupInstanceId(null)
        .sessionTimeoutMs(SESSION_MS)
        .rebalanceTimeoutMs(REBALANCE_MS)
        .protocolType("consumer")
        .protocols(List.of(protocol("range", TOPIC), protocol("roundrobin", TOPIC)));
  }

  static JoinGroupRequest.JoinGroupRequestProtocol protocol(String name, String... topics) {
    return JoinGroupRequest.JoinGroupRequestProtocol.builder()
        .name(name)
        .metadata(subscription(topics))
        .build();
  }

  /// As consumers write it, in version 0.
  static ByteBuffer subscription(String... topics) {
    ByteBuffer buffer = ByteBuffer.allocate(1_000).putShort((short) 0).putInt(topics.length);
    for (String topic : topics) {
      byte[] bytes = topic.getBytes(StandardCharsets.UTF_8);
      buffer.putShort((short) bytes.length).put(bytes);
    }
    return buffer.putInt(-1).flip();
  }

  Answer<JoinGroupResponse> join(JoinGroupRequest.Builder request, int version) {
    Caller caller = new Caller((short) version, "client", "/127.0.0.1", String.valueOf(++freshIds));
    JoinGroupRequest built = request.build();
    return shard.submit((machine, now) -> machine.join(built, caller, now));
  }

  Answer<JoinGroupResponse> join(JoinGroupRequest.Builder request) {
    return join(request, 9);
  }

  /// What a JoinGroup is answered with at once.
  JoinGroupResponse joinNow(JoinGroupRequest.Builder request) {
    return shard.result(join(request));
  }

  ErrorCode joinError(JoinGroupRequest.Builder request) {
    return ErrorCode.forCode(joinNow(request).errorCode());
  }

  /// An id for a new member (KIP-394).
  String newId() {
    JoinGroupResponse response = joinNow(joining(""));
    if (response.errorCode() != ErrorCode.MEMBER_ID_REQUIRED.code()) {
      throw new AssertionError("no member id: " + response);
    }
    return response.memberId();
  }

  /// A stable group of so many members; their ids in the order in which they came.
  List<String> stableGroup(int size) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ids.add(newId());
    }
    rebalance(ids);
    return ids;
  }

  /// All members join and sync.
  private void rebalance(List<String> ids) {
    ids.forEach(id -> join(joining(id)));
    if (ids.size() > 1) {
      // The group began, without delay, with the first: it comes again because others came.
      join(joining(ids.getFirst()));
    }
    ids.forEach(id -> sync(id, group().generation()));
  }

  static SyncGroupRequest.Builder syncing(String memberId, int generation) {
    return SyncGroupRequest.builder()
        .groupId(GROUP)
        .memberId(memberId)
        .generationId(generation)
        .groupInstanceId(null)
        .protocolType("consumer")
        .protocolName("range");
  }

  /// A SyncGroup that gives everybody its own id to work on, if it comes from the leader.
  Answer<SyncGroupResponse> sync(String memberId, int generation) {
    List<SyncGroupRequest.SyncGroupRequestAssignment> assignments = new ArrayList<>();
    if (group().isLeader(memberId)) {
      for (ClassicMember member : group().members()) {
        assignments.add(
            SyncGroupRequest.SyncGroupRequestAssignment.builder()
                .memberId(member.id())
                .assignment(bytes("work of " + member.id()))
                .build());
      }
    }
    return sync(syncing(memberId, generation).assignments(assignments));
  }

  Answer<SyncGroupResponse> sync(SyncGroupRequest.Builder request) {
    SyncGroupRequest built = request.build();
    return shard.submit((machine, now) -> machine.sync(built, (short) 5, now));
  }

  ErrorCode syncError(SyncGroupRequest.Builder request) {
    return ErrorCode.forCode(shard.result(sync(request)).errorCode());
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  ErrorCode heartbeat(String memberId, int generation) {
    return heartbeat(memberId, null, generation);
  }

  ErrorCode heartbeat(String memberId, @Nullable String instanceId, int generation) {
    HeartbeatRequest request =
        HeartbeatRequest.builder()
            .groupId(GROUP)
            .memberId(memberId)
            .groupInstanceId(instanceId)
            .generationId(generation)
            .build();
    return ErrorCode.forCode(
        shard.ask((machine, now) -> machine.heartbeat(request, now)).errorCode());
  }

  LeaveGroupResponse leave(LeaveGroupRequest.MemberIdentity... members) {
    LeaveGroupRequest request =
        LeaveGroupRequest.builder().groupId(GROUP).members(List.of(members)).build();
    return shard.ask((machine, now) -> machine.leave(request, now));
  }

  static LeaveGroupRequest.MemberIdentity leaving(String memberId, @Nullable String instanceId) {
    return LeaveGroupRequest.MemberIdentity.builder()
        .memberId(memberId)
        .groupInstanceId(instanceId)
        .build();
  }

  static OffsetCommitRequest.Builder committing(String groupId, int partition, long offset) {
    return OffsetCommitRequest.builder()
        .groupId(groupId)
        .topics(
            List.of(
                OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                    .name(TOPIC)
                    .partitions(List.of(offset(partition, offset).build()))
                    .build()));
  }

  static OffsetCommitRequest.Builder committing(
      String groupId, int partition, long offset, String memberId, int generation) {
    return committing(groupId, partition, offset)
        .memberId(memberId)
        .generationIdOrMemberEpoch(generation);
  }

  static OffsetCommitRequest.OffsetCommitRequestPartition.Builder offset(
      int partition, long offset) {
    return OffsetCommitRequest.OffsetCommitRequestPartition.builder()
        .partitionIndex(partition)
        .committedOffset(offset)
        .committedMetadata("why");
  }

  ErrorCode commit(OffsetCommitRequest.Builder request) {
    return commit(request, 9);
  }

  /// The error of the first partition.
  ErrorCode commit(OffsetCommitRequest.Builder request, int version) {
    OffsetCommitRequest built = request.build();
    return ErrorCode.forCode(
        shard
            .ask((machine, now) -> machine.commit(built, (short) version, now))
            .topics()
            .getFirst()
            .partitions()
            .getFirst()
            .errorCode());
  }

  static TxnOffsetCommitRequest.Builder committingInTransaction(
      long producerId, int partition, long offset) {
    return TxnOffsetCommitRequest.builder()
        .transactionalId("tx")
        .groupId(GROUP)
        .producerId(producerId)
        .producerEpoch((short) 0)
        .groupInstanceId(null)
        .topics(
            List.of(
                TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                    .name(TOPIC)
                    .partitions(
                        List.of(
                            TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                                .partitionIndex(partition)
                                .committedOffset(offset)
                                .committedMetadata(null)
                                .build()))
                    .build()));
  }

  long verify(long producerId) {
    return shard.ask((machine, now) -> machine.beginVerification(producerId));
  }

  ErrorCode commitInTransaction(TxnOffsetCommitRequest.Builder request, long verification) {
    TxnOffsetCommitRequest built = request.build();
    return ErrorCode.forCode(
        shard
            .ask((machine, now) -> machine.commitInTransaction(built, (short) 5, verification, now))
            .topics()
            .getFirst()
            .partitions()
            .getFirst()
            .errorCode());
  }

  ErrorCode commitInTransaction(long producerId, int partition, long offset) {
    return commitInTransaction(
        committingInTransaction(producerId, partition, offset), verify(producerId));
  }

  void endTransaction(long producerId, boolean isCommit) {
    shard.submit(
        (machine, now) ->
            Decision.reply(isCommit)
                .ending(new Machine.EndMarker(producerId, (short) 0, 0, isCommit)));
  }

  OffsetFetchResponse.OffsetFetchResponsePartitions fetch(
      String groupId, int partition, boolean requireStable) {
    OffsetFetchRequest.OffsetFetchRequestGroup request =
        OffsetFetchRequest.OffsetFetchRequestGroup.builder()
            .groupId(groupId)
            .topics(
                List.of(
                    OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                        .name(TOPIC)
                        .partitionIndexes(List.of(partition))
                        .build()))
            .build();
    return shard
        .ask((machine, now) -> machine.fetch(request, requireStable, (short) 9))
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  long offsetOf(int partition) {
    return fetch(GROUP, partition, false).committedOffset();
  }
}
