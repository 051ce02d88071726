package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.metadata.Broker;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Partition;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Says which broker coordinates a group or a transactional id: the one that leads the partition of
/// the internal topic to which the key belongs. The topic is made when it is first asked for.
///
/// Versions: 1 adds transactional ids; 3 is the first flexible one; 4 asks for several keys
/// (KIP-699); 5 adds TRANSACTION_ABORTABLE; 6 asks for keys of share groups, which are not here.
public final class FindCoordinatorHandler implements ApiHandler<FindCoordinatorRequest> {
  private static final byte GROUP = 0;
  private static final byte TRANSACTION = 1;
  private static final short FIRST_VERSION_WITH_KEYS = 4;

  private final Supplier<ClusterImage> image;
  private final InternalTopics topics;
  private final Coordinator<?> groups;
  private final Coordinator<?> transactions;

  public FindCoordinatorHandler(
      Supplier<ClusterImage> image,
      InternalTopics topics,
      Coordinator<?> groups,
      Coordinator<?> transactions) {
    this.image = image;
    this.topics = topics;
    this.groups = groups;
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.FIND_COORDINATOR;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    FindCoordinatorResponse.Coordinator failed = failed("", error, error.message());
    return Optional.of(
        version < FIRST_VERSION_WITH_KEYS
            ? single(failed)
            : FindCoordinatorResponse.builder().coordinators(List.of(failed)).build());
  }

  @Override
  public Reply handle(FindCoordinatorRequest request, RequestContext context)
      throws InterruptedException {
    if (context.version() < FIRST_VERSION_WITH_KEYS) {
      return new Reply.Now(single(find(request.key(), request.keyType(), context)));
    }
    List<FindCoordinatorResponse.Coordinator> found = new ArrayList<>();
    for (String key : request.coordinatorKeys()) {
      found.add(find(key, request.keyType(), context));
    }
    return new Reply.Now(FindCoordinatorResponse.builder().coordinators(found).build());
  }

  private FindCoordinatorResponse.Coordinator find(String key, byte type, RequestContext context)
      throws InterruptedException {
    Coordinator<?> coordinator;
    switch (type) {
      case GROUP -> coordinator = groups;
      case TRANSACTION -> coordinator = transactions;
      default -> {
        return failed(key, ErrorCode.INVALID_REQUEST, "there are no coordinators of type " + type);
      }
    }
    if (key.isEmpty() && type == TRANSACTION) {
      return failed(key, ErrorCode.INVALID_REQUEST, "a transactional id must not be empty");
    }
    if (!topics.ensure(coordinator.topic())) {
      return failed(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, "there is no " + coordinator.topic());
    }
    try {
      int index = coordinator.partitionFor(key);
      ClusterImage now = image.get();
      return now.topic(coordinator.topic())
          .map(topic -> topic.partition(index))
          .map(Partition::leader)
          .flatMap(leader -> Optional.ofNullable(now.brokers().get(leader)))
          .flatMap(broker -> addressOf(broker, key, context))
          .orElseGet(
              () ->
                  failed(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, "its partition has no leader"));
    } catch (CoordinatorException e) {
      return failed(key, e.error(), String.valueOf(e.getMessage()));
    }
  }

  private static Optional<FindCoordinatorResponse.Coordinator> addressOf(
      Broker broker, String key, RequestContext context) {
    return broker
        .endpoint(context.listener())
        .map(
            endpoint ->
                FindCoordinatorResponse.Coordinator.builder()
                    .key(key)
                    .nodeId(broker.id())
                    .host(endpoint.host())
                    .port(endpoint.port())
                    .build());
  }

  private static FindCoordinatorResponse.Coordinator failed(
      String key, ErrorCode error, String message) {
    return FindCoordinatorResponse.Coordinator.builder()
        .key(key)
        .nodeId(-1)
        .host("")
        .port(-1)
        .errorCode(error.code())
        .errorMessage(message)
        .build();
  }

  private static FindCoordinatorResponse single(FindCoordinatorResponse.Coordinator found) {
    return FindCoordinatorResponse.builder()
        .nodeId(found.nodeId())
        .host(found.host())
        .port(found.port())
        .errorCode(found.errorCode())
        .errorMessage(found.errorMessage())
        .build();
  }
}
