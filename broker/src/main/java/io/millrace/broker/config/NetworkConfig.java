package io.millrace.broker.config;

import io.millrace.metadata.config.Config;
import java.util.List;

/// Where and how the broker listens.
///
/// @param listeners in order of their names; at least one
public record NetworkConfig(
    List<Listener> listeners, Sockets sockets, Connections connections, Requests requests) {

  public NetworkConfig {
    listeners = List.copyOf(listeners);
  }

  /// Socket options.
  ///
  /// @param sendBufferBytes `socket.send.buffer.bytes`; -1 leaves it to the system
  /// @param receiveBufferBytes `socket.receive.buffer.bytes`; -1 leaves it to the system
  /// @param listenBacklog `socket.listen.backlog.size`
  public record Sockets(int sendBufferBytes, int receiveBufferBytes, int listenBacklog) {}

  /// Limits of connections.
  ///
  /// @param maxIdleMs `connections.max.idle.ms`: closed after so long without a request; negative
  ///   is never
  /// @param max `max.connections` of the broker
  /// @param maxPerAddress `max.connections.per.ip`
  public record Connections(long maxIdleMs, int max, int maxPerAddress) {}

  /// Limits of requests.
  ///
  /// @param maxBytes `socket.request.max.bytes`: a connection that announces more is closed
  /// @param queuedMaxBytes `queued.max.request.bytes`: of all requests in memory; while it is used
  ///   up nothing is read. At least `maxBytes`
  public record Requests(int maxBytes, long queuedMaxBytes) {}

  static NetworkConfig of(ServerProperties properties, Machine machine) {
    Config config = properties.config();
    return new NetworkConfig(
        new ListenerParser(properties, machine).parse(),
        new Sockets(
            config.intValue("socket.send.buffer.bytes"),
            config.intValue("socket.receive.buffer.bytes"),
            config.intValue("socket.listen.backlog.size")),
        new Connections(
            config.longValue("connections.max.idle.ms"),
            config.intValue("max.connections"),
            config.intValue("max.connections.per.ip")),
        requests(properties, machine));
  }

  private static Requests requests(ServerProperties properties, Machine machine) {
    int maxBytes = properties.config().intValue("socket.request.max.bytes");
    long queued = properties.config().longValue("queued.max.request.bytes");
    if (queued <= 0) {
      return new Requests(maxBytes, Math.max(maxBytes, machine.bufferBytes() / 2));
    }
    if (queued < maxBytes) {
      throw properties.complaint(
          "queued.max.request.bytes",
          "must be at least socket.request.max.bytes (" + maxBytes + "), or -1");
    }
    return new Requests(maxBytes, queued);
  }
}
