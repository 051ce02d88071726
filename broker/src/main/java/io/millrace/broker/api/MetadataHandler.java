package io.millrace.broker.api;

import io.millrace.metadata.Broker;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Partition;
import io.millrace.metadata.Topic;
import io.millrace.metadata.TopicNames;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tells clients the brokers, and the partitions of topics with their leaders. A topic that is
/// asked for by name and does not exist is created, if the client and the broker allow it.
///
/// Versions: 0 asks for all topics by an empty list, 1 and later by null; 4 lets the client forbid
/// creation; 8 adds authorised operations, of the cluster only up to 10; 10 adds topic ids, 12
/// asking by them; 13 a top-level error (KIP-1102).
public final class MetadataHandler implements ApiHandler<MetadataRequest> {
  private final String clusterId;
  private final Supplier<ClusterImage> image;
  private final AutomaticTopics automatic;

  public MetadataHandler(
      String clusterId, Supplier<ClusterImage> image, AutomaticTopics automatic) {
    this.clusterId = clusterId;
    this.image = image;
    this.automatic = automatic;
  }

  @Override
  public ApiKey api() {
    return ApiKey.METADATA;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return version >= 13
        ? Optional.of(MetadataResponse.builder().errorCode(error.code()).build())
        : Optional.empty();
  }

  @Override
  public Reply handle(MetadataRequest request, RequestContext context) throws InterruptedException {
    short version = context.version();
    List<MetadataRequest.MetadataRequestTopic> asked = request.topics();
    boolean all = asked == null || (version == 0 && asked.isEmpty());
    Map<String, ErrorCode> failures = Map.of();
    if (!all && asked != null) {
      if (usesIdsTooEarly(asked, version)) {
        return new Reply.Now(refused(asked));
      }
      failures = createMissing(asked, request.allowAutoTopicCreation());
    }
    ClusterImage current = image.get();
    List<MetadataResponse.MetadataResponseTopic> topics = new ArrayList<>();
    Describer describer = new Describer(current, context.listener(), request);
    if (all || asked == null) {
      current.topics().values().forEach(topic -> topics.add(describer.describe(topic)));
    } else {
      describer.describe(asked, failures, topics);
    }
    return new Reply.Now(
        MetadataResponse.builder()
            .brokers(brokers(current, context.listener()))
            .clusterId(clusterId)
            .controllerId(controller(current))
            .topics(topics)
            .clusterAuthorizedOperations(
                AuthorizedOperations.onCluster(request.includeClusterAuthorizedOperations()))
            .build());
  }

  /// Up to version 11 a topic is asked for by name, although 10 and 11 have room for an id.
  private static boolean usesIdsTooEarly(
      List<MetadataRequest.MetadataRequestTopic> asked, short version) {
    return version < 12
        && asked.stream().anyMatch(topic -> topic.name() == null || !topic.topicId().isZero());
  }

  private static MetadataResponse refused(List<MetadataRequest.MetadataRequestTopic> asked) {
    List<MetadataResponse.MetadataResponseTopic> topics = new ArrayList<>();
    for (MetadataRequest.MetadataRequestTopic topic : asked) {
      topics.add(
          MetadataResponse.MetadataResponseTopic.builder()
              .name(topic.name() == null ? "" : topic.name())
              .topicId(topic.topicId())
              .errorCode(ErrorCode.INVALID_REQUEST.code())
              .build());
    }
    return MetadataResponse.builder().topics(topics).build();
  }

  /// Creates what does not exist yet and answers why that failed, by topic.
  private Map<String, ErrorCode> createMissing(
      List<MetadataRequest.MetadataRequestTopic> asked, boolean mayCreate)
      throws InterruptedException {
    ClusterImage current = image.get();
    Set<String> missing = new LinkedHashSet<>();
    for (MetadataRequest.MetadataRequestTopic topic : asked) {
      String name = topic.name();
      if (name != null && topic.topicId().isZero() && current.topic(name).isEmpty()) {
        missing.add(name);
      }
    }
    if (missing.isEmpty()) {
      return Map.of();
    }
    return mayCreate
        ? automatic.create(List.copyOf(missing))
        : AutomaticTopics.unknown(List.copyOf(missing));
  }

  private static List<MetadataResponse.MetadataResponseBroker> brokers(
      ClusterImage image, String listener) {
    List<MetadataResponse.MetadataResponseBroker> brokers = new ArrayList<>();
    for (Broker broker : image.brokers().values()) {
      Optional<Broker.Endpoint> endpoint = broker.endpoint(listener);
      if (!broker.fenced() && endpoint.isPresent()) {
        brokers.add(
            MetadataResponse.MetadataResponseBroker.builder()
                .nodeId(broker.id())
                .host(endpoint.get().host())
                .port(endpoint.get().port())
                .rack(broker.rack().orElse(null))
                .build());
      }
    }
    return brokers;
  }

  /// Clients send what only a controller does to this broker; every broker passes it on, so the
  /// first that is alive will do.
  private static int controller(ClusterImage image) {
    return image.brokers().values().stream()
        .filter(broker -> !broker.fenced())
        .mapToInt(Broker::id)
        .findFirst()
        .orElse(-1);
  }

  /// Describes topics as one request wants them.
  private record Describer(ClusterImage image, String listener, MetadataRequest request) {
    void describe(
        List<MetadataRequest.MetadataRequestTopic> asked,
        Map<String, ErrorCode> failures,
        List<MetadataResponse.MetadataResponseTopic> described) {
      Map<String, Boolean> done = new TreeMap<>();
      for (MetadataRequest.MetadataRequestTopic wanted : asked) {
        String name = wanted.name();
        boolean byId = !wanted.topicId().isZero();
        Optional<Topic> topic =
            name == null || byId ? image.topic(wanted.topicId()) : image.topic(name);
        if (topic.isPresent()) {
          if (done.put(topic.get().name(), true) == null) {
            described.add(describe(topic.get()));
          }
        } else if (name == null || byId) {
          described.add(missing(null, wanted.topicId(), ErrorCode.UNKNOWN_TOPIC_ID));
        } else if (done.put(name, true) == null) {
          ErrorCode error = failures.getOrDefault(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
          described.add(missing(name, Uuid.ZERO, error));
        }
      }
    }

    MetadataResponse.MetadataResponseTopic describe(Topic topic) {
      List<MetadataResponse.MetadataResponsePartition> partitions = new ArrayList<>();
      topic.partitions().forEach((index, partition) -> partitions.add(describe(index, partition)));
      return MetadataResponse.MetadataResponseTopic.builder()
          .name(topic.name())
          .topicId(topic.id())
          .isInternal(TopicNames.isInternal(topic.name()))
          .partitions(partitions)
          .topicAuthorizedOperations(
              AuthorizedOperations.onTopic(request.includeTopicAuthorizedOperations()))
          .build();
    }

    private MetadataResponse.MetadataResponsePartition describe(int index, Partition partition) {
      return MetadataResponse.MetadataResponsePartition.builder()
          .partitionIndex(index)
          .errorCode(Leaders.error(image, partition, listener).code())
          .leaderId(partition.leader())
          .leaderEpoch(partition.leaderEpoch())
          .replicaNodes(partition.replicas())
          .isrNodes(partition.isr())
          .offlineReplicas(Leaders.offline(image, partition))
          .build();
    }

    private static MetadataResponse.MetadataResponseTopic missing(
        @Nullable String name, Uuid id, ErrorCode error) {
      return MetadataResponse.MetadataResponseTopic.builder()
          .name(name)
          .topicId(id)
          .errorCode(error.code())
          .build();
    }
  }
}
