package io.millrace.coordinator.group;

import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The groups of one partition of `__consumer_offsets`, by id.
final class Groups {
  private final TreeMap<String, Group> byId = new TreeMap<>();

  @Nullable Group find(String id) {
    return byId.get(id);
  }

  /// Adds a group, or puts it in the place of the one of that id: a group may change its protocol.
  void put(Group group) {
    byId.put(group.id(), group);
  }

  /// Those from `id` on, in the order of their ids.
  Collection<Group> from(String id) {
    return byId.tailMap(id).values();
  }

  void remove(String id) {
    byId.remove(id);
  }

  /// In the order of their ids.
  Collection<Group> all() {
    return byId.values();
  }
}
