package io.millrace.broker.api;

import io.millrace.metadata.Broker;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeClusterRequest;
import io.millrace.protocol.message.DescribeClusterResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tells the cluster's id, its brokers and its controller (KIP-700).
///
/// Versions: 1 lets the client ask for brokers or controllers (KIP-919); 2 for fenced brokers as
/// well (KIP-1073).
public final class DescribeClusterHandler implements ApiHandler<DescribeClusterRequest> {
  private static final byte BROKERS = 1;
  private static final byte CONTROLLERS = 2;

  private final String clusterId;
  private final Supplier<ClusterImage> image;

  public DescribeClusterHandler(String clusterId, Supplier<ClusterImage> image) {
    this.clusterId = clusterId;
    this.image = image;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_CLUSTER;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error, null));
  }

  @Override
  public Reply handle(DescribeClusterRequest request, RequestContext context) {
    if (request.endpointType() == CONTROLLERS) {
      return new Reply.Now(
          failed(
              ErrorCode.MISMATCHED_ENDPOINT_TYPE,
              "this is a broker's listener: it knows the addresses of brokers"));
    }
    if (request.endpointType() != BROKERS) {
      return new Reply.Now(
          failed(
              ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
              "endpoint type " + request.endpointType() + " is neither 1 nor 2"));
    }
    ClusterImage current = image.get();
    List<DescribeClusterResponse.DescribeClusterBroker> brokers = new ArrayList<>();
    int controller = -1;
    for (Broker broker : current.brokers().values()) {
      if (broker.fenced() && !request.includeFencedBrokers()) {
        continue;
      }
      controller = controller < 0 && !broker.fenced() ? broker.id() : controller;
      broker
          .endpoint(context.listener())
          .ifPresent(endpoint -> brokers.add(describe(broker, endpoint)));
    }
    return new Reply.Now(
        DescribeClusterResponse.builder()
            .endpointType(BROKERS)
            .clusterId(clusterId)
            .controllerId(controller)
            .brokers(brokers)
            .clusterAuthorizedOperations(
                AuthorizedOperations.onCluster(request.includeClusterAuthorizedOperations()))
            .build());
  }

  private static DescribeClusterResponse.DescribeClusterBroker describe(
      Broker broker, Broker.Endpoint endpoint) {
    return DescribeClusterResponse.DescribeClusterBroker.builder()
        .brokerId(broker.id())
        .host(endpoint.host())
        .port(endpoint.port())
        .rack(broker.rack().orElse(null))
        .isFenced(broker.fenced())
        .build();
  }

  private static DescribeClusterResponse failed(ErrorCode error, @Nullable String message) {
    return DescribeClusterResponse.builder().errorCode(error.code()).errorMessage(message).build();
  }
}
