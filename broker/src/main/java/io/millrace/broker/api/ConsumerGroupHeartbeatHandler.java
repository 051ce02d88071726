package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.Caller;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.host.Entropy;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.Optional;
import java.util.UUID;

/// A member of a consumer group (KIP-848) joins, says what it subscribes to and what it has, learns
/// what it is to have, or leaves.
///
/// Versions: 1 adds subscriptions by regular expression, and members make their ids themselves
/// (KIP-1082).
public final class ConsumerGroupHeartbeatHandler
    implements ApiHandler<ConsumerGroupHeartbeatRequest> {
  private final Coordinator<GroupMachine> groups;
  private final Entropy entropy;

  public ConsumerGroupHeartbeatHandler(Coordinator<GroupMachine> groups, Entropy entropy) {
    this.groups = groups;
    this.entropy = entropy;
  }

  @Override
  public ApiKey api() {
    return ApiKey.CONSUMER_GROUP_HEARTBEAT;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(ConsumerGroupHeartbeatRequest request, RequestContext context)
      throws InterruptedException {
    Caller caller =
        new Caller(
            context.version(),
            context.clientId(),
            "/" + context.remote().host(),
            new UUID(entropy.nextLong(), entropy.nextLong()).toString());
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.consumerGroupHeartbeat(request, caller, now),
        response -> response,
        ConsumerGroupHeartbeatHandler::failed);
  }

  private static ConsumerGroupHeartbeatResponse failed(ErrorCode error) {
    return ConsumerGroupHeartbeatResponse.builder()
        .errorCode(GroupErrors.ofMember(error).code())
        .build();
  }
}
