package io.millrace.broker;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.ConfigKey;
import io.millrace.metadata.config.OtherConfigs;
import io.millrace.metadata.config.TopicConfigs;
import java.util.SortedMap;
import java.util.TreeMap;

/// The settings that hold on this broker, for itself and for topics: those it was started with,
/// over them those that were made for all brokers and for this one while it runs (KIP-226), and for
/// a topic its own over all of these. Safe for use by several tasks.
public final class BrokerSettings {
  private final int nodeId;
  private final Config started;

  /// What was worked out last: from one image to the next the settings of brokers are mostly the
  /// same, and most topics have none of their own.
  private volatile Known known;

  private record Known(
      SortedMap<String, String> all,
      SortedMap<String, String> own,
      Config broker,
      Config topic,
      Config group) {
    static Known of(Config started, SortedMap<String, String> all, SortedMap<String, String> own) {
      Config broker = BrokerConfigs.effective(started, all, own);
      return new Known(
          all,
          own,
          broker,
          TopicConfigs.effective(broker, new TreeMap<>()),
          groupConfig(broker, new TreeMap<>()));
    }
  }

  public BrokerSettings(int nodeId, Config started) {
    this.nodeId = nodeId;
    this.started = started;
    this.known = Known.of(started, new TreeMap<>(), new TreeMap<>());
  }

  public int nodeId() {
    return nodeId;
  }

  /// The settings that the broker was started with.
  public Config started() {
    return started;
  }

  /// The settings of the broker that hold, given what the metadata has.
  public Config effective(ClusterImage image) {
    return known(image).broker();
  }

  /// The settings that hold for a topic, whether or not it exists.
  public Config topic(ClusterImage image, String name) {
    Known now = known(image);
    SortedMap<String, String> own = image.config(ConfigResource.topic(name));
    return own.isEmpty() ? now.topic() : TopicConfigs.effective(now.broker(), own);
  }

  /// The settings that hold for a group, whether or not it exists.
  public Config group(ClusterImage image, String id) {
    Known now = known(image);
    SortedMap<String, String> own = image.config(new ConfigResource(ConfigResource.Type.GROUP, id));
    return own.isEmpty() ? now.group() : groupConfig(now.broker(), own);
  }

  private static Config groupConfig(Config broker, SortedMap<String, String> own) {
    TreeMap<String, String> merged = new TreeMap<>();
    for (ConfigKey key : OtherConfigs.group().keys()) {
      for (ConfigKey.Synonym synonym : key.synonyms()) {
        broker.findText(synonym.name()).ifPresent(value -> merged.put(key.name(), value));
      }
    }
    merged.putAll(own);
    return Config.ofValid(OtherConfigs.group(), merged);
  }

  private Known known(ClusterImage image) {
    SortedMap<String, String> all = image.config(ConfigResource.ALL_BROKERS);
    SortedMap<String, String> own = image.config(ConfigResource.broker(nodeId));
    Known last = known;
    if (!last.all().equals(all) || !last.own().equals(own)) {
      last = Known.of(started, all, own);
      known = last;
    }
    return last;
  }
}
