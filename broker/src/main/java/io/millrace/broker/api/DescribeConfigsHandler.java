package io.millrace.broker.api;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.Outcome;
import io.millrace.metadata.TopicNames;
import io.millrace.metadata.config.ConfigKey;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeConfigsRequest;
import io.millrace.protocol.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.millrace.protocol.message.DescribeConfigsResponse;
import io.millrace.protocol.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import io.millrace.protocol.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.millrace.protocol.message.DescribeConfigsResponse.DescribeConfigsSynonym;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the settings of topics, brokers, groups and client metrics subscriptions, and the log
/// level of this broker. Values of secrets are left out.
///
/// Versions: 1 has the source of a value and, if asked for, its synonyms; 3 adds the type and, if
/// asked for, the documentation; 4 is the first flexible one.
public final class DescribeConfigsHandler implements ApiHandler<DescribeConfigsRequest> {
  private final Supplier<ClusterImage> image;
  private final ConfigDescriber describer;

  public DescribeConfigsHandler(Supplier<ClusterImage> image, ConfigDescriber describer) {
    this.image = image;
    this.describer = describer;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_CONFIGS;
  }

  @Override
  public Reply handle(DescribeConfigsRequest request, RequestContext context) {
    ClusterImage now = image.get();
    List<DescribeConfigsResult> results = new ArrayList<>();
    for (DescribeConfigsResource resource : request.resources()) {
      Outcome outcome = check(now, resource);
      results.add(
          DescribeConfigsResult.builder()
              .errorCode(outcome.error().code())
              .errorMessage(outcome.isDone() ? null : outcome.message())
              .resourceType(resource.resourceType())
              .resourceName(resource.resourceName())
              .configs(outcome.isDone() ? configs(now, resource, request) : List.of())
              .build());
    }
    return new Reply.Now(DescribeConfigsResponse.builder().results(results).build());
  }

  private Outcome check(ClusterImage now, DescribeConfigsResource resource) {
    if (!ConfigResource.Type.isKnown(resource.resourceType())) {
      return invalid("There is no kind of resource with id " + resource.resourceType());
    }
    String name = resource.resourceName();
    return switch (ConfigResource.Type.forId(resource.resourceType())) {
      case TOPIC -> {
        if (TopicNames.complaint(name).isPresent()) {
          yield new Outcome(
              ErrorCode.INVALID_TOPIC_EXCEPTION, TopicNames.complaint(name).orElseThrow());
        }
        yield now.topic(name).isPresent()
            ? Outcome.DONE
            : new Outcome(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic '" + name + "'");
      }
      case BROKER -> name.isEmpty() || isThisBroker(name) ? Outcome.DONE : otherBroker(name);
      case BROKER_LOGGER -> isThisBroker(name) ? Outcome.DONE : otherBroker(name);
      case GROUP, CLIENT_METRICS ->
          name.isEmpty() ? invalid("The name of the resource must not be empty") : Outcome.DONE;
    };
  }

  private boolean isThisBroker(String name) {
    return name.equals(Integer.toString(describer.nodeId()));
  }

  private Outcome otherBroker(String name) {
    return invalid("This is broker " + describer.nodeId() + ", not '" + name + "'");
  }

  private static Outcome invalid(String message) {
    return new Outcome(ErrorCode.INVALID_REQUEST, message);
  }

  private List<DescribeConfigsResourceResult> configs(
      ClusterImage now, DescribeConfigsResource resource, DescribeConfigsRequest request) {
    @Nullable List<String> wanted = resource.configurationKeys();
    Set<String> names = wanted == null ? Set.of() : new HashSet<>(wanted);
    List<DescribeConfigsResourceResult> results = new ArrayList<>();
    for (DescribedConfig config : describe(now, resource)) {
      if (names.isEmpty() || names.contains(config.name())) {
        results.add(result(config, request));
      }
    }
    return results;
  }

  private List<DescribedConfig> describe(ClusterImage now, DescribeConfigsResource resource) {
    String name = resource.resourceName();
    return switch (ConfigResource.Type.forId(resource.resourceType())) {
      case TOPIC -> describer.topic(now, now.config(ConfigResource.topic(name)));
      case BROKER -> name.isEmpty() ? describer.allBrokers(now) : describer.broker(now);
      case BROKER_LOGGER -> logLevels();
      case GROUP -> describer.group(now, name);
      case CLIENT_METRICS -> describer.clientMetrics(now, name);
    };
  }

  /// There is one level for all loggers, which is chosen at the start.
  private static List<DescribedConfig> logLevels() {
    DescribedConfig.Synonym level =
        new DescribedConfig.Synonym("root", rootLevel(), ConfigSource.DYNAMIC_BROKER_LOGGER);
    return List.of(
        new DescribedConfig("root", Optional.empty(), level.value(), false, true, List.of(level)));
  }

  private static String rootLevel() {
    Logger root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    if (root.isTraceEnabled()) {
      return "TRACE";
    }
    if (root.isDebugEnabled()) {
      return "DEBUG";
    }
    if (root.isInfoEnabled()) {
      return "INFO";
    }
    return root.isWarnEnabled() ? "WARN" : "ERROR";
  }

  private static DescribeConfigsResourceResult result(
      DescribedConfig config, DescribeConfigsRequest request) {
    return DescribeConfigsResourceResult.builder()
        .name(config.name())
        .value(config.value())
        .readOnly(config.isReadOnly())
        .configSource(config.source().id())
        .isSensitive(config.isSensitive())
        .synonyms(request.includeSynonyms() ? synonyms(config) : List.of())
        .configType(config.key().map(key -> key.type().id()).orElse((byte) 0))
        .documentation(
            request.includeDocumentation()
                ? config.key().map(ConfigKey::documentation).orElse(null)
                : null)
        .build();
  }

  private static List<DescribeConfigsSynonym> synonyms(DescribedConfig config) {
    return config.synonyms().stream()
        .map(
            each ->
                DescribeConfigsSynonym.builder()
                    .name(each.name())
                    .value(each.value())
                    .source(each.source().id())
                    .build())
        .toList();
  }
}
