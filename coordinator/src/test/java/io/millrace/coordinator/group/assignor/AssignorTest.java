package io.millrace.coordinator.group.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway") // an entry that is missing fails the test, as it should
class AssignorTest {
  private static final Assignor UNIFORM = new UniformAssignor();
  private static final Assignor RANGE = new RangeAssignor();

  private static Uuid topic(int number) {
    return new Uuid(0, number);
  }

  private static Assignor.Topic topicOf(int partitions) {
    return new Assignor.Topic(partitions, List.of());
  }

  private static Assignor.Member member(Set<Uuid> topics, Assignment current) {
    return new Assignor.Member(null, null, new TreeSet<>(topics), current);
  }

  /// Members m0, m1, ... with all topics t1, t2, ...
  private static Assignor.Group group(int members, int... partitions) {
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    for (int i = 0; i < partitions.length; i++) {
      topics.put(topic(i + 1), topicOf(partitions[i]));
    }
    TreeMap<String, Assignor.Member> all = new TreeMap<>();
    for (int i = 0; i < members; i++) {
      all.put(String.format("m%04d", i), member(topics.keySet(), Assignment.EMPTY));
    }
    return new Assignor.Group(all, topics);
  }

  private static Assignor.Group after(
      Assignor.Group group, SortedMap<String, Assignment> assignments) {
    TreeMap<String, Assignor.Member> members = new TreeMap<>();
    group
        .members()
        .forEach(
            (id, each) ->
                members.put(
                    id,
                    new Assignor.Member(
                        each.instanceId(),
                        each.rack(),
                        each.topics(),
                        assignments.getOrDefault(id, Assignment.EMPTY))));
    return new Assignor.Group(members, group.topics());
  }

  private static Assignor.Group random(SplittableRandom random, boolean isHomogeneous, int limit) {
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    int topicCount = random.nextInt(1, 4);
    for (int i = 0; i < topicCount; i++) {
      topics.put(topic(i), topicOf(random.nextInt(0, limit)));
    }
    TreeMap<String, Assignor.Member> members = new TreeMap<>();
    int memberCount = random.nextInt(1, 5);
    for (int i = 0; i < memberCount; i++) {
      TreeSet<Uuid> subscription = new TreeSet<>();
      for (Uuid topic : topics.keySet()) {
        if (isHomogeneous || random.nextInt(3) > 0) {
          subscription.add(topic);
        }
      }
      TreeMap<Uuid, List<Integer>> current = new TreeMap<>();
      for (int j = random.nextInt(6); j > 0; j--) {
        List<Integer> partitions =
            current.computeIfAbsent(topic(random.nextInt(5)), _ -> new ArrayList<>());
        int partition = random.nextInt(limit + 2);
        if (!partitions.contains(partition)) {
          partitions.add(partition);
        }
      }
      members.put("m" + random.nextInt(1000), member(subscription, Assignment.of(current)));
    }
    return new Assignor.Group(members, topics);
  }

  private static void assertCompleteAndDisjoint(
      Assignor.Group group, SortedMap<String, Assignment> assignments, String what) {
    assertThat(assignments.keySet()).as(what).isEqualTo(group.members().keySet());
    Map<String, String> owners = new LinkedHashMap<>();
    assignments.forEach(
        (id, assignment) ->
            assignment
                .toMap()
                .forEach(
                    (topic, partitions) -> {
                      assertThat(group.members().get(id).topics()).as(what).contains(topic);
                      for (int partition : partitions) {
                        assertThat(partition)
                            .as(what)
                            .isLessThan(group.topics().get(topic).partitionCount());
                        assertThat(owners.put(topic + "-" + partition, id)).as(what).isNull();
                      }
                    }));
    int expected = 0;
    for (Map.Entry<Uuid, Assignor.Topic> topic : group.topics().entrySet()) {
      if (group.members().values().stream().anyMatch(m -> m.topics().contains(topic.getKey()))) {
        expected += topic.getValue().partitionCount();
      }
    }
    assertThat(owners).as(what).hasSize(expected);
  }

  private static int spread(SortedMap<String, Assignment> assignments) {
    int min = Integer.MAX_VALUE;
    int max = 0;
    for (Assignment each : assignments.values()) {
      min = Math.min(min, each.size());
      max = Math.max(max, each.size());
    }
    return max - min;
  }

  private static int kept(Assignor.Group group, SortedMap<String, Assignment> assignments) {
    int kept = 0;
    for (Map.Entry<String, Assignor.Member> member : group.members().entrySet()) {
      Assignment now = assignments.get(member.getKey());
      for (Map.Entry<Uuid, List<Integer>> topic : member.getValue().current().toMap().entrySet()) {
        for (int partition : topic.getValue()) {
          kept += now.contains(topic.getKey(), partition) ? 1 : 0;
        }
      }
    }
    return kept;
  }

