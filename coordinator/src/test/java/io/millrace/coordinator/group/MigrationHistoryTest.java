package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ConsumerShard.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ConsumerProtocolAssignment;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Random histories of a group with members of both protocols.
class MigrationHistoryTest {
  private static final int STEPS = 200;
  private static final String TOPIC = "t";

  private final ConsumerShard cluster = new ConsumerShard();
  private final List<Client> clients = new ArrayList<>();
  private SplittableRandom random = new SplittableRandom(0);

  /// A consumer; a classic one gives everything up before it joins again if it is eager.
  private static final class Client {
    final boolean isClassic;
    final boolean isEager;
    String id;
    int epoch;
    boolean hasToJoin = true;
    TreeSet<Integer> told = new TreeSet<>();
    TreeSet<Integer> reads = new TreeSet<>();

    Client(String id, boolean isClassic, boolean isEager) {
      this.id = id;
      this.isClassic = isClassic;
      this.isEager = isEager;
    }

    void lose() {
      epoch = 0;
      hasToJoin = true;
      told.clear();
      reads.clear();
    }
  }

  @Test
  void noPartitionIsReadByTwoMembersOfEitherProtocol() {
    for (long seed = 0; seed < 60; seed++) {
      new MigrationHistoryTest().run(seed);
    }
  }

  private void run(long seed) {
    random = new SplittableRandom(seed);
    cluster.createTopic(TOPIC, 7);
    // One member of the consumer protocol is always there: the group stays what it is.
    clients.add(new Client("first", false, false));
    for (int step = 0; step < STEPS; step++) {
      String what = "seed " + seed + ", step " + step;
      go(clients.getFirst(), what);
      switch (random.nextInt(12)) {
        case 0 -> {
          if (clients.size() < 6) {
            boolean isClassic = random.nextInt(3) > 0;
            clients.add(new Client(isClassic ? "" : "m" + step, isClassic, random.nextBoolean()));
          }
        }
        case 1 -> {
          if (clients.size() > 1) {
            clients.remove(random.nextInt(1, clients.size()));
          }
        }
        case 2 -> {
          if (random.nextInt(6) == 0) {
            cluster.shard.reload();
          }
        }
        case 3 -> cluster.shard.advance(Duration.ofMillis(random.nextInt(8_000)));
        default -> go(clients.get(random.nextInt(clients.size())), what);
      }
      assertNothingIsReadTwice(what);
    }
    for (int round = 0; round < 40; round++) {
      clients.forEach(client -> go(client, "seed " + seed));
      assertNothingIsReadTwice("seed " + seed);
      cluster.shard.advance(Duration.ofSeconds(2));
    }
    TreeSet<Integer> all = new TreeSet<>();
    clients.forEach(client -> all.addAll(client.reads));
    assertThat(all).as("seed %d", seed).containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(cluster.group().state()).as("seed %d", seed).isEqualTo("Stable");
    assertThat(cluster.shard.replay().hardState())
        .as("seed %d", seed)
        .isEqualTo(cluster.shard.machine().hardState());
  }

  private void go(Client client, String what) {
    if (client.isClassic) {
      goClassic(client, what);
    } else {
      beat(client, what);
    }
  }

  private void beat(Client client, String what) {
    if (random.nextBoolean()) {
      client.reads = new TreeSet<>(client.told);
    }
    ConsumerGroupHeartbeatRequest.Builder request =
        client.hasToJoin
            ? ConsumerShard.join(client.id, TOPIC).rebalanceTimeoutMs(60_000)
            : ConsumerShard.beat(client.id, client.epoch)
                .topicPartitions(
                    client.reads.isEmpty()
                        ? List.of()
                        : cluster.owned(TOPIC, client.reads.toArray(Integer[]::new)));
    ConsumerGroupHeartbeatResponse response = cluster.heartbeat(request);
    ErrorCode error = ConsumerShard.error(response);
    if (error == ErrorCode.UNKNOWN_MEMBER_ID || error == ErrorCode.FENCED_MEMBER_EPOCH) {
      client.lose();
      return;
    }
    assertThat(error).as(what).isEqualTo(ErrorCode.NONE);
    client.hasToJoin = false;
    client.epoch = response.memberEpoch();
    if (response.assignment() != null) {
      client.told = new TreeSet<>(cluster.assigned(response, TOPIC));
    }
  }

