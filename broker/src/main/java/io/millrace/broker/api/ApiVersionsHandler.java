package io.millrace.broker.api;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Announces which APIs, in which versions, and which features this broker has (KIP-35, KIP-584):
/// what the [ApiRegistry] holds. A client asks for it first, and in a version that may be unknown
/// here.
///
/// Versions: 3 is the first flexible one and carries the client's name and version (KIP-511); 4
/// allows features that start at level 0; 5 names the cluster and node that the client means to
/// talk to (KIP-1242).
public final class ApiVersionsHandler implements ApiHandler<ApiVersionsRequest> {
  private static final Pattern SOFTWARE =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

  private static final int ANY_NODE = -1;

  private final String clusterId;
  private final int nodeId;
  private final List<ApiKey> apis;
  private final Supplier<FeatureLevels> features;

  /// `apis` are those that have a handler, this one included.
  public ApiVersionsHandler(
      String clusterId, int nodeId, List<ApiKey> apis, Supplier<FeatureLevels> features) {
    this.clusterId = clusterId;
    this.nodeId = nodeId;
    this.apis = apis.stream().sorted(Comparator.comparingInt(ApiKey::id)).toList();
    this.features = features;
  }

  @Override
  public ApiKey api() {
    return ApiKey.API_VERSIONS;
  }

  /// Whatever is wrong, the client learns at least which versions of ApiVersions it can ask in.
  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(
        ApiVersionsResponse.builder()
            .errorCode(error.code())
            .apiKeys(List.of(versions(ApiKey.API_VERSIONS)))
            .build());
  }

  @Override
  public Reply handle(ApiVersionsRequest request, RequestContext context) {
    if (context.version() >= 3 && !isNamed(request)) {
      return new Reply.Now(
          ApiVersionsResponse.builder().errorCode(ErrorCode.INVALID_REQUEST.code()).build());
    }
    if (context.version() >= 5 && !isMeantForUs(request)) {
      return new Reply.Now(
          ApiVersionsResponse.builder().errorCode(ErrorCode.REBOOTSTRAP_REQUIRED.code()).build());
    }
    return new Reply.Now(announcement(context.version()));
  }

  private ApiVersionsResponse announcement(short version) {
    List<ApiVersionsResponse.ApiVersion> keys = new ArrayList<>();
    for (ApiKey api : apis) {
      keys.add(versions(api));
    }
    FeatureLevels levels = features.get();
    List<ApiVersionsResponse.SupportedFeatureKey> supported = new ArrayList<>();
    List<ApiVersionsResponse.FinalizedFeatureKey> finalized = new ArrayList<>();
    for (FeatureLevels.Feature feature : levels.features()) {
      if (feature.minSupported() == 0 && version < 4) {
        // Clients before version 4 take a level of 0 for an error (KAFKA-17011).
        continue;
      }
      supported.add(
          ApiVersionsResponse.SupportedFeatureKey.builder()
              .name(feature.name())
              .minVersion(feature.minSupported())
              .maxVersion(feature.maxSupported())
              .build());
    }
    for (FeatureLevels.Feature feature : levels.features()) {
      if (feature.finalized() > 0) {
        finalized.add(
            ApiVersionsResponse.FinalizedFeatureKey.builder()
                .name(feature.name())
                .minVersionLevel(feature.finalized())
                .maxVersionLevel(feature.finalized())
                .build());
      }
    }
    return ApiVersionsResponse.builder()
        .apiKeys(keys)
        .supportedFeatures(supported)
        .finalizedFeatures(finalized)
        .finalizedFeaturesEpoch(levels.epoch())
        .build();
  }

  private static boolean isNamed(ApiVersionsRequest request) {
    return SOFTWARE.matcher(request.clientSoftwareName()).matches()
        && SOFTWARE.matcher(request.clientSoftwareVersion()).matches();
  }

  private boolean isMeantForUs(ApiVersionsRequest request) {
    return (request.clusterId() == null || request.clusterId().equals(clusterId))
        && (request.nodeId() == ANY_NODE || request.nodeId() == nodeId);
  }

  private static ApiVersionsResponse.ApiVersion versions(ApiKey api) {
    // Versions of librdkafka before 2.6 give up on compression where Produce does not start at 0,
    // and
    // never ask in those versions (KAFKA-18659).
    short lowest = api == ApiKey.PRODUCE ? 0 : api.lowestVersion();
    return ApiVersionsResponse.ApiVersion.builder()
        .apiKey(api.id())
        .minVersion(lowest)
        .maxVersion(api.highestStableVersion())
        .build();
  }
}
