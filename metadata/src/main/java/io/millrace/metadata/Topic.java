package io.millrace.metadata;

import io.millrace.protocol.Uuid;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// A topic and its partitions, by index.
public record Topic(String name, Uuid id, PSortedMap<Integer, Partition> partitions) {
  static Topic empty(String name, Uuid id) {
    return new Topic(name, id, TreePMap.empty());
  }

  public int partitionCount() {
    return partitions.size();
  }

  /// The partition of that index, null if the topic has none.
  public @Nullable Partition partition(int index) {
    return partitions.get(index);
  }

  /// The number of replicas of the first partition.
  public int replicationFactor() {
    Partition first = partitions.get(0);
    return first == null ? 0 : first.replicas().size();
  }

  Topic with(int index, Partition partition) {
    return new Topic(name, id, partitions.plus(index, partition));
  }
}
