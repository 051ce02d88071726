package io.millrace.broker.config;

import io.millrace.metadata.config.Config;

/// Everything a broker is told before it starts, checked. Immutable.
///
/// @param settings every setting of the broker as such, for what the other parts do not show: the
///   defaults of topics, and what DescribeConfigs answers
public record BrokerConfig(
    NodeConfig node,
    NetworkConfig network,
    StorageConfig storage,
    TopicDefaults topics,
    FetchLimits fetch,
    Config settings) {

  /// Reads the configuration. Throws [io.millrace.metadata.config.InvalidConfigException] with one
  /// line that names the setting, its value, what is allowed and where it was given.
  public static BrokerConfig of(ServerProperties properties, Machine machine) {
    return new BrokerConfig(
        NodeConfig.of(properties),
        NetworkConfig.of(properties, machine),
        StorageConfig.of(properties),
        TopicDefaults.of(properties),
        FetchLimits.of(properties),
        properties.config());
  }
}
