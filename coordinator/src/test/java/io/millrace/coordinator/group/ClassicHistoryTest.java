package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicShard.GROUP;
import static io.millrace.coordinator.group.ClassicShard.TOPIC;
import static io.millrace.coordinator.group.ClassicShard.committing;
import static io.millrace.coordinator.group.ClassicShard.joining;
import static io.millrace.coordinator.group.ClassicShard.leaving;
import static io.millrace.coordinator.group.ClassicShard.protocol;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.TestShard;
import io.millrace.coordinator.group.record.GroupMetadataValue;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random histories of members, commits, transactions, time and reloads.
final class ClassicHistoryTest {
  private static final int STEPS = 400;
  private static final int SEEDS = 30;
  private static final int CLIENTS = 6;
  private static final int PARTITIONS = 4;

  @ParameterizedTest
  @ValueSource(longs = {1, 1_000_000, 2_000_000})
  void everyStateIsWhatTheLogSays(long firstSeed) {
    for (long seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
      new History(seed).run();
    }
  }

  /// What a client believes.
  private static final class Client {
    String memberId = "";
    String instanceId = "";
    int generation = -1;
    @Nullable Answer<JoinGroupResponse> joining;
  }

  private static final class History {
    private final long seed;
    private final SplittableRandom random;
    private final ClassicShard group = new ClassicShard();
    private final List<Client> clients = new ArrayList<>();

    /// What offsets should be, by partition; and what transactions would make them.
    private final Map<Integer, Long> offsets = new HashMap<>();

    private final Map<Integer, Integer> committedAt = new HashMap<>();
    private final Map<Long, Map<Integer, long[]>> pending = new HashMap<>();
    private int lastGeneration;
    private int clock;

