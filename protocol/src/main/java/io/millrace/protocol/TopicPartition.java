package io.millrace.protocol;

/// The name of a partition: a topic and the index of the partition in it, from 0.
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {
  @Override
  public int compareTo(TopicPartition other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
  }

  /// `<topic>-<partition>`, which is also the name of the partition's directory.
  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
