package io.millrace.coordinator.group.assignor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The uniform assignment of a group whose members have different subscriptions.
///
/// It first keeps what members have and gives each of the other partitions to the least loaded of
/// those who may have it. Then it looks for paths along which a member can pass a partition on, the
/// next member another one, and so on, to a member that has at least two partitions less than the
/// first; it stops when there are none. Then no other assignment is nearer to equal: that of
/// partitions to members is a semi-matching, which is optimal when no path lowers its cost (Harvey,
/// Ladner, Lovász, Tamir: Semi-matchings for bipartite graphs and load balancing, 2003).
final class UnevenSubscriptions {
  private final Layout layout;
  private final int[] owners;
  private final int[] before;
  private final int[] topicOf;
  private final int[] loads;
  private final List<List<Integer>> owned = new ArrayList<>();

  UnevenSubscriptions(Layout layout, int[] owners) {
    this.layout = layout;
    this.owners = owners;
    this.before = owners.clone();
    this.topicOf = layout.topicOfPartition();
    this.loads = new int[layout.members.size()];
    for (int member = 0; member < loads.length; member++) {
      owned.add(new ArrayList<>());
    }
  }

  void assign() {
    for (int partition = 0; partition < owners.length; partition++) {
      if (owners[partition] >= 0) {
        give(partition, owners[partition]);
      }
    }
    fill();
    balance();
  }

  private void give(int partition, int member) {
    owners[partition] = member;
    owned.get(member).add(partition);
    loads[member]++;
  }

  private void fill() {
    List<Integer> topics = new ArrayList<>();
    for (int topic = 0; topic < layout.topics.length; topic++) {
      if (layout.subscribers[topic].length > 0) {
        topics.add(topic);
      }
    }
    topics.sort(Comparator.comparingInt(topic -> layout.subscribers[topic].length));
    boolean hasRacks = layout.hasRacks();
    for (int topic : topics) {
      for (int p = layout.firstPartition[topic]; p < layout.firstPartition[topic + 1]; p++) {
        if (owners[p] < 0) {
          give(p, leastLoaded(topic, p, hasRacks));
        }
      }
    }
  }

  private int leastLoaded(int topic, int partition, boolean hasRacks) {
    int best = -1;
    boolean bestIsNear = false;
    for (int member : layout.subscribers[topic]) {
      if (best >= 0 && loads[member] > loads[best]) {
        continue;
      }
      boolean isNear = hasRacks && layout.isNear(member, topic, partition);
      if (best < 0 || loads[member] < loads[best] || (isNear && !bestIsNear)) {
        best = member;
        bestIsNear = isNear;
      }
    }
    return best;
  }

  /// Always the most loaded member passes one on, so that none ends with less than it would have
  /// to. If none that it reaches has two partitions less than it, none of them reaches such a
  /// member either: they are done, too.
  private void balance() {
    Comparator<Integer> byLoad = Comparator.comparingInt(member -> -loads[member]);
    TreeSet<Integer> waiting = new TreeSet<>(byLoad.thenComparing(Comparator.naturalOrder()));
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int member = 0; member < loads.length; member++) {
        waiting.add(member);
      }
      while (!waiting.isEmpty()) {
        moved |= passOn(waiting.first(), waiting);
      }
    }
  }

  /// Moves one partition away from `source` along the shortest path to the least loaded member that
  /// it reaches. If that makes nothing better, none of those whom it reached waits any longer.
  private boolean passOn(int source, Set<Integer> waiting) {
    int[] cameFrom = new int[loads.length];
    int[] by = new int[loads.length];
    Arrays.fill(cameFrom, -1);
    cameFrom[source] = source;
    boolean[] isSeen = new boolean[layout.topics.length];
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    List<Integer> reached = new ArrayList<>();
    queue.add(source);
    int best = source;
    while (!queue.isEmpty()) {
      int member = queue.remove();
      reached.add(member);
      if (loads[member] < loads[best]) {
        best = member;
      }
      for (int partition : owned.get(member)) {
        int topic = topicOf[partition];
        if (!isSeen[topic]) {
          isSeen[topic] = true;
          for (int next : layout.subscribers[topic]) {
            if (cameFrom[next] < 0) {
              cameFrom[next] = member;
              by[next] = topic;
              queue.add(next);
            }
          }
        }
      }
    }
    if (loads[best] > loads[source] - 2) {
      reached.forEach(waiting::remove);
      return false;
    }
    waiting.remove(source);
    boolean bestWaited = waiting.remove(best);
    for (int member = best; member != source; member = cameFrom[member]) {
      move(cameFrom[member], member, by[member]);
    }
    waiting.add(source);
    if (bestWaited) {
      waiting.add(best);
    }
    return true;
  }

  /// Moves a partition of `topic`, rather one that `from` did not have before.
  @SuppressWarnings("ListRemoveAmbiguous") // by index
  private void move(int from, int to, int topic) {
    List<Integer> candidates = owned.get(from);
    int chosen = -1;
    for (int i = 0; i < candidates.size(); i++) {
      int partition = candidates.get(i);
      if (topicOf[partition] == topic
          && (chosen < 0 || before[partition] == to || before[partition] != from)) {
        chosen = i;
        if (before[partition] == to) {
          break;
        }
      }
    }
    int partition = candidates.remove(chosen);
    loads[from]--;
    give(partition, to);
  }
}
