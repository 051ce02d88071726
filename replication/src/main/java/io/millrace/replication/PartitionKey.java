package io.millrace.replication;

import io.millrace.protocol.Uuid;

/// How a request names a partition: by topic id (then `topic` is empty), or, in older versions, by
/// name (then `topicId` is zero).
public record PartitionKey(Uuid topicId, String topic, int partition, boolean isById) {
  public static PartitionKey byId(Uuid topicId, int partition) {
    return new PartitionKey(topicId, "", partition, true);
  }

  public static PartitionKey byName(String topic, int partition) {
    return new PartitionKey(Uuid.ZERO, topic, partition, false);
  }
}
