package io.millrace.broker;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import java.util.SortedMap;
import java.util.TreeMap;

/// The settings of this broker: those it was started with, and over them those that were made for
/// all brokers and for this one while it runs (KIP-226).
public final class BrokerSettings {
  private final int nodeId;
  private final Config started;

  public BrokerSettings(int nodeId, Config started) {
    this.nodeId = nodeId;
    this.started = started;
  }

  /// The settings that the broker was started with.
  public Config started() {
    return started;
  }

  /// The settings that hold, given what the metadata has.
  public Config effective(ClusterImage image) {
    SortedMap<String, String> all = image.config(ConfigResource.ALL_BROKERS);
    SortedMap<String, String> own = image.config(ConfigResource.broker(nodeId));
    if (all.isEmpty() && own.isEmpty()) {
      return started;
    }
    TreeMap<String, String> merged = new TreeMap<>(started.given());
    merged.putAll(all);
    merged.putAll(own);
    return Config.ofValid(BrokerConfigs.table(), merged);
  }
}
