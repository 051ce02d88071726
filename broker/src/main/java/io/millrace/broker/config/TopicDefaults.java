package io.millrace.broker.config;

import io.millrace.metadata.config.Config;

/// How topics come into being and go.
///
/// @param autoCreate `auto.create.topics.enable`
/// @param partitions `num.partitions` of a topic created without saying how many
/// @param replicationFactor `default.replication.factor`
/// @param deletable `delete.topic.enable`
public record TopicDefaults(
    boolean autoCreate, int partitions, short replicationFactor, boolean deletable) {

  static TopicDefaults of(ServerProperties properties) {
    Config config = properties.config();
    int factor = config.intValue("default.replication.factor");
    if (factor < 1 || factor > Short.MAX_VALUE) {
      throw properties.complaint(
          "default.replication.factor", "must be from 1 to " + Short.MAX_VALUE);
    }
    return new TopicDefaults(
        config.booleanValue("auto.create.topics.enable"),
        config.intValue("num.partitions"),
        (short) factor,
        config.booleanValue("delete.topic.enable"));
  }
}
