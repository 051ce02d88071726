package io.millrace.broker.net;

import java.time.Duration;

/// The bounds that a broker sets to its clients.
///
/// `maxRequestBytes`: the largest frame (`socket.request.max.bytes`). `maxConnections` and
/// `maxConnectionsPerAddress`: connections beyond them are closed at once (`max.connections`,
/// `max.connections.per.ip`). `maxIdle`: a client that is owed nothing and asks for nothing for so
/// long is disconnected (`connections.max.idle.ms`). `stall`: how long a client may take to accept
/// a response, and how long a request that began to arrive may stop arriving.
public record ConnectionLimits(
    int maxRequestBytes,
    int maxConnections,
    int maxConnectionsPerAddress,
    Duration maxIdle,
    Duration stall) {

  /// The same, with other bounds to the number of connections.
  public ConnectionLimits withMaxConnections(int max, int maxPerAddress) {
    return new ConnectionLimits(maxRequestBytes, max, maxPerAddress, maxIdle, stall);
  }
}
