package io.millrace.coordinator.group.assignor;

import io.millrace.protocol.Uuid;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Decides which member of a group reads which partitions. A pure function: equal inputs have equal
/// outputs. Every partition of a topic that somebody subscribed to is given to exactly one of its
/// subscribers.
public sealed interface Assignor permits RangeAssignor, UniformAssignor {
  /// The assignors there are.
  List<Assignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());

  /// As clients and settings name it.
  String name();

  /// What each member has to read: an entry for every member.
  SortedMap<String, Assignment> assign(Group group);

  /// What there is to assign, and to whom.
  ///
  /// @param members by id
  /// @param topics those that exist; members may be subscribed to others, which are passed over
  record Group(SortedMap<String, Member> members, SortedMap<Uuid, Topic> topics) {}

  /// A member as far as it matters for its share.
  ///
  /// @param topics what it is subscribed to
  /// @param current what was assigned to it last
  record Member(
      @Nullable String instanceId,
      @Nullable String rack,
      SortedSet<Uuid> topics,
      Assignment current) {}

  /// A topic that members are subscribed to.
  ///
  /// @param racks of the replicas of each partition; empty if no broker has a rack
  record Topic(int partitionCount, List<? extends Set<String>> racks) {
    boolean isIn(int partition, String rack) {
      return partition < racks.size() && racks.get(partition).contains(rack);
    }
  }
}
