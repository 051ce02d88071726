package io.millrace.broker.config;

import io.millrace.host.Net.Endpoint;

/// An address to listen on and the one that clients are told, under the name of settings
/// `listeners` and `advertised.listeners`.
///
/// @param bind where to listen; an empty host is all interfaces, port 0 a free one
/// @param advertised what clients are told; port 0 is the port that is listened on
public record Listener(String name, Endpoint bind, Endpoint advertised) {
  /// What clients are told once the listener is bound to `port`.
  public Endpoint advertisedAt(int port) {
    return advertised.port() == 0 ? new Endpoint(advertised.host(), port) : advertised;
  }

  /// Whether only this machine can connect.
  public boolean isLoopback() {
    String host = bind.host();
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }
}
