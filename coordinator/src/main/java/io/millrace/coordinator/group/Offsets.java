package io.millrace.coordinator.group;

import io.millrace.coordinator.Machine;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import io.millrace.metadata.ImageDelta;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What groups have committed.
///
/// Offsets committed in a transaction are *pending* until the transaction ends (KIP-447). Then the
/// later one counts, by its place in the log, of what the transaction and others committed.
final class Offsets {
  final GroupMachine machine;
  final OffsetCommits commits;
  final OffsetFetches fetches;
  final OffsetRemoval removal;
  final Verifications verifications = new Verifications();

  private final TreeMap<String, TreeMap<String, SortedMap<Integer, CommittedOffset>>> byGroup =
      new TreeMap<>();

  /// By producer id, what will be committed with its transaction.
  private final TreeMap<Long, TreeMap<Place, CommittedOffset>> pending = new TreeMap<>();

  /// The producers with pending offsets, by what they want to commit.
  private final TreeMap<Place, TreeSet<Long>> producers = new TreeMap<>();

  private boolean hasBegun;

  /// What an offset is committed for.
  record Place(String groupId, String topic, int partition) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int order = groupId.compareTo(other.groupId);
      if (order == 0) {
        order = topic.compareTo(other.topic);
      }
      return order == 0 ? Integer.compare(partition, other.partition) : order;
    }
  }

  Offsets(GroupMachine machine) {
    this.machine = machine;
    this.commits = new OffsetCommits(machine);
    this.fetches = new OffsetFetches(machine, this);
    this.removal = new OffsetRemoval(machine, this);
  }

  void apply(
      OffsetCommitKey key, @Nullable OffsetCommitValue value, Machine.Provenance provenance) {
    Place place = new Place(key.group(), key.topic(), key.partition());
    if (value == null) {
      remove(place);
      return;
    }
    CommittedOffset committed = CommittedOffset.of(value, provenance.offset());
    if (provenance.isTransactional()) {
      pending.computeIfAbsent(provenance.producerId(), _ -> new TreeMap<>()).put(place, committed);
      producers.computeIfAbsent(place, _ -> new TreeSet<>()).add(provenance.producerId());
    } else {
      put(place, committed);
    }
    if (hasBegun && machine.groups.find(key.group()) == null) {
      machine.classic.findOrCreate(key.group());
    }
  }

  private void put(Place place, CommittedOffset committed) {
    byGroup
        .computeIfAbsent(place.groupId(), _ -> new TreeMap<>())
        .computeIfAbsent(place.topic(), _ -> new TreeMap<>())
        .put(place.partition(), committed);
  }

  private void remove(Place place) {
    TreeMap<String, SortedMap<Integer, CommittedOffset>> topics = byGroup.get(place.groupId());
    SortedMap<Integer, CommittedOffset> partitions =
        topics == null ? null : topics.get(place.topic());
    if (topics != null && partitions != null) {
      partitions.remove(place.partition());
      if (partitions.isEmpty()) {
        topics.remove(place.topic());
      }
      if (topics.isEmpty()) {
        byGroup.remove(place.groupId());
      }
    }
    TreeSet<Long> open = producers.remove(place);
    if (open != null) {
      open.forEach(producerId -> removePending(producerId, place));
    }
  }

  private void removePending(long producerId, Place place) {
    TreeMap<Place, CommittedOffset> offsets = pending.get(producerId);
    if (offsets != null) {
      offsets.remove(place);
      if (offsets.isEmpty()) {
        pending.remove(producerId);
      }
    }
  }

  /// A transaction ends: its offsets count, or are gone.
  void applyMarker(Machine.EndMarker marker, long offset) {
    verifications.endAll(marker.producerId());
    TreeMap<Place, CommittedOffset> ended = pending.remove(marker.producerId());
    if (ended == null) {
      return;
    }
    ended.forEach(
        (place, committed) -> {
          TreeSet<Long> open = producers.get(place);
          if (open != null) {
            open.remove(marker.producerId());
            if (open.isEmpty()) {
              producers.remove(place);
            }
          }
          if (marker.isCommit()) {
            CommittedOffset earlier = of(place.groupId(), place.topic()).get(place.partition());
            if (earlier == null || earlier.recordOffset() < committed.recordOffset()) {
              put(place, committed);
            }
          }
        });
  }

  void begin(Now now) {
    hasBegun = true;
    byGroup.keySet().forEach(this::ensureGroup);
    producers.keySet().forEach(place -> ensureGroup(place.groupId()));
    removal.begin();
  }

  /// Offsets of a group of which nothing else is written belong to consumers that are no members.
  private void ensureGroup(String groupId) {
    if (machine.groups.find(groupId) == null) {
      machine.classic.findOrCreate(groupId);
    }
  }

  void onMetadata(ImageDelta delta) {
    removal.onTopicsDeleted(delta.deletedTopics());
  }

  /// By topic and partition, what a group has committed.
  SortedMap<String, SortedMap<Integer, CommittedOffset>> of(String groupId) {
    TreeMap<String, SortedMap<Integer, CommittedOffset>> found = byGroup.get(groupId);
    return found == null ? Collections.emptySortedMap() : found;
  }

  SortedMap<Integer, CommittedOffset> of(String groupId, String topic) {
    SortedMap<Integer, CommittedOffset> found = of(groupId).get(topic);
    return found == null ? Collections.emptySortedMap() : found;
  }

  /// What open transactions want to commit for a group.
  SortedSet<Place> pendingOf(String groupId) {
    return producers
        .navigableKeySet()
        .subSet(
            new Place(groupId, "", Integer.MIN_VALUE),
            new Place(groupId + "\0", "", Integer.MIN_VALUE));
  }

  boolean isPending(String groupId, String topic, int partition) {
    return producers.containsKey(new Place(groupId, topic, partition));
  }

  /// Whether the group has offsets, committed or pending.
  boolean has(String groupId) {
    return byGroup.containsKey(groupId) || !pendingOf(groupId).isEmpty();
  }

  /// What the log says of offsets.
  List<Object> hardState() {
    return List.of(byGroup, pending);
  }
}
