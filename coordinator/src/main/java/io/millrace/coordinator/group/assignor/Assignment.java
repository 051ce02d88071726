package io.millrace.coordinator.group.assignor;

import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Partitions of topics: what a member has to read. Immutable; topics and partitions are in order.
public final class Assignment {
  public static final Assignment EMPTY = new Assignment(new Uuid[0], new int[0][]);

  private final Uuid[] topics;
  private final int[][] partitions;

  private Assignment(Uuid[] topics, int[][] partitions) {
    this.topics = topics;
    this.partitions = partitions;
  }

  /// Topics without partitions are left out.
  public static Assignment of(Map<Uuid, ? extends Collection<Integer>> partitionsByTopic) {
    Builder builder = new Builder(partitionsByTopic.size());
    new TreeMap<>(partitionsByTopic)
        .forEach(
            (topic, partitions) ->
                builder.add(
                    topic, partitions.stream().mapToInt(Integer::intValue).sorted().toArray()));
    return builder.build();
  }

  public boolean isEmpty() {
    return topics.length == 0;
  }

  public int topicCount() {
    return topics.length;
  }

  /// The topic at `index`, in order of ids.
  public Uuid topic(int index) {
    return topics[index];
  }

  /// How many partitions of the topic at `index` there are.
  public int partitionCount(int index) {
    return partitions[index].length;
  }

  /// A partition of the topic at `index`; ascending.
  public int partition(int index, int position) {
    return partitions[index][position];
  }

  /// The partitions of the topic at `index`, ascending.
  public List<Integer> partitions(int index) {
    return Arrays.stream(partitions[index]).boxed().toList();
  }

  /// How many partitions there are in all.
  public int size() {
    int size = 0;
    for (int[] each : partitions) {
      size += each.length;
    }
    return size;
  }

  public boolean contains(Uuid topic, int partition) {
    int index = Arrays.binarySearch(topics, topic);
    return index >= 0 && Arrays.binarySearch(partitions[index], partition) >= 0;
  }

  /// As a map, in order.
  public SortedMap<Uuid, List<Integer>> toMap() {
    TreeMap<Uuid, List<Integer>> map = new TreeMap<>();
    for (int i = 0; i < topics.length; i++) {
      map.put(topics[i], partitions(i));
    }
    return map;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Assignment that
        && Arrays.equals(topics, that.topics)
        && Arrays.deepEquals(partitions, that.partitions);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(topics) + Arrays.deepHashCode(partitions);
  }

  @Override
  public String toString() {
    return toMap().toString();
  }

  /// Collects topics, which have to come in order of their ids.
  static final class Builder {
    private final ArrayList<Uuid> topics;
    private final ArrayList<int[]> partitions;

    Builder(int expectedTopics) {
      topics = new ArrayList<>(expectedTopics);
      partitions = new ArrayList<>(expectedTopics);
    }

    /// @param ascending the partitions; kept, not copied
    void add(Uuid topic, int[] ascending) {
      if (ascending.length > 0) {
        topics.add(topic);
        partitions.add(ascending);
      }
    }

    Assignment build() {
      return topics.isEmpty()
          ? EMPTY
          : new Assignment(topics.toArray(Uuid[]::new), partitions.toArray(int[][]::new));
    }
  }
}
