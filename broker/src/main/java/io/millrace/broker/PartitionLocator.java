package io.millrace.broker;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Partitions;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds the partitions that requests name, among those that this broker leads.
public final class PartitionLocator {
  private final Partitions partitions;
  private final Supplier<ClusterImage> image;

  public PartitionLocator(Partitions partitions, Supplier<ClusterImage> image) {
    this.partitions = partitions;
    this.image = image;
  }

  /// The partition, if it is led here.
  public Optional<Partition> find(PartitionKey key) {
    return partitions.find(key);
  }

  /// What to answer for a partition that [#find] does not find: that the cluster has none of that
  /// name or id, or that another broker leads it.
  public ErrorCode whyMissing(PartitionKey key) {
    Optional<Topic> topic =
        key.isById() ? image.get().topic(key.topicId()) : image.get().topic(key.topic());
    if (topic.isEmpty() && key.isById()) {
      return ErrorCode.UNKNOWN_TOPIC_ID;
    }
    if (topic.isEmpty() || topic.get().partition(key.partition()) == null) {
      return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }
    return ErrorCode.NOT_LEADER_OR_FOLLOWER;
  }
}
