package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.record.CoordinatorKey;
import io.millrace.coordinator.group.record.CoordinatorValue;
import io.millrace.metadata.ImageDelta;
import org.jspecify.annotations.Nullable;

/// The consumer group protocol (KIP-848): the coordinator computes the assignment.
final class ConsumerGroups {
  final GroupMachine machine;

  ConsumerGroups(GroupMachine machine) {
    this.machine = machine;
  }

  void apply(CoordinatorKey key, @Nullable CoordinatorValue value) {}

  void begin(Now now) {}

  Decision<?> onMetadata(ImageDelta delta, Now now) {
    return Decision.none();
  }
}
