package io.millrace.coordinator.group;

import io.millrace.protocol.Uuid;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// Finds the members of a consumer group by what they have. Immutable; [#changed] follows a change
/// of one member at the cost of that change.
///
/// @param byInstance the ids of static members
/// @param owners who has each partition, or is to give it up and may still have it
record MemberIndex(
    PSortedMap<String, String> byInstance, PSortedMap<Uuid, PSortedMap<Integer, String>> owners) {
  static final MemberIndex EMPTY = new MemberIndex(TreePMap.empty(), TreePMap.empty());

  @Nullable String ownerOf(Uuid topic, int partition) {
    PSortedMap<Integer, String> byPartition = owners.get(topic);
    return byPartition == null ? null : byPartition.get(partition);
  }

  MemberIndex changed(@Nullable ConsumerMember before, @Nullable ConsumerMember after) {
    return new MemberIndex(instances(before, after), owners(before, after));
  }

  private PSortedMap<String, String> instances(
      @Nullable ConsumerMember before, @Nullable ConsumerMember after) {
    PSortedMap<String, String> result = byInstance;
    String old = before == null ? null : before.instanceId();
    if (before != null && old != null && before.id().equals(result.get(old))) {
      result = result.minus(old);
    }
    String now = after == null ? null : after.instanceId();
    if (after != null && now != null) {
      result = result.plus(now, after.id());
    }
    return result;
  }

  @SuppressWarnings("ReferenceEquality") // unequal ones are compared in full below
  private PSortedMap<Uuid, PSortedMap<Integer, String>> owners(
      @Nullable ConsumerMember before, @Nullable ConsumerMember after) {
    PSortedMap<Uuid, PSortedMap<Integer, String>> result = owners;
    if (before != null && after != null && before.current() == after.current()) {
      return result;
    }
    if (before != null) {
      result = released(result, before.id(), before.current().assigned());
      result = released(result, before.id(), before.current().pendingRevocation());
    }
    if (after != null) {
      result = taken(result, after.id(), after.current().assigned());
      result = taken(result, after.id(), after.current().pendingRevocation());
    }
    return result;
  }

  private static PSortedMap<Uuid, PSortedMap<Integer, String>> released(
      PSortedMap<Uuid, PSortedMap<Integer, String>> from, String member, OwnedPartitions owned) {
    PSortedMap<Uuid, PSortedMap<Integer, String>> result = from;
    for (Map.Entry<Uuid, SortedMap<Integer, Integer>> entry : owned.byTopic().entrySet()) {
      PSortedMap<Integer, String> byPartition = result.get(entry.getKey());
      if (byPartition == null) {
        continue;
      }
      for (int partition : entry.getValue().keySet()) {
        if (member.equals(byPartition.get(partition))) {
          byPartition = byPartition.minus(partition);
        }
      }
      result =
          byPartition.isEmpty()
              ? result.minus(entry.getKey())
              : result.plus(entry.getKey(), byPartition);
    }
    return result;
  }

  private static PSortedMap<Uuid, PSortedMap<Integer, String>> taken(
      PSortedMap<Uuid, PSortedMap<Integer, String>> from, String member, OwnedPartitions owned) {
    PSortedMap<Uuid, PSortedMap<Integer, String>> result = from;
    for (Map.Entry<Uuid, SortedMap<Integer, Integer>> entry : owned.byTopic().entrySet()) {
      PSortedMap<Integer, String> byPartition = result.get(entry.getKey());
      if (byPartition == null) {
        byPartition = TreePMap.empty();
      }
      for (int partition : entry.getValue().keySet()) {
        byPartition = byPartition.plus(partition, member);
      }
      result = result.plus(entry.getKey(), byPartition);
    }
    return result;
  }
}
