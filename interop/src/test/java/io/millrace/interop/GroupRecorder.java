package io.millrace.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;

/// What the members of a group owned, and when, and what was delivered to them; tells afterwards
/// whether a partition had two owners at a time and whether a record was left out or came twice.
///
/// Times are those of the monotonic clock, which the processes of a Linux machine share: a program
/// beside the test may tell its own. Safe for use by many threads.
final class GroupRecorder {
  /// How an ownership ended.
  enum End {
    /// The member gave the partition up; nobody may have owned it before that.
    REVOKED,
    /// The group had thrown the member out before it knew: others may have owned it already.
    LOST,
    /// The member is gone.
    DIED
  }

  private record Span(String member, long startNs, long endNs, End end) {}

  private record Partition(String topic, int number) implements Comparable<Partition> {
    @Override
    public int compareTo(Partition other) {
      int byTopic = topic.compareTo(other.topic);
      return byTopic != 0 ? byTopic : Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
      return topic + "-" + number;
    }
  }

  private static final class History {
    final Map<String, Long> openSinceNs = new TreeMap<>();
    final List<Span> spans = new ArrayList<>();
    final Map<Long, Integer> deliveries = new HashMap<>();
    final List<Long> acknowledged = new ArrayList<>();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Partition, History> histories = new TreeMap<>();
  private final Map<String, Long> deliveredTo = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private final long slackNs;
  private long deliveredCount;

  GroupRecorder() {
    this(Duration.ZERO);
  }

  /// @param slack by how much a told end of an ownership may be late, where it is known only from
  ///   when a line was read
  GroupRecorder(Duration slack) {
    this.slackNs = slack.toNanos();
  }

  void assigned(String member, Collection<TopicPartition> partitions) {
    assigned(member, partitions, System.nanoTime());
  }

  void assigned(String member, Collection<TopicPartition> partitions, long atNs) {
    locked(() -> partitions.forEach(partition -> history(partition).openSinceNs.put(member, atNs)));
  }

  void ended(String member, Collection<TopicPartition> partitions, End end) {
    ended(member, partitions, end, System.nanoTime());
  }

  void ended(String member, Collection<TopicPartition> partitions, End end, long atNs) {
    locked(() -> partitions.forEach(partition -> endLocked(history(partition), member, end, atNs)));
  }

  /// The member owns nothing any more.
  void endedAll(String member, End end, long atNs) {
    locked(() -> histories.values().forEach(history -> endLocked(history, member, end, atNs)));
  }

  private static void endLocked(History history, String member, End end, long atNs) {
    Long since = history.openSinceNs.remove(member);
    if (since != null) {
      history.spans.add(new Span(member, since, atNs, end));
    }
  }

  /// A producer was told that the record is in the log.
  void acknowledged(String topic, int partition, long offset) {
    locked(() -> history(new TopicPartition(topic, partition)).acknowledged.add(offset));
  }

  void delivered(String member, String topic, int partition, long offset) {
    locked(
        () -> {
          history(new TopicPartition(topic, partition)).deliveries.merge(offset, 1, Integer::sum);
          deliveredTo.merge(member, 1L, Long::sum);
          deliveredCount++;
        });
  }

  /// Something that must not happen, found by a member itself.
  void violation(String what) {
    locked(() -> violations.add(what));
  }

  /// The partitions that a member owns now.
  List<String> ownedBy(String member) {
    lock.lock();
    try {
      return histories.entrySet().stream()
          .filter(entry -> entry.getValue().openSinceNs.containsKey(member))
          .map(entry -> entry.getKey().toString())
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /// Whether every partition of the topic is owned, by exactly these members together, each with at
  /// least one.
  boolean isShared(String topic, int partitions, Collection<String> members) {
    lock.lock();
    try {
      var owners = new TreeSet<String>();
      for (int i = 0; i < partitions; i++) {
        History history = histories.get(new Partition(topic, i));
        if (history == null || history.openSinceNs.size() != 1) {
          return false;
        }
        owners.addAll(history.openSinceNs.keySet());
      }
      return owners.equals(new TreeSet<>(members));
    } finally {
      lock.unlock();
    }
  }

  /// How many records came to this member.
  long deliveredTo(String member) {
    lock.lock();
    try {
      return Objects.requireNonNullElse(deliveredTo.get(member), 0L);
    } finally {
      lock.unlock();
    }
  }

  long deliveredCount() {
    lock.lock();
    try {
      return deliveredCount;
    } finally {
      lock.unlock();
    }
  }

  /// Acknowledged records that came to nobody.
  List<String> missing() {
    lock.lock();
    try {
      var missing = new ArrayList<String>();
      histories.forEach(
          (partition, history) ->
              history.acknowledged.stream()
                  .filter(offset -> !history.deliveries.containsKey(offset))
                  .forEach(offset -> missing.add(partition + "@" + offset)));
      return first(missing);
    } finally {
      lock.unlock();
    }
  }

  /// Records that came more than once.
  List<String> doubled() {
    lock.lock();
    try {
      var doubled = new ArrayList<String>();
      histories.forEach(
          (partition, history) ->
              history.deliveries.forEach(
                  (offset, count) -> {
                    if (count > 1) {
                      doubled.add(partition + "@" + offset + " × " + count);
                    }
                  }));
      return first(doubled);
    } finally {
      lock.unlock();
    }
  }

  /// Partitions that two members owned at a time, and what members found themselves.
  List<String> violations() {
    lock.lock();
    try {
      var found = new ArrayList<>(violations);
      histories.forEach(
          (partition, history) -> {
            var spans = new ArrayList<>(history.spans);
            long nowNs = System.nanoTime();
            history.openSinceNs.forEach(
                (member, sinceNs) -> spans.add(new Span(member, sinceNs, nowNs, End.REVOKED)));
            spans.sort((a, b) -> Long.compare(a.startNs(), b.startNs()));
            for (int i = 0; i < spans.size(); i++) {
              for (int j = i + 1; j < spans.size(); j++) {
                if (isOverlap(spans.get(i), spans.get(j))) {
                  found.add(partition + ": " + spans.get(i) + " and " + spans.get(j));
                }
              }
            }
          });
      return first(found);
    } finally {
      lock.unlock();
    }
  }

  private boolean isOverlap(Span earlier, Span later) {
    // A span that ends with LOST had ended for the group at a time that only the broker knows.
    return earlier.end() != End.LOST
        && !earlier.member().equals(later.member())
        && later.startNs() < earlier.endNs() - slackNs;
  }

  private History history(TopicPartition partition) {
    return histories.computeIfAbsent(
        new Partition(partition.topic(), partition.partition()), _ -> new History());
  }

  private void locked(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private static List<String> first(List<String> all) {
    return all.size() > 20 ? new ArrayList<>(all.subList(0, 20)) : all;
  }
}
