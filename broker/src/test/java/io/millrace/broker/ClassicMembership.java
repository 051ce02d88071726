package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Membership by the classic protocol, the eager way: who leads deals the partitions out in turn,
/// and everybody gives up everything before joining again.
final class ClassicMembership implements Membership {
  static final Duration SESSION = Duration.ofSeconds(6);
  private static final Duration REBALANCE = Duration.ofSeconds(10);
  private static final long HEARTBEAT_NANOS = Duration.ofMillis(500).toNanos();

  private final SimulatedClient client;
  private final String name;
  private final String groupId;
  private final String topic;
  private final int partitionCount;
  private final PartitionOwners owners;

  private String memberId = "";
  private int generation = -1;
  private boolean isJoined;
  private int term;
  private long heartbeatNanos;
  private Set<Integer> owned = Set.of();

  /// @param name of the member, for `owners`
  ClassicMembership(
      SimulatedClient client,
      String name,
      String groupId,
      String topic,
      int partitionCount,
      PartitionOwners owners) {
    this.client = client;
    this.name = name;
    this.groupId = groupId;
    this.topic = topic;
    this.partitionCount = partitionCount;
    this.owners = owners;
  }

  @Override
  public Set<Integer> poll() throws InterruptedException {
    while (true) {
      if (!isJoined) {
        giveUp();
        isJoined = join();
      } else if (owners.now() - heartbeatNanos >= HEARTBEAT_NANOS) {
        heartbeat();
      } else {
        return owned;
      }
    }
  }

  private void giveUp() {
    owners.release(name);
    owned = Set.of();
    term++;
  }

  /// Returns whether the member has an assignment now.
  private boolean join() throws InterruptedException {
    try {
      JoinGroupResponse answer =
          client.once(JoinGroupResponse.class, ApiKey.JOIN_GROUP, 9, joinRequest());
      ErrorCode error = ErrorCode.forCode(answer.errorCode());
      switch (error) {
        case NONE -> {
          memberId = answer.memberId();
          generation = answer.generationId();
          return sync(answer);
        }
        case MEMBER_ID_REQUIRED -> memberId = answer.memberId();
        case UNKNOWN_MEMBER_ID -> memberId = "";
        case REBALANCE_IN_PROGRESS -> client.backOff();
        default -> again("JoinGroup", error);
      }
    } catch (IOException e) {
      client.backOff();
    }
    return false;
  }

  private JoinGroupRequest joinRequest() {
    return JoinGroupRequest.builder()
        .groupId(groupId)
        .memberId(memberId)
        .sessionTimeoutMs((int) SESSION.toMillis())
        .rebalanceTimeoutMs((int) REBALANCE.toMillis())
        .protocolType("consumer")
        .protocols(
            List.of(
                JoinGroupRequest.JoinGroupRequestProtocol.builder()
                    .name("range")
                    .metadata(subscription())
                    .build()))
        .build();
  }

  private boolean sync(JoinGroupResponse joined) throws InterruptedException, IOException {
    boolean leads = joined.leader().equals(memberId) && !joined.skipAssignment();
    long sentNanos = owners.now();
    SyncGroupResponse answer =
        client.once(
            SyncGroupResponse.class,
            ApiKey.SYNC_GROUP,
            5,
            SyncGroupRequest.builder()
                .groupId(groupId)
                .memberId(memberId)
                .generationId(generation)
                .protocolType("consumer")
                .protocolName("range")
                .assignments(leads ? assignments(joined) : List.of())
                .build());
    ErrorCode error = ErrorCode.forCode(answer.errorCode());
    switch (error) {
      case NONE -> {
        owned = partitions(answer.assignment());
        owners.own(name, owned, sentNanos);
        heartbeatNanos = sentNanos;
        return true;
      }
      case UNKNOWN_MEMBER_ID -> memberId = "";
      case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> {}
      default -> again("SyncGroup", error);
    }
    return false;
  }

