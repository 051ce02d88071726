package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.CoordinatorKey;
import io.millrace.coordinator.group.record.CoordinatorValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The records that a command is about to write, and what they make of the group.
final class GroupDraft {
  private final List<StateRecord> records = new ArrayList<>();
  private ConsumerGroup group;

  GroupDraft(ConsumerGroup group) {
    this.group = group;
  }

  /// The group as it will be.
  ConsumerGroup group() {
    return group;
  }

  List<StateRecord> records() {
    return records;
  }

  void write(StateRecord record) {
    records.add(record);
    ConsumerGroup next =
        group.with((CoordinatorKey) record.key(), (@Nullable CoordinatorValue) record.value());
    if (next != null) {
      group = next;
    }
  }

  void write(List<StateRecord> more) {
    more.forEach(this::write);
  }

  /// Adds records of another group, or of another kind of group.
  void writeForeign(List<StateRecord> more) {
    records.addAll(more);
  }
}
