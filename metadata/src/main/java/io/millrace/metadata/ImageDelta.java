package io.millrace.metadata;

import io.millrace.metadata.record.BrokerRegistrationChangeRecord;
import io.millrace.metadata.record.ConfigRecord;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.PartitionChangeRecord;
import io.millrace.metadata.record.PartitionRecord;
import io.millrace.metadata.record.RegisterBrokerRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.metadata.record.UnregisterBrokerRecord;
import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What lies between two images: which topics, brokers and settings are not the same. The cost is
/// that of the records in between, not of the images.
///
/// @param changedTopics names of topics that were created, deleted or changed (their settings
///   aside). A topic that was deleted and created anew has another id after than before.
/// @param changedConfigs resources whose settings changed, were made or removed
public record ImageDelta(
    ClusterImage before,
    ClusterImage after,
    SortedSet<String> changedTopics,
    SortedSet<Integer> changedBrokers,
    SortedSet<ConfigResource> changedConfigs) {

  /// The topics that exist after and did not (with this id) before, in order of names.
  public List<Topic> createdTopics() {
    return missing(after, before);
  }

  /// The topics that existed before and do not (with this id) after, in order of names.
  public List<Topic> deletedTopics() {
    return missing(before, after);
  }

  private List<Topic> missing(ClusterImage in, ClusterImage from) {
    List<Topic> found = new ArrayList<>();
    for (String name : changedTopics) {
      in.topic(name).filter(topic -> from.topic(topic.id()).isEmpty()).ifPresent(found::add);
    }
    return found;
  }

  /// Everything that differs, found by comparing: for an image that came from a snapshot.
  public static ImageDelta between(ClusterImage before, ClusterImage after) {
    return new ImageDelta(
        before,
        after,
        differing(new TreeMap<>(before.topics()), new TreeMap<>(after.topics())),
        differing(new TreeMap<>(before.brokers()), new TreeMap<>(after.brokers())),
        differing(new TreeMap<>(before.configs()), new TreeMap<>(after.configs())));
  }

  private static <K extends Comparable<K>, V> SortedSet<K> differing(
      TreeMap<K, V> before, TreeMap<K, V> after) {
    TreeSet<K> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    keys.removeIf(
        key ->
            before.containsKey(key)
                && after.containsKey(key)
                && before.get(key).equals(after.get(key)));
    return Collections.unmodifiableSortedSet(keys);
  }

  /// Applies records to an image and notes what they touch.
  static final class Builder {
    private final ClusterImage before;
    private ClusterImage after;
    private final TreeSet<String> topics = new TreeSet<>();
    private final TreeSet<Integer> brokers = new TreeSet<>();
    private final TreeSet<ConfigResource> configs = new TreeSet<>();

    Builder(ClusterImage before) {
      this.before = before;
      this.after = before;
    }

    void apply(long offset, int epoch, MetadataRecord record) {
      ClusterImage earlier = after;
      after = earlier.apply(offset, epoch, record);
      switch (record) {
        case TopicRecord topic -> topics.add(topic.name());
        case PartitionRecord partition -> touch(earlier, partition.topicId());
        case PartitionChangeRecord change -> touch(earlier, change.topicId());
        case RemoveTopicRecord remove -> touchAll(earlier, remove.topicId());
        case RegisterBrokerRecord broker -> brokers.add(broker.brokerId());
        case BrokerRegistrationChangeRecord broker -> brokers.add(broker.brokerId());
        case UnregisterBrokerRecord broker -> brokers.add(broker.brokerId());
        case ConfigRecord config ->
            configs.add(
                new ConfigResource(
                    ConfigResource.Type.forId(config.resourceType()), config.resourceName()));
        default -> {}
      }
    }

    private void touch(ClusterImage image, Uuid topicId) {
      image.topic(topicId).ifPresent(topic -> topics.add(topic.name()));
    }

    private void touchAll(ClusterImage image, Uuid topicId) {
      touch(image, topicId);
      image
          .topic(topicId)
          .map(topic -> ConfigResource.topic(topic.name()))
          .filter(image.configs()::containsKey)
          .ifPresent(configs::add);
    }

    ImageDelta build() {
      return new ImageDelta(
          before,
          after,
          Collections.unmodifiableSortedSet(topics),
          Collections.unmodifiableSortedSet(brokers),
          Collections.unmodifiableSortedSet(configs));
    }
  }
}
