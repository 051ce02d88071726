package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Topic;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random histories of members that join, leave, fail and change their minds, of topics that come
/// and go, and of coordinators that are loaded anew.
class ConsumerHistoryTest {
  private static final int STEPS = 250;
  private static final String[] TOPICS = {"a", "b", "ab", "c"};
  private static final String[] REGEXES = {"a.*", "b|c", ".*"};

  private final ConsumerShard cluster = new ConsumerShard();
  private final List<Client> clients = new ArrayList<>();
  private SplittableRandom random = new SplittableRandom(0);
  private int clientCount;

  /// A consumer as clients are: it reads what it was told to once it has got round to it.
  private static final class Client {
    final String id;
    final @Nullable String instanceId;
    int epoch;
    List<String> names = List.of();
    String regex = "";
    boolean mustTellAll = true;
    TreeMap<Uuid, TreeSet<Integer>> told = new TreeMap<>();
    TreeMap<Uuid, TreeSet<Integer>> reads = new TreeMap<>();

    Client(String id, @Nullable String instanceId) {
      this.id = id;
      this.instanceId = instanceId;
    }
  }

  @Test
  void noPartitionIsReadByTwoMembersAndAllGetTheirsInTheEnd() {
    for (long seed = 0; seed < 60; seed++) {
      new ConsumerHistoryTest().run(seed);
    }
  }

  private void run(long seed) {
    random = new SplittableRandom(seed);
    cluster.brokerSettings.put("group.consumer.assignors", "uniform,range");
    cluster.createTopic("a", 3);
    for (int step = 0; step < STEPS; step++) {
      String what = "seed " + seed + ", step " + step;
      step(what);
      assertNothingIsReadTwice(what);
      if (step % 50 == 0) {
        assertThat(cluster.shard.replay().hardState())
            .as(what)
            .isEqualTo(cluster.shard.machine().hardState());
      }
    }
    converge("seed " + seed);
  }

  private void step(String what) {
    switch (random.nextInt(20)) {
      case 0, 1 -> {
        if (clients.size() < 6) {
          String id = "m" + clientCount++;
          clients.add(new Client(id, random.nextInt(3) == 0 ? "i" + id : null));
          choose(clients.getLast());
        }
      }
      case 2 -> {
        if (!clients.isEmpty()) {
          Client client = clients.remove(random.nextInt(clients.size()));
          if (random.nextBoolean()) {
            send(client, request(client, -1), what);
          }
        }
      }
      case 12 -> {
        if (!clients.isEmpty()) {
          restart(random.nextInt(clients.size()), what);
        }
      }
      case 3 -> {
        if (!clients.isEmpty()) {
          choose(clients.get(random.nextInt(clients.size())));
        }
      }
      case 4 -> changeTopics();
      case 5 -> cluster.shard.advance(Duration.ofMillis(random.nextInt(15_000)));
      case 6 -> {
        if (random.nextInt(4) == 0) {
          cluster.shard.reload();
        }
      }
      case 7, 8, 9, 10, 11 -> {
        if (!clients.isEmpty()) {
          read(clients.get(random.nextInt(clients.size())));
        }
      }
      default -> {
        if (!clients.isEmpty()) {
          beat(clients.get(random.nextInt(clients.size())), what);
        }
      }
    }
    if (random.nextInt(3) == 0) {
      cluster.shard.advance(Duration.ofMillis(random.nextInt(1_000)));
    }
  }

  /// A static member comes back under another id.
  private void restart(int index, String what) {
    Client client = clients.get(index);
    if (client.instanceId == null || client.epoch <= 0) {
      return;
    }
    send(client, request(client, -2), what);
    Client restarted = new Client("m" + clientCount++, client.instanceId);
    restarted.names = client.names;
    restarted.regex = client.regex;
    clients.set(index, restarted);
  }

  private static ConsumerGroupHeartbeatRequest.Builder request(Client client, int epoch) {
    return ConsumerShard.beat(client.id, epoch).instanceId(client.instanceId);
  }

  private void choose(Client client) {
    TreeSet<String> names = new TreeSet<>();
    for (String topic : TOPICS) {
      if (random.nextBoolean()) {
        names.add(topic);
      }
    }
    client.names = List.copyOf(names);
    client.regex = random.nextInt(3) == 0 ? REGEXES[random.nextInt(REGEXES.length)] : "";
    client.mustTellAll = true;
  }

  private void changeTopics() {
    String name = TOPICS[random.nextInt(TOPICS.length)];
    Topic topic = cluster.image().topic(name).orElse(null);
    if (topic == null) {
      cluster.createTopic(name, random.nextInt(1, 6));
    } else if (random.nextInt(3) == 0) {
      cluster.deleteTopic(name);
      clients.forEach(client -> client.reads.remove(topic.id()));
    } else {
      cluster.growTopic(name, topic.partitionCount() + random.nextInt(3));
    }
  }

