package io.millrace.broker.api;

/// Where the value of a setting comes from, with the ids of the protocol.
enum ConfigSource {
  DYNAMIC_TOPIC(1),
  DYNAMIC_BROKER(2),
  DYNAMIC_DEFAULT_BROKER(3),
  STATIC_BROKER(4),
  DEFAULT(5),
  DYNAMIC_BROKER_LOGGER(6),
  DYNAMIC_CLIENT_METRICS(7),
  DYNAMIC_GROUP(8);

  private final byte id;

  ConfigSource(int id) {
    this.id = (byte) id;
  }

  byte id() {
    return id;
  }
}
