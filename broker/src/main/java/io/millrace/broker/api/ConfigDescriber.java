package io.millrace.broker.api;

import io.millrace.broker.BrokerSettings;
import io.millrace.broker.api.DescribedConfig.Synonym;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.ConfigKey;
import io.millrace.metadata.config.ConfigTable;
import io.millrace.metadata.config.OtherConfigs;
import io.millrace.metadata.config.TopicConfigs;
import io.millrace.metadata.config.UpdateMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Tells the settings of resources as clients see them: values, where they come from, and what else
/// could give them one.
public final class ConfigDescriber {
  private final BrokerSettings settings;

  public ConfigDescriber(BrokerSettings settings) {
    this.settings = settings;
  }

  int nodeId() {
    return settings.nodeId();
  }

  /// All settings of a topic that has (or would have) settings of its own.
  List<DescribedConfig> topic(ClusterImage image, SortedMap<String, String> own) {
    Config effective = TopicConfigs.effective(settings.effective(image), own);
    return describe(image, effective, own, ConfigSource.DYNAMIC_TOPIC);
  }

  /// All settings of a group.
  List<DescribedConfig> group(ClusterImage image, String name) {
    SortedMap<String, String> own =
        image.config(new ConfigResource(ConfigResource.Type.GROUP, name));
    return describe(image, settings.group(image, name), own, ConfigSource.DYNAMIC_GROUP);
  }

  /// All settings of a subscription to client metrics.
  List<DescribedConfig> clientMetrics(ClusterImage image, String name) {
    SortedMap<String, String> own =
        image.config(new ConfigResource(ConfigResource.Type.CLIENT_METRICS, name));
    Config effective = Config.ofValid(OtherConfigs.clientMetrics(), own);
    return describe(image, effective, own, ConfigSource.DYNAMIC_CLIENT_METRICS);
  }

  private List<DescribedConfig> describe(
      ClusterImage image, Config effective, SortedMap<String, String> own, ConfigSource source) {
    List<DescribedConfig> described = new ArrayList<>();
    for (ConfigKey key : effective.table().keys()) {
      if (key.isInternal() && !own.containsKey(key.name())) {
        continue;
      }
      List<Synonym> synonyms = new ArrayList<>();
      @Nullable String value = own.get(key.name());
      if (value != null) {
        synonyms.add(new Synonym(key.name(), shown(key.isSensitive(), value), source));
      }
      if (!key.synonyms().isEmpty()) {
        synonyms.addAll(brokerSynonyms(image, key.synonyms().getFirst().name()));
      }
      described.add(
          new DescribedConfig(
              key.name(),
              Optional.of(key),
              shown(key.isSensitive(), effective.findText(key.name()).orElse(null)),
              key.isSensitive(),
              false,
              synonyms));
    }
    return described;
  }

  private static @Nullable String shown(boolean isSensitive, @Nullable String value) {
    return isSensitive ? null : value;
  }

  /// All settings of this broker.
  List<DescribedConfig> broker(ClusterImage image) {
    Config effective = settings.effective(image);
    TreeSet<String> names = new TreeSet<>();
    for (ConfigKey key : BrokerConfigs.table().keys()) {
      boolean isHidden = key.isInternal() || key.isDynamicOnly();
      if (!isHidden || effective.isGiven(key.name())) {
        names.add(key.name());
      }
    }
    // Those of single listeners.
    names.addAll(forThis(image).keySet());
    List<DescribedConfig> described = new ArrayList<>();
    for (String name : names) {
      Optional<ConfigKey> key = BrokerConfigs.find(name);
      List<Synonym> synonyms = brokerSynonyms(image, name);
      boolean isInTable = BrokerConfigs.table().find(name).isPresent();
      @Nullable String value =
          isInTable ? effective.findText(name).orElse(null) : forThis(image).get(name);
      boolean isSensitive = isSensitive(key);
      described.add(
          new DescribedConfig(
              name, key, shown(isSensitive, value), isSensitive, isReadOnly(name), synonyms));
    }
    return described;
  }

  /// What is set for all brokers.
  List<DescribedConfig> allBrokers(ClusterImage image) {
    List<DescribedConfig> described = new ArrayList<>();
    for (Map.Entry<String, String> entry : forAll(image).entrySet()) {
      String name = entry.getKey();
      Optional<ConfigKey> key = BrokerConfigs.find(name);
      @Nullable String value = shown(isSensitive(key), entry.getValue());
      described.add(
          new DescribedConfig(
              name,
              key,
              value,
              isSensitive(key),
              isReadOnly(name),
              List.of(new Synonym(name, value, ConfigSource.DYNAMIC_DEFAULT_BROKER))));
    }
    return described;
  }

  private static boolean isReadOnly(String name) {
    return BrokerConfigs.updateMode(name) == UpdateMode.READ_ONLY;
  }

  /// What is not known may be anything.
  private static boolean isSensitive(Optional<ConfigKey> key) {
    return key.map(ConfigKey::isSensitive).orElse(true);
  }

  private SortedMap<String, String> forAll(ClusterImage image) {
    return image.config(ConfigResource.ALL_BROKERS);
  }

  private SortedMap<String, String> forThis(ClusterImage image) {
    return image.config(ConfigResource.broker(settings.nodeId()));
  }

  /// All places that give a broker's setting a value: set for this broker, for all brokers, at the
  /// start, by default; at each place under each of its names.
  private List<Synonym> brokerSynonyms(ClusterImage image, String name) {
    boolean isSensitive = isSensitive(BrokerConfigs.find(name));
    List<String> names = BrokerConfigs.synonyms(name);
    List<Synonym> synonyms = new ArrayList<>();
    add(synonyms, names, forThis(image), ConfigSource.DYNAMIC_BROKER, isSensitive);
    add(synonyms, names, forAll(image), ConfigSource.DYNAMIC_DEFAULT_BROKER, isSensitive);
    add(synonyms, names, settings.started().given(), ConfigSource.STATIC_BROKER, isSensitive);
    ConfigTable table = BrokerConfigs.table();
    for (String each : names) {
      table
          .find(each)
          .flatMap(ConfigKey::defaultText)
          .ifPresent(
              value ->
                  synonyms.add(new Synonym(each, shown(isSensitive, value), ConfigSource.DEFAULT)));
    }
    return synonyms;
  }

  private static void add(
      List<Synonym> synonyms,
      List<String> names,
      SortedMap<String, String> values,
      ConfigSource source,
      boolean isSensitive) {
    for (String name : names) {
      @Nullable String value = values.get(name);
      if (value != null) {
        synonyms.add(new Synonym(name, shown(isSensitive, value), source));
      }
    }
  }
}
