package io.millrace.metadata;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Checks replicas that a user chose, and makes new partitions of replicas.
final class Assignments {
  private Assignments() {}

  /// Why the brokers cannot hold a partition with `replicationFactor` replicas.
  static Outcome check(
      ClusterImage image, int partition, List<Integer> brokers, int replicationFactor) {
    if (brokers.isEmpty()) {
      return invalid("The assignment of partition %d has no replicas".formatted(partition));
    }
    if (brokers.size() != replicationFactor) {
      return invalid(
          "The assignment of partition %d has %d replicas, but %d are needed"
              .formatted(partition, brokers.size(), replicationFactor));
    }
    if (new HashSet<>(brokers).size() < brokers.size()) {
      return invalid(
          "The assignment of partition %d names a broker twice: %s".formatted(partition, brokers));
    }
    for (int id : brokers) {
      if (image.broker(id).isEmpty()) {
        return invalid(
            "The assignment of partition %d names broker %d, which is not registered"
                .formatted(partition, id));
      }
    }
    if (active(image, brokers).isEmpty()) {
      return invalid(
          "All brokers in the assignment of partition %d are fenced or shutting down"
              .formatted(partition));
    }
    return Outcome.DONE;
  }

  private static Outcome invalid(String message) {
    return Outcome.failed(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
  }

  /// A new partition on those brokers, of which at least one is active.
  static Partition newPartition(ClusterImage image, List<Integer> brokers) {
    List<Integer> isr = active(image, brokers);
    return new Partition(
        brokers,
        brokers.stream().map(id -> directory(image, id)).toList(),
        isr,
        List.of(),
        List.of(),
        isr.getFirst(),
        0,
        0);
  }

  private static List<Integer> active(ClusterImage image, List<Integer> brokers) {
    return brokers.stream()
        .filter(id -> image.broker(id).filter(Broker::isActive).isPresent())
        .toList();
  }

  /// The directory of a broker that has only one; the broker chooses among several, and until it
  /// has said so the protocol's "unassigned" stands there.
  private static Uuid directory(ClusterImage image, int id) {
    Optional<List<Uuid>> directories = image.broker(id).map(Broker::logDirs);
    return directories.filter(all -> all.size() == 1).map(List::getFirst).orElse(Uuid.ZERO);
  }
}
