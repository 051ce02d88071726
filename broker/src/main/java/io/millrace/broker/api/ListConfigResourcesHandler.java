package io.millrace.broker.api;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListConfigResourcesRequest;
import io.millrace.protocol.message.ListConfigResourcesResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Lists the resources that have (or, for topics and brokers, can have) settings.
///
/// Versions: 0 lists subscriptions to client metrics (KIP-714); 1 lists the kinds of resource that
/// are asked for, all if none is named (KIP-1142).
public final class ListConfigResourcesHandler implements ApiHandler<ListConfigResourcesRequest> {
  private final Supplier<ClusterImage> image;

  public ListConfigResourcesHandler(Supplier<ClusterImage> image) {
    this.image = image;
  }

  @Override
  public ApiKey api() {
    return ApiKey.LIST_CONFIG_RESOURCES;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(ListConfigResourcesResponse.builder().errorCode(error.code()).build());
  }

  @Override
  public Reply handle(ListConfigResourcesRequest request, RequestContext context) {
    TreeSet<ConfigResource.Type> types = new TreeSet<>();
    if (context.version() == 0) {
      types.add(ConfigResource.Type.CLIENT_METRICS);
    } else if (request.resourceTypes().isEmpty()) {
      types.addAll(List.of(ConfigResource.Type.values()));
    }
    for (byte id : request.resourceTypes()) {
      if (!ConfigResource.Type.isKnown(id)) {
        return new Reply.Now(
            ListConfigResourcesResponse.builder()
                .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                .build());
      }
      types.add(ConfigResource.Type.forId(id));
    }
    List<ListConfigResourcesResponse.ConfigResource> found = new ArrayList<>();
    for (ConfigResource.Type type : types) {
      for (String name : names(image.get(), type)) {
        found.add(
            ListConfigResourcesResponse.ConfigResource.builder()
                .resourceName(name)
                .resourceType(type.id())
                .build());
      }
    }
    return new Reply.Now(ListConfigResourcesResponse.builder().configResources(found).build());
  }

  private static List<String> names(ClusterImage now, ConfigResource.Type type) {
    return switch (type) {
      case TOPIC -> List.copyOf(now.topics().keySet());
      case BROKER, BROKER_LOGGER ->
          now.brokers().keySet().stream().map(id -> Integer.toString(id)).toList();
      case CLIENT_METRICS, GROUP ->
          now.configs().keySet().stream()
              .filter(resource -> resource.type() == type)
              .map(ConfigResource::name)
              .toList();
    };
  }
}
