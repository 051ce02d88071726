package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Membership by the consumer group protocol (KIP-848): one request says what the member owns, its
/// answer what it should, and what it should not is given up before the next one.
final class ConsumerMembership implements Membership {
  static final Duration SESSION = Duration.ofSeconds(6);
  static final int HEARTBEAT_MS = 500;
  private static final int REBALANCE_MS = 10_000;
  private static final int LEAVING = -1;

  private final SimulatedClient client;
  private final String memberId;
  private final String groupId;
  private final String topic;
  private final Uuid topicId;
  private final @Nullable String assignor;
  private final PartitionOwners owners;

  private int epoch;
  private int term;
  private long heartbeatNanos;

  /// Whether the coordinator has yet to be told everything, as after a request that got lost.
  private boolean isNew = true;

  private boolean hasNews = true;
  private Set<Integer> owned = new TreeSet<>();

  /// @param memberId which is the member's own idea in this protocol
  /// @param assignor null for the broker's default
  ConsumerMembership(
      SimulatedClient client,
      String memberId,
      String groupId,
      String topic,
      Uuid topicId,
      @Nullable String assignor,
      PartitionOwners owners) {
    this.client = client;
    this.memberId = memberId;
    this.groupId = groupId;
    this.topic = topic;
    this.topicId = topicId;
    this.assignor = assignor;
    this.owners = owners;
  }

  @Override
  public Set<Integer> poll() throws InterruptedException {
    while (epoch == 0
        || hasNews
        || owners.now() - heartbeatNanos >= Duration.ofMillis(HEARTBEAT_MS).toNanos()) {
      heartbeat();
    }
    return owned;
  }

  private void heartbeat() throws InterruptedException {
    long sentNanos = owners.now();
    try {
      ConsumerGroupHeartbeatResponse answer =
          client.once(
              ConsumerGroupHeartbeatResponse.class, ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, request());
      ErrorCode error = ErrorCode.forCode(answer.errorCode());
      switch (error) {
        case NONE -> take(answer, sentNanos);
        case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH -> rejoin();
        default -> {
          if (!SimulatedClient.isRetriable(error.code())) {
            throw new AssertionError(
                "a heartbeat of "
                    + memberId
                    + " was answered "
                    + error
                    + ": "
                    + answer.errorMessage());
          }
          isNew = true;
          client.backOff();
        }
      }
    } catch (IOException e) {
      isNew = true;
      client.backOff();
    }
  }

  private ConsumerGroupHeartbeatRequest request() {
    ConsumerGroupHeartbeatRequest.Builder request =
        ConsumerGroupHeartbeatRequest.builder()
            .groupId(groupId)
            .memberId(memberId)
            .memberEpoch(epoch);
    if (isNew) {
      request
          .rebalanceTimeoutMs(REBALANCE_MS)
          .subscribedTopicNames(List.of(topic))
          .serverAssignor(assignor);
    }
    if (isNew || hasNews) {
      List<ConsumerGroupHeartbeatRequest.TopicPartitions> mine = new ArrayList<>();
      if (!owned.isEmpty()) {
        mine.add(
            ConsumerGroupHeartbeatRequest.TopicPartitions.builder()
                .topicId(topicId)
                .partitions(List.copyOf(owned))
                .build());
      }
      request.topicPartitions(mine);
    }
    return request.build();
  }

  private void take(ConsumerGroupHeartbeatResponse answer, long sentNanos) {
    isNew = false;
    hasNews = false;
    epoch = answer.memberEpoch();
    heartbeatNanos = sentNanos;
    ConsumerGroupHeartbeatResponse.Assignment assignment = answer.assignment();
    if (assignment != null) {
      Set<Integer> target = new TreeSet<>();
      for (ConsumerGroupHeartbeatResponse.TopicPartitions partitions :
          assignment.topicPartitions()) {
        if (!partitions.topicId().equals(topicId)) {
          throw new AssertionError("partitions of a topic that nobody subscribed to: " + answer);
        }
        target.addAll(partitions.partitions());
      }
      if (!target.containsAll(owned)) {
        term++;
      }
      hasNews = !target.equals(owned);
      owned = target;
    }
    owners.own(memberId, owned, sentNanos);
  }

  private void rejoin() {
    owners.release(memberId);
    owned = new TreeSet<>();
    epoch = 0;
    term++;
    isNew = true;
  }

  @Override
  public void refused(ErrorCode error) {
    // The next heartbeat tells.
    heartbeatNanos = owners.now() - Duration.ofHours(1).toNanos();
  }

  @Override
  public void leave() throws InterruptedException {
    if (epoch == 0) {
      return;
    }
    rejoin();
    client.ask(
        new Call<>(
            ConsumerGroupHeartbeatResponse.class,
            ApiKey.CONSUMER_GROUP_HEARTBEAT,
            1,
            ConsumerGroupHeartbeatRequest.builder()
                .groupId(groupId)
                .memberId(memberId)
                .memberEpoch(LEAVING)
                .build(),
            ConsumerGroupHeartbeatResponse::errorCode));
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
    return epoch;
  }
}
