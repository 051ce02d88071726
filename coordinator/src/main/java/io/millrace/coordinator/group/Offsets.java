package io.millrace.coordinator.group;

import io.millrace.coordinator.Machine;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/// What groups have committed.
final class Offsets {
  final GroupMachine machine;

  Offsets(GroupMachine machine) {
    this.machine = machine;
  }

  void apply(
      OffsetCommitKey key, @Nullable OffsetCommitValue value, Machine.Provenance provenance) {}

  void applyMarker(Machine.EndMarker marker, long offset) {}

  void begin(Now now) {}
}
