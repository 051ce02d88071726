package io.millrace.metadata;

import io.millrace.host.Entropy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Chooses brokers for the replicas of new partitions.
///
/// The brokers that may lead are laid out on a ring so that neighbours are on different racks as
/// far as that goes: one of each rack in turn. Partition `p` is led by the broker `p` steps after a
/// random start, so that leaders spread evenly over brokers and racks. Its other replicas are found
/// by walking on along the ring, first over racks that the partition is not on yet, then over
/// brokers. Each time the leaders have gone round the ring, the walk begins one step further on, so
/// that the partitions that one broker leads have different followers. Brokers that are fenced hold
/// replicas only where the others are too few, and are never first.
final class ReplicaPlacer {
  private final List<Broker> ring;
  private final List<Broker> fenced;

  ReplicaPlacer(Collection<Broker> brokers) {
    ring = interleaveRacks(brokers.stream().filter(Broker::isActive).toList());
    fenced = interleaveRacks(brokers.stream().filter(each -> !each.isActive()).toList());
  }

  /// How many brokers there are to place replicas on.
  int brokerCount() {
    return ring.size() + fenced.size();
  }

  /// Whether there is a broker that may lead.
  boolean hasLeaders() {
    return !ring.isEmpty();
  }

  /// The brokers for each of `partitions` new partitions, `replicationFactor` different ones each.
  /// There must be that many, and one that may lead.
  List<List<Integer>> place(int partitions, int replicationFactor, Entropy entropy) {
    int start = entropy.nextInt(ring.size());
    int shift = entropy.nextInt(ring.size());
    List<List<Integer>> placed = new ArrayList<>(partitions);
    for (int partition = 0; partition < partitions; partition++) {
      int leader = (start + partition) % ring.size();
      int walk = shift + partition / ring.size();
      placed.add(replicas(leader, walk, replicationFactor));
    }
    return placed;
  }

  private List<Integer> replicas(int leader, int walk, int replicationFactor) {
    List<Broker> chosen = new ArrayList<>(replicationFactor);
    chosen.add(ring.get(leader));
    int others = ring.size() - 1;
    for (boolean newRacksOnly : new boolean[] {true, false}) {
      for (int step = 0; step < others && chosen.size() < replicationFactor; step++) {
        Broker candidate = ring.get((leader + 1 + (walk + step) % others) % ring.size());
        if (!chosen.contains(candidate) && (!newRacksOnly || isOnNewRack(candidate, chosen))) {
          chosen.add(candidate);
        }
      }
    }
    for (Broker candidate : fenced) {
      if (chosen.size() < replicationFactor) {
        chosen.add(candidate);
      }
    }
    return chosen.stream().map(Broker::id).toList();
  }

  private static boolean isOnNewRack(Broker candidate, List<Broker> chosen) {
    return chosen.stream().noneMatch(each -> each.rack().equals(candidate.rack()));
  }

  /// One broker of each rack in turn, racks in the order of their names, brokers in that of ids.
  private static List<Broker> interleaveRacks(List<Broker> brokers) {
    TreeMap<String, List<Broker>> racks = new TreeMap<>();
    for (Broker broker : brokers.stream().sorted(Comparator.comparingInt(Broker::id)).toList()) {
      Optional<String> rack = broker.rack();
      racks
          .computeIfAbsent(rack.map(name -> "=" + name).orElse(""), _ -> new ArrayList<>())
          .add(broker);
    }
    List<Broker> interleaved = new ArrayList<>(brokers.size());
    for (int round = 0; interleaved.size() < brokers.size(); round++) {
      for (List<Broker> onRack : racks.values()) {
        if (round < onRack.size()) {
          interleaved.add(onRack.get(round));
        }
      }
    }
    return interleaved;
  }
}
