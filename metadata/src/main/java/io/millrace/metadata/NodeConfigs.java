package io.millrace.metadata;

import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.TopicConfigs;
import io.millrace.metadata.config.TopicLogs;
import io.millrace.storage.LogConfig;
import java.util.SortedMap;
import java.util.TreeMap;

/// The settings that hold on one broker, for itself and for topics, given an image: those it was
/// started with, those made for all brokers and for this one while running, those of the topic.
/// Safe for use by several tasks.
public final class NodeConfigs {
  private final Config started;
  private final ConfigResource self;

  /// What was worked out last. Most images have the same settings for brokers as the one before,
  /// and most topics have no settings.
  private volatile Known known;

  private record Known(
      SortedMap<String, String> forAll,
      SortedMap<String, String> forThis,
      Config broker,
      Config topic,
      LogConfig log) {
    static Known of(
        Config started, SortedMap<String, String> forAll, SortedMap<String, String> forThis) {
      Config broker = BrokerConfigs.effective(started, forAll, forThis);
      Config topic = TopicConfigs.effective(broker, new TreeMap<>());
      return new Known(forAll, forThis, broker, topic, TopicLogs.logConfig(topic));
    }
  }

  /// Of a broker that was started with these settings.
  public NodeConfigs(Config started, int brokerId) {
    this.started = started;
    this.self = ConfigResource.broker(brokerId);
    this.known = Known.of(started, new TreeMap<>(), new TreeMap<>());
  }

  /// The settings that the broker was started with.
  public Config started() {
    return started;
  }

  /// The settings that hold for the broker.
  public Config broker(ClusterImage image) {
    return known(image).broker();
  }

  /// The settings that hold for a topic on this broker, whether or not it exists.
  public Config topic(ClusterImage image, String name) {
    Known now = known(image);
    SortedMap<String, String> own = image.config(ConfigResource.topic(name));
    return own.isEmpty() ? now.topic() : TopicConfigs.effective(now.broker(), own);
  }

  /// What the logs of a topic's partitions are told on this broker.
  public LogConfig log(ClusterImage image, String topic) {
    return image.config(ConfigResource.topic(topic)).isEmpty()
        ? known(image).log()
        : TopicLogs.logConfig(topic(image, topic));
  }

  private Known known(ClusterImage image) {
    SortedMap<String, String> forAll = image.config(ConfigResource.ALL_BROKERS);
    SortedMap<String, String> forThis = image.config(self);
    Known last = known;
    if (!last.forAll().equals(forAll) || !last.forThis().equals(forThis)) {
      last = Known.of(started, forAll, forThis);
      known = last;
    }
    return last;
  }
}
