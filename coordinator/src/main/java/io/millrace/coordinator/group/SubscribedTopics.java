package io.millrace.coordinator.group;

import io.millrace.metadata.Broker;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.Partition;
import io.millrace.metadata.Topic;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What groups need to know of topics: how many partitions they have, and the racks of those.
///
/// Remembers the hashes of topics, as long as the topics are the same.
final class SubscribedTopics {
  private record Known(Topic topic, long hash) {}

  private final TreeMap<String, Known> known = new TreeMap<>();

  /// Whether anything that groups look at is different after.
  static boolean isChanged(ImageDelta delta) {
    if (!delta.changedBrokers().isEmpty()) {
      return true;
    }
    for (String name : delta.changedTopics()) {
      Topic before = delta.before().topic(name).orElse(null);
      Topic after = delta.after().topic(name).orElse(null);
      if (before == null
          || after == null
          || !before.id().equals(after.id())
          || !replicas(before).equals(replicas(after))) {
        return true;
      }
    }
    return false;
  }

  private static List<List<Integer>> replicas(Topic topic) {
    return topic.partitions().values().stream().map(Partition::replicas).toList();
  }

  void forget() {
    known.clear();
  }

  /// A hash of those of the topics that exist: their ids, names, numbers of partitions and racks.
  /// It is written down, so it may not change from version to version.
  long hash(Collection<String> names, ClusterImage image) {
    long hash = 0;
    for (String name : new TreeSet<>(names)) {
      Topic topic = image.topics().get(name);
      if (topic != null) {
        hash = mix(hash, hash(topic, image));
      }
    }
    return hash;
  }

  @SuppressWarnings("ReferenceEquality") // images share the topics that did not change
  private long hash(Topic topic, ClusterImage image) {
    Known found = known.get(topic.name());
    if (found != null && found.topic() == topic) {
      return found.hash();
    }
    long hash = mix(topic.id().mostSignificantBits(), topic.id().leastSignificantBits());
    hash = mix(hash, text(topic.name()));
    hash = mix(hash, topic.partitionCount());
    for (Set<String> racks : racks(topic, image)) {
      hash = mix(hash, racks.size());
      for (String rack : racks) {
        hash = mix(hash, text(rack));
      }
    }
    known.put(topic.name(), new Known(topic, hash));
    return hash;
  }

  /// The racks of the replicas of each partition, none if no broker has a rack.
  static List<Set<String>> racks(Topic topic, ClusterImage image) {
    if (image.brokers().values().stream().noneMatch(broker -> broker.rack().isPresent())) {
      return List.of();
    }
    return topic.partitions().values().stream().map(each -> racks(each, image)).toList();
  }

  private static Set<String> racks(Partition partition, ClusterImage image) {
    TreeSet<String> racks = new TreeSet<>();
    for (int replica : partition.replicas()) {
      image.broker(replica).flatMap(Broker::rack).ifPresent(racks::add);
    }
    return racks;
  }

  private static long text(String text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = hash * 0x100000001b3L + text.charAt(i);
    }
    return hash;
  }

  /// Steele, Lea and Flood's SplitMix64 finalizer over both.
  private static long mix(long hash, long value) {
    long z = hash * 0x9e3779b97f4a7c15L + value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
