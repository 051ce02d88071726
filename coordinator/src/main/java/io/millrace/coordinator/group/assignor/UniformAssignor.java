package io.millrace.coordinator.group.assignor;

import java.util.Arrays;
import java.util.SortedMap;

/// Gives all members the same number of partitions, or as near to that as their subscriptions
/// allow, and moves no more partitions than that takes. Of partitions that have to move anyway, a
/// member gets those that have a replica in its rack first.
public final class UniformAssignor implements Assignor {
  @Override
  public String name() {
    return "uniform";
  }

  @Override
  public SortedMap<String, Assignment> assign(Group group) {
    Layout layout = new Layout(group);
    int[] owners = layout.currentOwners();
    if (layout.members.isEmpty()) {
      return layout.assignments(owners);
    }
    if (layout.isHomogeneous) {
      assignEqually(layout, owners);
    } else {
      new UnevenSubscriptions(layout, owners).assign();
    }
    return layout.assignments(owners);
  }

  /// All members have the same subscription: each gets its share, and one more as long as there are
  /// any over, which those get first that have more than their share now.
  private static void assignEqually(Layout layout, int[] owners) {
    int memberCount = layout.members.size();
    int subscribedPartitions = 0;
    for (int topic : layout.subscriptions[0]) {
      subscribedPartitions += layout.topics[topic].partitionCount();
    }
    int share = subscribedPartitions / memberCount;
    int extra = subscribedPartitions % memberCount;
    int[] loads = new int[memberCount];
    for (int owner : owners) {
      if (owner >= 0) {
        loads[owner]++;
      }
    }
    int[] quotas = new int[memberCount];
    Arrays.fill(quotas, share);
    for (int member = 0; member < memberCount && extra > 0; member++) {
      if (loads[member] > share) {
        quotas[member]++;
        extra--;
      }
    }
    for (int member = 0; member < memberCount && extra > 0; member++) {
      if (loads[member] <= share) {
        quotas[member]++;
        extra--;
      }
    }
    for (int partition = owners.length - 1; partition >= 0; partition--) {
      int owner = owners[partition];
      if (owner >= 0 && loads[owner] > quotas[owner]) {
        owners[partition] = -1;
        loads[owner]--;
      }
    }
    if (layout.hasRacks()) {
      fillNear(layout, owners, loads, quotas);
    }
    fill(layout, owners, loads, quotas);
  }

  private static void fillNear(Layout layout, int[] owners, int[] loads, int[] quotas) {
    int next = 0;
    for (int topic : layout.subscriptions[0]) {
      for (int p = layout.firstPartition[topic]; p < layout.firstPartition[topic + 1]; p++) {
        for (int i = 0; i < loads.length && owners[p] < 0; i++) {
          int member = (next + i) % loads.length;
          if (loads[member] < quotas[member] && layout.isNear(member, topic, p)) {
            owners[p] = member;
            loads[member]++;
            next = member + 1;
          }
        }
      }
    }
  }

  /// Deals the partitions that nobody has to the members that have less than their quota, in turn.
  private static void fill(Layout layout, int[] owners, int[] loads, int[] quotas) {
    int[] unfilled = new int[loads.length];
    int count = 0;
    for (int member = 0; member < loads.length; member++) {
      if (loads[member] < quotas[member]) {
        unfilled[count++] = member;
      }
    }
    int turn = 0;
    for (int topic : layout.subscriptions[0]) {
      for (int p = layout.firstPartition[topic]; p < layout.firstPartition[topic + 1]; p++) {
        if (owners[p] >= 0) {
          continue;
        }
        int member = unfilled[turn];
        owners[p] = member;
        if (++loads[member] < quotas[member]) {
          turn++;
        } else {
          System.arraycopy(unfilled, turn + 1, unfilled, turn, count - turn - 1);
          count--;
        }
        if (turn >= count) {
          turn = 0;
        }
      }
    }
  }
}
