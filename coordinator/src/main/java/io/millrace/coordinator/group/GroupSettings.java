package io.millrace.coordinator.group;

import io.millrace.metadata.config.Config;

/// The settings that groups follow, as they are now: dynamic ones may change at any time.
public interface GroupSettings {
  /// Of the broker: `group.*`, `offsets.*`.
  Config broker();

  /// Of one group: what ConfigCommand sets for it, else the broker's defaults.
  Config group(String groupId);
}