  private void heartbeat() throws InterruptedException {
    long sentNanos = owners.now();
    try {
      HeartbeatResponse answer =
          client.once(
              HeartbeatResponse.class,
              ApiKey.HEARTBEAT,
              4,
              HeartbeatRequest.builder()
                  .groupId(groupId)
                  .memberId(memberId)
                  .generationId(generation)
                  .build());
      ErrorCode error = ErrorCode.forCode(answer.errorCode());
      if (error == ErrorCode.NONE) {
        owners.own(name, owned, sentNanos);
        heartbeatNanos = sentNanos;
      } else {
        refused(error);
        if (isJoined) {
          again("Heartbeat", error);
        }
      }
    } catch (IOException e) {
      client.backOff();
    }
  }

  private void again(String api, ErrorCode error) throws InterruptedException {
    if (!SimulatedClient.isRetriable(error.code())) {
      throw new AssertionError(api + " of " + name + " was answered " + error);
    }
    client.backOff();
  }

  @Override
  public void refused(ErrorCode error) {
    switch (error) {
      case UNKNOWN_MEMBER_ID -> {
        memberId = "";
        isJoined = false;
      }
      case ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS -> isJoined = false;
      default -> {}
    }
  }

  @Override
  public void leave() throws InterruptedException {
    giveUp();
    isJoined = false;
    if (memberId.isEmpty()) {
      return;
    }
    client.ask(
        new Call<>(
            LeaveGroupResponse.class,
            ApiKey.LEAVE_GROUP,
            5,
            LeaveGroupRequest.builder()
                .groupId(groupId)
                .members(
                    List.of(LeaveGroupRequest.MemberIdentity.builder().memberId(memberId).build()))
                .build(),
            LeaveGroupResponse::errorCode));
  }

  @Override
  public int term() {
    return term;
  }

  @Override
  public String memberId() {
    return memberId;
  }

  @Override
  public int generation() {
    return generation;
  }

  private List<SyncGroupRequest.SyncGroupRequestAssignment> assignments(JoinGroupResponse joined) {
    List<SyncGroupRequest.SyncGroupRequestAssignment> assignments = new ArrayList<>();
    int count = joined.members().size();
    for (int member = 0; member < count; member++) {
      Set<Integer> theirs = new TreeSet<>();
      for (int partition = member; partition < partitionCount; partition += count) {
        theirs.add(partition);
      }
      assignments.add(
          SyncGroupRequest.SyncGroupRequestAssignment.builder()
              .memberId(joined.members().get(member).memberId())
              .assignment(assignment(theirs))
              .build());
    }
    return assignments;
  }

  /// What consumers write into JoinGroup: a version, topics, data of the user.
  private ByteBuffer subscription() {
    ByteBuffer bytes = ByteBuffer.allocate(64 + topic.length());
    bytes.putShort((short) 0).putInt(1);
    putTopic(bytes);
    return bytes.putInt(-1).flip();
  }

  private ByteBuffer assignment(Set<Integer> partitions) {
    ByteBuffer bytes = ByteBuffer.allocate(64 + topic.length() + 4 * partitions.size());
    bytes.putShort((short) 0).putInt(1);
    putTopic(bytes);
    bytes.putInt(partitions.size());
    partitions.forEach(bytes::putInt);
    return bytes.putInt(-1).flip();
  }

  private void putTopic(ByteBuffer bytes) {
    byte[] text = topic.getBytes(StandardCharsets.UTF_8);
    bytes.putShort((short) text.length).put(text);
  }

  private Set<Integer> partitions(ByteBuffer assignment) {
    Set<Integer> partitions = new TreeSet<>();
    if (assignment.hasRemaining()) {
      ByteBuffer bytes = assignment.duplicate();
      bytes.position(bytes.position() + 6);
      bytes.position(bytes.position() + 2 + bytes.getShort(bytes.position()));
      for (int left = bytes.getInt(); left > 0; left--) {
        partitions.add(bytes.getInt());
      }
    }
    return partitions;
  }
}
