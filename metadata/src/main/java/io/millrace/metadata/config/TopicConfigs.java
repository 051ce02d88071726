package io.millrace.metadata.config;

import io.millrace.metadata.config.ConfigKey.Synonym;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The settings of a topic: every name that Kafka 4.4 knows, and our own `durability`. Where a
/// topic says nothing, a broker setting of another name gives the default (`log.segment.bytes` that
/// of `segment.bytes`), and where the broker says nothing, the table does.
public final class TopicConfigs {
  private static final ConfigTable TABLE = ConfigTable.of(TopicConfigText.TOPIC, "topic setting");

  private TopicConfigs() {}

  public static ConfigTable table() {
    return TABLE;
  }

  /// Checks the settings of a topic, one by one and together. Throws [InvalidConfigException].
  public static void check(Map<String, String> settings, Config broker) {
    Config.of(TABLE, settings);
    Config config = effective(broker, settings);
    long minLag = config.longValue("min.compaction.lag.ms");
    long maxLag = config.longValue("max.compaction.lag.ms");
    if (minLag > maxLag) {
      throw new InvalidConfigException(
          "min.compaction.lag.ms (%d) must not be greater than max.compaction.lag.ms (%d)"
              .formatted(minLag, maxLag));
    }
    if (config.booleanValue("remote.storage.enable")) {
      checkRemote(config, broker);
    } else if (config.booleanValue("remote.log.copy.disable")) {
      throw new InvalidConfigException(
          "remote.log.copy.disable needs remote.storage.enable to be true");
    }
  }

  private static void checkRemote(Config config, Config broker) {
    if (!broker.booleanValue("remote.log.storage.system.enable")) {
      throw new InvalidConfigException(
          "remote.storage.enable cannot be true: this cluster has no remote storage"
              + " (remote.log.storage.system.enable is false)");
    }
    if (!config.list("cleanup.policy").equals(List.of("delete"))) {
      throw new InvalidConfigException(
          "remote.storage.enable needs cleanup.policy to be delete, but it is '"
              + String.join(",", config.list("cleanup.policy"))
              + "'");
    }
    checkLocal(config, "retention.ms");
    checkLocal(config, "retention.bytes");
  }

  private static void checkLocal(Config config, String name) {
    long all = config.longValue(name);
    long local = config.longValue("local." + name);
    if (local != -2 && all != -1 && (local == -1 || local > all)) {
      throw new InvalidConfigException(
          "local.%s (%d) must not be greater than %s (%d)".formatted(name, local, name, all));
    }
  }

  /// The settings that hold for a topic on a broker. What a topic has that is not valid (another
  /// version may have accepted it) is left out.
  public static Config effective(Config broker, Map<String, String> settings) {
    TreeMap<String, String> merged = new TreeMap<>(brokerDefaults(broker));
    merged.putAll(Config.ofValid(TABLE, settings).given());
    return Config.of(TABLE, merged);
  }

  /// The defaults of topics that a broker's settings give.
  private static Map<String, String> brokerDefaults(Config broker) {
    TreeMap<String, String> defaults = new TreeMap<>();
    for (ConfigKey key : TABLE.keys()) {
      brokerDefault(key, broker).ifPresent(text -> defaults.put(key.name(), text));
    }
    return defaults;
  }

  private static Optional<String> brokerDefault(ConfigKey key, Config broker) {
    for (Synonym synonym : key.synonyms()) {
      if (broker.isGiven(synonym.name())) {
        return broker.findText(synonym.name()).map(text -> scaled(text, synonym.factor()));
      }
    }
    return Optional.empty();
  }

  private static String scaled(String text, long factor) {
    if (factor == 1) {
      return text;
    }
    long number = Long.parseLong(text);
    return Long.toString(number < 0 ? -1 : Math.multiplyExact(number, factor));
  }
}
