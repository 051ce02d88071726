package io.millrace.replication;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The partitions that this broker leads, by topic id and by name. Changed only by the task that
/// follows the metadata; read by everybody.
public final class Partitions {
  private final ConcurrentHashMap<TopicPartition, Partition> byName = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Id, Partition> byId = new ConcurrentHashMap<>();

  public void add(Partition partition) {
    byName.put(partition.name(), partition);
    byId.put(new Id(partition.topicId(), partition.name().partition()), partition);
  }

  /// Forgets a partition and ends its leadership; nothing happens if it is not known.
  public void remove(TopicPartition name) {
    Partition partition = byName.remove(name);
    if (partition != null) {
      byId.remove(new Id(partition.topicId(), name.partition()));
      partition.close();
    }
  }

  public Optional<Partition> find(TopicPartition name) {
    return Optional.ofNullable(byName.get(name));
  }

  public Optional<Partition> find(Uuid topicId, int partition) {
    return Optional.ofNullable(byId.get(new Id(topicId, partition)));
  }

  public Optional<Partition> find(PartitionKey key) {
    return key.isById()
        ? find(key.topicId(), key.partition())
        : find(new TopicPartition(key.topic(), key.partition()));
  }

  /// All of them, ordered by topic and partition.
  public List<Partition> all() {
    return byName.values().stream().sorted((a, b) -> a.name().compareTo(b.name())).toList();
  }

  private record Id(Uuid topicId, int partition) {}
}
