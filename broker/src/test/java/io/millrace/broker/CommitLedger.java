package io.millrace.broker;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the members of one group tried to commit and what was acknowledged, to judge what is
/// fetched by (RELIABILITY.md 2.4, number 4).
///
/// Every commit carries metadata of its own, so that it is known which one a fetched offset is of.
final class CommitLedger {
  private final String group;
  private final Map<Integer, Partition> partitions = new TreeMap<>();
  private int acknowledged;
  private int fetched;

  private static final class Partition {
    private final Set<String> tried = new HashSet<>();
    private long acknowledgedOffset = -1;
  }

  CommitLedger(String group) {
    this.group = group;
  }

  String group() {
    return group;
  }

  /// A commit is about to be sent; from now on it may be found.
  void tried(int partition, long offset, String metadata) {
    of(partition).tried.add(offset + " " + metadata);
  }

  /// From now on at least this offset has to be found.
  void acknowledged(int partition, long offset) {
    Partition known = of(partition);
    known.acknowledgedOffset = Math.max(known.acknowledgedOffset, offset);
    acknowledged++;
  }

  /// What has to be found by a fetch that begins now, at least; -1 if that is nothing.
  long bound(int partition) {
    return of(partition).acknowledgedOffset;
  }

  /// Judges what was fetched.
  ///
  /// @param bound of the time when the request was sent
  void fetched(int partition, long bound, long offset, String metadata) {
    fetched++;
    if (offset < bound) {
      throw new AssertionError(
          "%s-%d: offset %d was fetched after %d was acknowledged"
              .formatted(group, partition, offset, bound));
    }
    if (offset >= 0 && !of(partition).tried.contains(offset + " " + metadata)) {
      throw new AssertionError(
          "%s-%d: nobody committed the offset %d (%s) that was fetched"
              .formatted(group, partition, offset, metadata));
    }
    // Whoever committed it may have died before it was told; what was seen must stay, too.
    Partition known = of(partition);
    known.acknowledgedOffset = Math.max(known.acknowledgedOffset, offset);
  }

  int acknowledgedCommits() {
    return acknowledged;
  }

  int fetches() {
    return fetched;
  }

  private Partition of(int partition) {
    return partitions.computeIfAbsent(partition, _ -> new Partition());
  }
}
