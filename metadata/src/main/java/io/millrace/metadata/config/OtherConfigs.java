package io.millrace.metadata.config;

/// The settings of the resources that are neither brokers nor topics.
public final class OtherConfigs {
  private static final ConfigTable GROUP = ConfigTable.of(OtherConfigText.GROUP, "group setting");
  private static final ConfigTable CLIENT_METRICS =
      ConfigTable.of(OtherConfigText.CLIENT_METRICS, "client metrics setting");

  private OtherConfigs() {}

  /// Settings of a consumer, share or streams group.
  public static ConfigTable group() {
    return GROUP;
  }

  /// Settings of a subscription to the metrics of clients (KIP-714).
  public static ConfigTable clientMetrics() {
    return CLIENT_METRICS;
  }
}
