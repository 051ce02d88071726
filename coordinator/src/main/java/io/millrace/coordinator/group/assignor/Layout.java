package io.millrace.coordinator.group.assignor;

import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A group in numbers: members, topics and partitions are counted in their order, so that an
/// assignor works on arrays.
final class Layout {
  final List<String> memberIds;
  final List<Assignor.Member> members;
  final Uuid[] topicIds;
  final Assignor.Topic[] topics;

  /// The number of the first partition of each topic, and after the last the number of all.
  final int[] firstPartition;

  /// The topics that each member subscribed to and that exist, ascending.
  final int[][] subscriptions;

  /// The members subscribed to each topic, ascending.
  final int[][] subscribers;

  /// Whether all members have the same subscription.
  final boolean isHomogeneous;

  Layout(Assignor.Group group) {
    memberIds = List.copyOf(group.members().keySet());
    members = List.copyOf(group.members().values());
    topicIds = group.topics().keySet().toArray(Uuid[]::new);
    topics = group.topics().values().toArray(Assignor.Topic[]::new);
    firstPartition = new int[topics.length + 1];
    for (int i = 0; i < topics.length; i++) {
      firstPartition[i + 1] = firstPartition[i] + topics[i].partitionCount();
    }
    subscriptions = new int[members.size()][];
    boolean same = true;
    for (int i = 0; i < subscriptions.length; i++) {
      subscriptions[i] =
          i > 0 && members.get(i).topics().equals(members.get(i - 1).topics())
              ? subscriptions[i - 1]
              : subscription(members.get(i));
      same = same && Arrays.equals(subscriptions[i], subscriptions[0]);
    }
    isHomogeneous = same;
    subscribers = subscribers();
  }

  private int[] subscription(Assignor.Member member) {
    int[] found = new int[member.topics().size()];
    int count = 0;
    for (Uuid topic : member.topics()) {
      int index = Arrays.binarySearch(topicIds, topic);
      if (index >= 0) {
        found[count++] = index;
      }
    }
    return Arrays.copyOf(found, count);
  }

  private int[][] subscribers() {
    int[] counts = new int[topics.length];
    for (int[] subscription : subscriptions) {
      for (int topic : subscription) {
        counts[topic]++;
      }
    }
    int[][] result = new int[topics.length][];
    for (int topic = 0; topic < topics.length; topic++) {
      result[topic] = new int[counts[topic]];
    }
    Arrays.fill(counts, 0);
    for (int member = 0; member < subscriptions.length; member++) {
      for (int topic : subscriptions[member]) {
        result[topic][counts[topic]++] = member;
      }
    }
    return result;
  }

  int partitionCount() {
    return firstPartition[topics.length];
  }

  /// The topic of each partition.
  int[] topicOfPartition() {
    int[] result = new int[partitionCount()];
    for (int topic = 0; topic < topics.length; topic++) {
      Arrays.fill(result, firstPartition[topic], firstPartition[topic + 1], topic);
    }
    return result;
  }

  boolean isSubscribed(int member, int topic) {
    return Arrays.binarySearch(subscriptions[member], topic) >= 0;
  }

  /// Who has each partition now, as far as that may stay so; -1 for nobody. If two members have the
  /// same partition, the first keeps it.
  int[] currentOwners() {
    int[] owners = new int[partitionCount()];
    Arrays.fill(owners, -1);
    for (int member = 0; member < members.size(); member++) {
      Assignment current = members.get(member).current();
      for (int i = 0; i < current.topicCount(); i++) {
        int topic = Arrays.binarySearch(topicIds, current.topic(i));
        if (topic < 0 || !isSubscribed(member, topic)) {
          continue;
        }
        for (int j = 0; j < current.partitionCount(i); j++) {
          int partition = firstPartition[topic] + current.partition(i, j);
          if (partition < firstPartition[topic + 1] && owners[partition] < 0) {
            owners[partition] = member;
          }
        }
      }
    }
    return owners;
  }

  /// Whether a replica of the partition is in the member's rack; so for no member without a rack.
  boolean isNear(int member, int topic, int partition) {
    @Nullable String rack = members.get(member).rack();
    return rack != null && topics[topic].isIn(partition - firstPartition[topic], rack);
  }

  /// Whether racks make a difference.
  boolean hasRacks() {
    for (Assignor.Topic topic : topics) {
      if (!topic.racks().isEmpty()) {
        return members.stream().anyMatch(member -> member.rack() != null);
      }
    }
    return false;
  }

  /// Assignments of what each partition's owner is.
  SortedMap<String, Assignment> assignments(int[] owners) {
    List<Assignment.Builder> builders = new ArrayList<>();
    for (int member = 0; member < memberIds.size(); member++) {
      builders.add(new Assignment.Builder(subscriptions[member].length));
    }
    int[] counts = new int[memberIds.size()];
    for (int topic = 0; topic < topics.length; topic++) {
      int first = firstPartition[topic];
      int end = firstPartition[topic + 1];
      for (int partition = first; partition < end; partition++) {
        if (owners[partition] >= 0) {
          counts[owners[partition]]++;
        }
      }
      int[][] lists = new int[memberIds.size()][];
      for (int partition = end - 1; partition >= first; partition--) {
        int owner = owners[partition];
        if (owner >= 0) {
          if (lists[owner] == null) {
            lists[owner] = new int[counts[owner]];
          }
          lists[owner][--counts[owner]] = partition - first;
        }
      }
      for (int member : subscribers[topic]) {
        if (lists[member] != null) {
          builders.get(member).add(topicIds[topic], lists[member]);
        }
      }
    }
    TreeMap<String, Assignment> result = new TreeMap<>();
    for (int member = 0; member < memberIds.size(); member++) {
      result.put(memberIds.get(member), builders.get(member).build());
    }
    return result;
  }
}