    History(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      group.settings.put("group.initial.rebalance.delay.ms", random.nextBoolean() ? "0" : "500");
      if (random.nextInt(3) == 0) {
        group.settings.put("group.max.size", "4");
      }
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client();
        client.instanceId = i < 2 ? "static-" + i : "";
        clients.add(client);
      }
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        clock = i;
        step();
        clients.forEach(this::hear);
        check();
      }
    }

    private void step() {
      Client client = clients.get(random.nextInt(CLIENTS));
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4 -> join(client);
        case 5, 6, 7, 8 -> sync(client);
        case 9, 10 -> heartbeat(client);
        case 11 -> leave(client);
        case 12, 13 -> commit(client);
        case 14, 15 -> commitInTransaction(1 + random.nextInt(3));
        case 16 -> endTransaction(1 + random.nextInt(3));
        case 17, 18 -> group.shard.advance(Duration.ofMillis(random.nextInt(8_000)));
        default -> rarely();
      }
    }

    private void rarely() {
      switch (random.nextInt(8)) {
        case 0, 1 -> reload();
        case 2 -> group.shard.advance(Duration.ofMinutes(2));
        case 3 -> delete();
        case 4 -> group.shard.advance(Duration.ofHours(1));
        default -> {}
      }
    }

    private @Nullable String instance(Client client) {
      return client.instanceId.isEmpty() ? null : client.instanceId;
    }

    private void join(Client client) {
      JoinGroupRequest.Builder request =
          joining(client.memberId).groupInstanceId(instance(client)).rebalanceTimeoutMs(20_000);
      if (random.nextInt(6) == 0) {
        request.protocols(List.of(protocol("range", TOPIC, "t" + random.nextInt(3))));
      }
      client.joining = group.join(request, random.nextInt(10));
      client.generation = -1;
    }

    private void hear(Client client) {
      Answer<JoinGroupResponse> joining = client.joining;
      if (joining == null || !joining.isReady()) {
        return;
      }
      client.joining = null;
      JoinGroupResponse response = group.shard.result(joining);
      switch (ErrorCode.forCode(response.errorCode())) {
        case NONE -> {
          client.memberId = response.memberId();
          client.generation = response.generationId();
        }
        case MEMBER_ID_REQUIRED -> client.memberId = response.memberId();
        case REBALANCE_IN_PROGRESS -> {}
        default -> client.memberId = "";
      }
    }

    private void sync(Client client) {
      if (client.generation >= 0 && group.hasGroup()) {
        group.sync(client.memberId, client.generation);
      }
    }

    private void heartbeat(Client client) {
      ErrorCode error = group.heartbeat(client.memberId, instance(client), client.generation);
      if (error == ErrorCode.NONE) {
        assertThat(client.generation).as(where()).isEqualTo(group.group().generation());
      } else if (error == ErrorCode.UNKNOWN_MEMBER_ID || error == ErrorCode.FENCED_INSTANCE_ID) {
        client.memberId = "";
      }
    }

    private void leave(Client client) {
      if (!client.memberId.isEmpty()) {
        group.leave(leaving(client.memberId, instance(client)));
      }
    }

    private void commit(Client client) {
      int partition = random.nextInt(PARTITIONS);
      long offset = random.nextInt(1_000);
      ErrorCode error =
          random.nextBoolean()
              ? group.commit(committing(GROUP, partition, offset))
              : group.commit(
                  committing(GROUP, partition, offset, client.memberId, client.generation));
      if (error == ErrorCode.NONE) {
        offsets.put(partition, offset);
        committedAt.put(partition, clock);
      }
    }

    private void commitInTransaction(long producerId) {
      int partition = random.nextInt(PARTITIONS);
      long offset = random.nextInt(1_000);
      if (group.commitInTransaction(producerId, partition, offset) == ErrorCode.NONE) {
        pending
            .computeIfAbsent(producerId, _ -> new HashMap<>())
            .put(partition, new long[] {offset, clock});
      }
    }

    private void endTransaction(long producerId) {
      boolean isCommit = random.nextBoolean();
      group.endTransaction(producerId, isCommit);
      Map<Integer, long[]> ended = pending.remove(producerId);
      if (ended != null && isCommit) {
        ended.forEach(
            (partition, committed) -> {
              if (committedAt.getOrDefault(partition, -1) < committed[1]) {
                offsets.put(partition, committed[0]);
                committedAt.put(partition, (int) committed[1]);
              }
            });
      }
    }

    private void reload() {
      group.shard.reload();
      // Whoever waited is told that the coordinator has moved.
      clients.forEach(client -> client.joining = null);
      lastGeneration = 0;
    }

    private void delete() {
      ErrorCode error = group.shard.ask((machine, now) -> machine.delete(GROUP));
      if (error == ErrorCode.NONE) {
        offsets.clear();
        committedAt.clear();
        pending.clear();
        lastGeneration = 0;
      }
    }

    private String where() {
      return "seed " + seed + ", step " + clock;
    }

    private void check() {
      TestShard<GroupMachine> shard = group.shard;
      assertThat(shard.replay().hardState()).as(where()).isEqualTo(shard.machine().hardState());
      if (!group.hasGroup()) {
        lastGeneration = 0;
        assertThat(offsets).as(where()).isEmpty();
        return;
      }
      for (int partition = 0; partition < PARTITIONS; partition++) {
        assertThat(group.offsetOf(partition))
            .as(where())
            .isEqualTo(offsets.getOrDefault(partition, -1L));
      }
      checkGroup(group.group());
    }

    private void checkGroup(ClassicGroup now) {
      assertThat(now.generation()).as(where()).isGreaterThanOrEqualTo(lastGeneration);
      lastGeneration = now.generation();
      if (!now.is(ClassicState.PREPARING_REBALANCE)) {
        assertThat(now.isEmpty()).as(where()).isEqualTo(now.size() == 0);
      }
      assertThat(now.awaitingJoins())
          .as(where())
          .isEqualTo((int) now.members().stream().filter(m -> m.awaitingJoin != null).count());
      assertThat(now.leaderId() != null).as(where()).isEqualTo(now.size() > 0);
      if (now.leaderId() != null) {
        assertThat(now.hasMember(now.leaderId())).as(where()).isTrue();
      }
      for (ClassicMember member : now.members()) {
        if (member.instanceId() != null) {
          assertThat(now.memberIdOf(member.instanceId())).as(where()).isEqualTo(member.id());
        }
        if (!now.is(ClassicState.PREPARING_REBALANCE)) {
          assertThat(member.awaitingJoin).as(where()).isNull();
        }
        if (!now.is(ClassicState.COMPLETING_REBALANCE)) {
          assertThat(member.awaitingSync).as(where()).isNull();
        }
      }
      GroupMetadataValue written = group.shard.machine().classic.hardState().get(GROUP);
      if (now.is(ClassicState.STABLE) && written != null) {
        assertThat(written.generation()).as(where()).isEqualTo(now.generation());
        assertThat(written.members()).as(where()).hasSize(now.size());
        // Nobody works on what another one of the same generation works on.
        assertThat(
                now.members().stream()
                    .map(m -> ClassicShard.text(ByteBuffer.wrap(m.assignment())))
                    .filter(text -> !text.isEmpty()))
            .as(where())
            .doesNotHaveDuplicates();
      }
    }
  }
}
