package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Entropy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReplicaPlacerTest {
  @Test
  void replicasAreOnDifferentBrokersAndRacksAndLeadersAreSpread() {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Entropy entropy = new SeededEntropy(seed);
      int brokerCount = random.nextInt(1, 10);
      int rackCount = random.nextInt(1, 5);
      ClusterImage image = ClusterImage.EMPTY;
      for (int id = 0; id < brokerCount; id++) {
        String rack = rackCount == 1 ? "" : "r" + id % rackCount;
        image = Clusters.after(image, entropy, Clusters.broker(id, rack));
      }
      int replicas = random.nextInt(1, brokerCount + 1);
      int partitions = random.nextInt(1, 50);
      List<List<Integer>> placed =
          new ReplicaPlacer(image.brokers().values()).place(partitions, replicas, entropy);

      assertThat(placed).as("seed %d", seed).hasSize(partitions);
      TreeMap<Integer, Integer> leaders = new TreeMap<>();
      for (List<Integer> each : placed) {
        assertThat(new HashSet<>(each)).as("seed %d", seed).hasSize(replicas);
        leaders.merge(each.getFirst(), 1, Integer::sum);
        List<Integer> racks = new ArrayList<>();
        each.forEach(id -> racks.add(rackCount == 1 ? 0 : id % rackCount));
        assertThat(new HashSet<>(racks).size())
            .as("racks of %s, seed %d", each, seed)
            .isEqualTo(Math.min(replicas, Math.min(rackCount, brokerCount)));
      }
      int most = Collections.max(leaders.values());
      assertThat(most)
          .as("leaders %s, seed %d", leaders, seed)
          .isLessThanOrEqualTo((partitions + brokerCount - 1) / brokerCount);
    }
  }

  @Test
  void partitionsOfOneLeaderHaveDifferentFollowers() {
    ClusterImage image = ClusterImage.EMPTY;
    Entropy entropy = new SeededEntropy(3);
    for (int id = 0; id < 4; id++) {
      image = Clusters.after(image, entropy, Clusters.broker(id, ""));
    }
    List<List<Integer>> placed = new ReplicaPlacer(image.brokers().values()).place(12, 2, entropy);
    assertThat(new HashSet<>(placed)).hasSize(12);
  }
}
