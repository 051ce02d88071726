package io.millrace.coordinator.group;

import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.record.GroupMetadataKey;
import io.millrace.coordinator.group.record.GroupMetadataValue;
import org.jspecify.annotations.Nullable;

/// The classic group protocol: members join, their leader computes the assignment.
final class ClassicGroups {
  final GroupMachine machine;

  ClassicGroups(GroupMachine machine) {
    this.machine = machine;
  }

  void apply(GroupMetadataKey key, @Nullable GroupMetadataValue value) {}

  void begin(Now now) {}

  void retire(ClassicGroup group) {}

  java.util.List<io.millrace.coordinator.StateRecord> adopt(ClassicGroup group, Now now) {
    machine.groups.put(group);
    return java.util.List.of();
  }
}