  @Test
  void randomGroupsAreAssignedCompletelyAndTheSameWayWhateverTheOrder() {
    for (long seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Assignor.Group group = random(random, random.nextBoolean(), 8);
      List<Map.Entry<String, Assignor.Member>> entries =
          new ArrayList<>(group.members().entrySet());
      Collections.shuffle(entries, new java.util.Random(seed));
      TreeMap<String, Assignor.Member> shuffled = new TreeMap<>();
      entries.forEach(entry -> shuffled.put(entry.getKey(), entry.getValue()));
      for (Assignor assignor : Assignor.ALL) {
        String what = assignor.name() + ", seed " + seed;
        SortedMap<String, Assignment> assignments = assignor.assign(group);
        assertCompleteAndDisjoint(group, assignments, what);
        assertThat(assignor.assign(new Assignor.Group(shuffled, group.topics())))
            .as(what)
            .isEqualTo(assignments);
      }
    }
  }

  /// The assignments that are possible, one after the other.
  private static final class Oracle {
    private final List<List<Integer>> candidates = new ArrayList<>();
    private final List<Integer> currentOwner = new ArrayList<>();
    private final int[] loads;
    private long leastCost = Long.MAX_VALUE;
    private int mostKept;

    Oracle(Assignor.Group group) {
      List<Assignor.Member> members = List.copyOf(group.members().values());
      loads = new int[members.size()];
      group
          .topics()
          .forEach(
              (topic, described) -> {
                List<Integer> subscribers = new ArrayList<>();
                for (int i = 0; i < members.size(); i++) {
                  if (members.get(i).topics().contains(topic)) {
                    subscribers.add(i);
                  }
                }
                for (int p = 0; p < described.partitionCount() && !subscribers.isEmpty(); p++) {
                  candidates.add(subscribers);
                  int owner = -1;
                  for (int i = members.size() - 1; i >= 0; i--) {
                    owner = members.get(i).current().contains(topic, p) ? i : owner;
                  }
                  currentOwner.add(owner);
                }
              });
      search(0, 0);
    }

    private void search(int partition, int kept) {
      if (partition == candidates.size()) {
        long cost = Arrays.stream(loads).mapToLong(load -> (long) load * load).sum();
        if (cost < leastCost || (cost == leastCost && kept > mostKept)) {
          leastCost = cost;
          mostKept = kept;
        }
        return;
      }
      for (int member : candidates.get(partition)) {
        loads[member]++;
        search(partition + 1, kept + (currentOwner.get(partition) == member ? 1 : 0));
        loads[member]--;
      }
    }
  }

  private static long cost(SortedMap<String, Assignment> assignments) {
    return assignments.values().stream().mapToLong(a -> (long) a.size() * a.size()).sum();
  }

  /// The current owners, as far as nobody has a partition twice and all are subscribed.
  private static Assignor.Group cleaned(Assignor.Group group) {
    Layout layout = new Layout(group);
    return after(group, layout.assignments(layout.currentOwners()));
  }

  @Test
  void uniformIsAsBalancedAsSubscriptionsAllow() {
    for (long seed = 0; seed < 1500; seed++) {
      Assignor.Group group = random(new SplittableRandom(seed), false, 4);
      SortedMap<String, Assignment> assignments = UNIFORM.assign(group);
      assertThat(cost(assignments)).as("seed %d", seed).isEqualTo(new Oracle(group).leastCost);
    }
  }

  @Test
  void uniformMovesAsLittleAsItCanWithEqualSubscriptions() {
    for (long seed = 0; seed < 1500; seed++) {
      Assignor.Group group = cleaned(random(new SplittableRandom(seed), true, 4));
      SortedMap<String, Assignment> assignments = UNIFORM.assign(group);
      assertThat(spread(assignments)).as("seed %d", seed).isLessThanOrEqualTo(1);
      assertThat(kept(group, assignments))
          .as("seed %d", seed)
          .isEqualTo(new Oracle(group).mostKept);
    }
  }

  @Test
  void aBalancedAssignmentStays() {
    for (long seed = 0; seed < 1000; seed++) {
      Assignor.Group group = random(new SplittableRandom(seed), seed % 2 == 0, 12);
      SortedMap<String, Assignment> once = UNIFORM.assign(group);
      assertThat(UNIFORM.assign(after(group, once))).as("seed %d", seed).isEqualTo(once);
    }
  }

