package io.millrace.metadata;

import io.millrace.protocol.Uuid;
import java.util.List;
import java.util.Optional;

/// A broker that registered.
///
/// @param epoch grows with every registration; tells a broker's incarnations apart
/// @param logDirs ids of its log directories
/// @param fenced whether it is registered but not (yet, or any more) to lead partitions or to be
///   shown to clients
public record Broker(
    int id,
    Uuid incarnationId,
    long epoch,
    List<Endpoint> endpoints,
    Optional<String> rack,
    List<Uuid> logDirs,
    boolean fenced,
    boolean inControlledShutdown) {

  /// An address at which clients reach the broker.
  ///
  /// @param listener the name of the listener
  /// @param securityProtocol Kafka's id: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL
  public record Endpoint(String listener, String host, int port, short securityProtocol) {}

  /// The address at a listener, if the broker has it.
  public Optional<Endpoint> endpoint(String listener) {
    return endpoints.stream().filter(each -> each.listener().equals(listener)).findFirst();
  }

  /// Whether partitions may be led by this broker.
  public boolean isActive() {
    return !fenced && !inControlledShutdown;
  }
}
