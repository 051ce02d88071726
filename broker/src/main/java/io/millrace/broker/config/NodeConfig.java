package io.millrace.broker.config;

import io.millrace.metadata.config.Config;
import java.util.Optional;

/// What this node is in its cluster.
///
/// @param id `node.id`, or `broker.id` if only that is given
/// @param rack `broker.rack`
public record NodeConfig(int id, Optional<String> rack) {
  static NodeConfig of(ServerProperties properties) {
    Config config = properties.config();
    if (config.list("process.roles").size() == 1) {
      throw properties.complaint(
          "process.roles", "must be broker,controller: this version has no nodes of one role");
    }
    for (String quorum :
        new String[] {"controller.quorum.voters", "controller.quorum.bootstrap.servers"}) {
      if (config.list(quorum).size() > 1) {
        throw properties.complaint(
            quorum, "names several controllers: a cluster has one node in this version");
      }
    }
    return new NodeConfig(id(properties), config.findText("broker.rack"));
  }

  private static int id(ServerProperties properties) {
    Config config = properties.config();
    int brokerId = config.intValue("broker.id");
    if (properties.isGiven("node.id") || brokerId < 0) {
      return config.intValue("node.id");
    }
    return brokerId;
  }
}