  @Test
  void onlyThePartitionsOfAMemberThatLeavesMove() {
    Assignor.Group group = group(7, 20, 13);
    SortedMap<String, Assignment> before = UNIFORM.assign(group);
    TreeMap<String, Assignor.Member> remaining = new TreeMap<>(after(group, before).members());
    remaining.remove("m0003");
    Assignor.Group smaller = new Assignor.Group(remaining, group.topics());
    SortedMap<String, Assignment> now = UNIFORM.assign(smaller);
    assertThat(spread(now)).isLessThanOrEqualTo(1);
    assertThat(kept(smaller, now)).isEqualTo(33 - before.get("m0003").size());
  }

  @Test
  void aMemberGetsPartitionsInItsRack() {
    List<Set<String>> racks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      racks.add(Set.of(i % 2 == 0 ? "a" : "b"));
    }
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    topics.put(topic(1), new Assignor.Topic(6, racks));
    TreeSet<Uuid> subscription = new TreeSet<>(topics.keySet());
    TreeMap<String, Assignor.Member> members = new TreeMap<>();
    members.put("m1", new Assignor.Member(null, "b", subscription, Assignment.EMPTY));
    members.put("m2", new Assignor.Member(null, "a", subscription, Assignment.EMPTY));
    SortedMap<String, Assignment> assignments = UNIFORM.assign(new Assignor.Group(members, topics));
    assertThat(assignments.get("m1").partitions(0)).containsExactly(1, 3, 5);
    assertThat(assignments.get("m2").partitions(0)).containsExactly(0, 2, 4);
  }

  @Test
  void rangesOfTopicsWithTheSameSubscribersAreTheSame() {
    SortedMap<String, Assignment> assignments = RANGE.assign(group(3, 7, 7, 2));
    assertThat(assignments.get("m0000").toMap())
        .isEqualTo(
            Map.of(topic(1), List.of(0, 1, 2), topic(2), List.of(0, 1, 2), topic(3), List.of(0)));
    assertThat(assignments.get("m0001").toMap())
        .isEqualTo(Map.of(topic(1), List.of(3, 4), topic(2), List.of(3, 4), topic(3), List.of(1)));
    assertThat(assignments.get("m0002").toMap())
        .isEqualTo(Map.of(topic(1), List.of(5, 6), topic(2), List.of(5, 6)));
  }

  @Test
  void staticMembersKeepTheirPlacesInRanges() {
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    topics.put(topic(1), topicOf(4));
    TreeSet<Uuid> subscription = new TreeSet<>(topics.keySet());
    TreeMap<String, Assignor.Member> members = new TreeMap<>();
    members.put("a", new Assignor.Member(null, null, subscription, Assignment.EMPTY));
    members.put("b", new Assignor.Member("i2", null, subscription, Assignment.EMPTY));
    members.put("c", new Assignor.Member("i1", null, subscription, Assignment.EMPTY));
    SortedMap<String, Assignment> assignments = RANGE.assign(new Assignor.Group(members, topics));
    assertThat(assignments.get("c").partitions(0)).containsExactly(0, 1);
    assertThat(assignments.get("b").partitions(0)).containsExactly(2);
    assertThat(assignments.get("a").partitions(0)).containsExactly(3);
  }

  @Test
  void largeGroupsAreBalanced() {
    for (Assignor.Group group :
        List.of(group(200, 400), group(1000, 10_000), uneven(1000, 100, 100))) {
      SortedMap<String, Assignment> assignments = UNIFORM.assign(group);
      assertCompleteAndDisjoint(group, assignments, "large");
      assertThat(spread(assignments)).isLessThanOrEqualTo(1);
      // A member more moves no more than its share.
      TreeMap<String, Assignor.Member> more = new TreeMap<>(after(group, assignments).members());
      more.put("new", member(group.topics().keySet(), Assignment.EMPTY));
      Assignor.Group larger = new Assignor.Group(more, group.topics());
      SortedMap<String, Assignment> then = UNIFORM.assign(larger);
      assertThat(kept(larger, then))
          .isEqualTo(kept(after(group, assignments), assignments) - then.get("new").size());
    }
  }

  /// Every member subscribes to half of the topics.
  private static Assignor.Group uneven(int members, int topicCount, int partitions) {
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    for (int i = 0; i < topicCount; i++) {
      topics.put(topic(i), topicOf(partitions));
    }
    TreeMap<String, Assignor.Member> all = new TreeMap<>();
    for (int i = 0; i < members; i++) {
      TreeSet<Uuid> subscription = new TreeSet<>();
      for (int t = 0; t < topicCount / 2; t++) {
        subscription.add(topic((t * 7 + i) % topicCount));
      }
      all.put(String.format("m%04d", i), member(subscription, Assignment.EMPTY));
    }
    return new Assignor.Group(all, topics);
  }
}
