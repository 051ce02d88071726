package io.millrace.bench;

import java.util.Locale;
import java.util.Map;

/// The brokers that are compared, each with its durability mode.
public enum BrokerKind {
  MILLRACE_FSYNC("Millrace `fsync`", true),
  MILLRACE_REPLICATED("Millrace `replicated`", true),
  /// Page cache only, as Kafka is shipped: the counterpart of Millrace's `replicated`.
  KAFKA("Kafka as shipped (page cache)", false),
  /// An fsync per append: the nearest that Kafka has to Millrace's `fsync`.
  KAFKA_FLUSH("Kafka `flush.messages=1`", false);

  private final String title;
  private final boolean millrace;

  BrokerKind(String title, boolean millrace) {
    this.title = title;
    this.millrace = millrace;
  }

  /// As the heading of a column.
  public String title() {
    return title;
  }

  public boolean isMillrace() {
    return millrace;
  }

  /// The settings that make the kind.
  public Map<String, String> settings() {
    return switch (this) {
      case MILLRACE_FSYNC -> Map.of("log.durability", "fsync");
      case MILLRACE_REPLICATED -> Map.of("log.durability", "replicated");
      case KAFKA -> Map.of();
      case KAFKA_FLUSH -> Map.of("log.flush.interval.messages", "1");
    };
  }

  /// As on the command line and in the raw results.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