  /// Gives up what it was told to give up, and begins with what is new.
  private static void read(Client client) {
    client.reads = copy(client.told);
  }

  @SuppressWarnings("NonApiType") // histories are replayed: the order has to be that of the keys
  private static TreeMap<Uuid, TreeSet<Integer>> copy(TreeMap<Uuid, TreeSet<Integer>> original) {
    TreeMap<Uuid, TreeSet<Integer>> copy = new TreeMap<>();
    original.forEach((topic, partitions) -> copy.put(topic, new TreeSet<>(partitions)));
    return copy;
  }

  private void beat(Client client, String what) {
    ConsumerGroupHeartbeatRequest.Builder request = request(client, client.epoch);
    if (client.mustTellAll || client.epoch == 0) {
      request
          .rebalanceTimeoutMs(20_000)
          .subscribedTopicNames(client.names)
          .subscribedTopicRegex(client.regex);
    }
    if (client.epoch == 0) {
      request.topicPartitions(List.of());
    } else if (client.mustTellAll || random.nextInt(3) > 0) {
      request.topicPartitions(ConsumerShard.owned(client.reads));
    }
    send(client, request, what);
  }

  private void send(Client client, ConsumerGroupHeartbeatRequest.Builder request, String what) {
    ConsumerGroupHeartbeatResponse response = cluster.heartbeat(request);
    ErrorCode error = ConsumerShard.error(response);
    if (error == ErrorCode.UNRELEASED_INSTANCE_ID && client.epoch == 0) {
      // It is fenced and does not know it was, or failed: its session has to run out.
      return;
    }
    if (error == ErrorCode.FENCED_INSTANCE_ID && client.epoch == 0) {
      // It leaves before it has joined.
      return;
    }
    if (error == ErrorCode.FENCED_MEMBER_EPOCH
        || error == ErrorCode.UNKNOWN_MEMBER_ID
        || error == ErrorCode.GROUP_ID_NOT_FOUND) {
      client.epoch = 0;
      client.mustTellAll = true;
      client.reads.clear();
      client.told.clear();
      return;
    }
    assertThat(error).as(what).isEqualTo(ErrorCode.NONE);
    client.mustTellAll = false;
    client.epoch = response.memberEpoch();
    ConsumerGroupHeartbeatResponse.Assignment assignment = response.assignment();
    if (assignment != null) {
      client.told.clear();
      for (ConsumerGroupHeartbeatResponse.TopicPartitions topic : assignment.topicPartitions()) {
        client.told.put(topic.topicId(), new TreeSet<>(topic.partitions()));
      }
    }
  }

  private void assertNothingIsReadTwice(String what) {
    TreeMap<String, String> readers = new TreeMap<>();
    for (Client client : clients) {
      if (client.epoch <= 0
          || cluster.shard.machine().consumers.findMember(ConsumerShard.GROUP, client.id) == null) {
        continue;
      }
      client.reads.forEach(
          (topic, partitions) ->
              partitions.forEach(
                  partition ->
                      assertThat(readers.put(topic + "-" + partition, client.id))
                          .as("%s: who else than %s reads %s-%d", what, client.id, topic, partition)
                          .isNull()));
    }
  }

  private void converge(String what) {
    cluster.shard.advance(Duration.ofMinutes(2));
    for (int round = 0; round < 30; round++) {
      for (Client client : clients) {
        beat(client, what);
        read(client);
      }
      assertNothingIsReadTwice(what);
      cluster.shard.advance(Duration.ofSeconds(3));
    }
    if (clients.isEmpty()) {
      return;
    }
    ConsumerGroup group = cluster.group();
    assertThat(group.state()).as(what).isEqualTo("Stable");
    assertThat(group.members()).as(what).hasSize(clients.size());
    TreeSet<String> read = new TreeSet<>();
    TreeSet<String> expected = new TreeSet<>();
    for (Client client : clients) {
      TreeMap<Uuid, List<Integer>> reads = new TreeMap<>();
      client.reads.forEach(
          (topic, partitions) -> {
            reads.put(topic, List.copyOf(partitions));
            partitions.forEach(partition -> read.add(topic + "-" + partition));
          });
      assertThat(reads).as(what).isEqualTo(group.targetOf(client.id).toMap());
      for (Topic topic : cluster.image().topics().values()) {
        if (client.names.contains(topic.name()) || topic.name().matches(client.regex)) {
          for (int i = 0; i < topic.partitionCount(); i++) {
            expected.add(topic.id() + "-" + i);
          }
        }
      }
    }
    assertThat(read).as(what).isEqualTo(expected);
    assertThat(cluster.shard.replay().hardState())
        .as(what)
        .isEqualTo(cluster.shard.machine().hardState());
  }
}
