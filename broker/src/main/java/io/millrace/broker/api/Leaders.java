package io.millrace.broker.api;

import io.millrace.metadata.Broker;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Partition;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Optional;

/// What clients are told about who leads a partition and who does not answer.
final class Leaders {
  private Leaders() {}

  /// Whether a client on `listener` can reach the leader.
  static ErrorCode error(ClusterImage image, Partition partition, String listener) {
    Optional<Broker> leader = image.broker(partition.leader()).filter(broker -> !broker.fenced());
    if (leader.isEmpty()) {
      return ErrorCode.LEADER_NOT_AVAILABLE;
    }
    return leader.get().endpoint(listener).isEmpty()
        ? ErrorCode.LISTENER_NOT_FOUND
        : ErrorCode.NONE;
  }

  /// The replicas whose brokers are not alive.
  static List<Integer> offline(ClusterImage image, Partition partition) {
    return partition.replicas().stream()
        .filter(id -> image.broker(id).map(Broker::fenced).orElse(true))
        .toList();
  }
}