  private void goClassic(Client client, String what) {
    if (!client.hasToJoin) {
      HeartbeatRequest request =
          HeartbeatRequest.builder()
              .groupId(GROUP)
              .memberId(client.id)
              .groupInstanceId(null)
              .generationId(client.epoch)
              .build();
      ErrorCode error =
          ErrorCode.forCode(
              cluster.shard.ask((machine, now) -> machine.heartbeat(request, now)).errorCode());
      if (error == ErrorCode.NONE) {
        return;
      } else if (error == ErrorCode.UNKNOWN_MEMBER_ID || error == ErrorCode.ILLEGAL_GENERATION) {
        client.lose();
        client.id = error == ErrorCode.UNKNOWN_MEMBER_ID ? "" : client.id;
      } else {
        assertThat(error).as(what).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        client.hasToJoin = true;
      }
    }
    joinClassic(client, what);
  }

  private void joinClassic(Client client, String what) {
    if (client.isEager) {
      client.reads.clear();
    }
    JoinGroupRequest request =
        JoinGroupRequest.builder()
            .groupId(GROUP)
            .memberId(client.id)
            .groupInstanceId(null)
            .protocolType("consumer")
            .sessionTimeoutMs(45_000)
            .rebalanceTimeoutMs(60_000)
            .protocols(
                List.of(
                    JoinGroupRequest.JoinGroupRequestProtocol.builder()
                        .name("some")
                        .metadata(subscription(client))
                        .build()))
            .build();
    Caller caller = cluster.caller(3);
    JoinGroupResponse joined =
        cluster.shard.ask((machine, now) -> machine.join(request, caller, now));
    assertThat(ErrorCode.forCode(joined.errorCode())).as(what).isEqualTo(ErrorCode.NONE);
    client.id = joined.memberId();
    client.epoch = joined.generationId();
    SyncGroupRequest sync =
        SyncGroupRequest.builder()
            .groupId(GROUP)
            .memberId(client.id)
            .groupInstanceId(null)
            .generationId(client.epoch)
            .build();
    SyncGroupResponse synced =
        cluster.shard.ask((machine, now) -> machine.sync(sync, (short) 3, now));
    if (ErrorCode.forCode(synced.errorCode()) != ErrorCode.NONE) {
      assertThat(ErrorCode.forCode(synced.errorCode()))
          .as(what)
          .isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
      return;
    }
    client.hasToJoin = false;
    ConsumerProtocolAssignment assignment = EmbeddedProtocol.assignment(synced.assignment());
    client.reads.clear();
    if (assignment != null) {
      assignment.assignedPartitions().forEach(each -> client.reads.addAll(each.partitions()));
    }
  }

  private ByteBuffer subscription(Client client) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16((short) 1);
    ConsumerProtocolSubscription.builder()
        .topics(List.of(TOPIC))
        .ownedPartitions(
            client.reads.isEmpty()
                ? List.of()
                : List.of(
                    ConsumerProtocolSubscription.TopicPartition.builder()
                        .topic(TOPIC)
                        .partitions(List.copyOf(client.reads))
                        .build()))
        .build()
        .write(writer, (short) 1);
    return ByteBuffer.wrap(Bytes.copy(writer.toByteBuffer()));
  }

  private void assertNothingIsReadTwice(String what) {
    TreeMap<Integer, String> readers = new TreeMap<>();
    Uuid topic = cluster.topicId(TOPIC);
    for (Client client : clients) {
      ConsumerMember member = cluster.shard.machine().consumers.findMember(GROUP, client.id);
      if (member == null || client.epoch == 0) {
        continue;
      }
      for (int partition : client.reads) {
        assertThat(readers.put(partition, client.id))
            .as("%s: who else than %s reads %s-%d", what, client.id, topic, partition)
            .isNull();
      }
    }
  }
}
