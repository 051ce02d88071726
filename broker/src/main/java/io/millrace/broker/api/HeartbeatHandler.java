package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import java.util.Optional;

/// A member of a classic group shows that it is alive, and learns whether it has to join again.
///
/// Versions: 1 and 2 are as 0; 3 adds static members (KIP-345); 4 is the first flexible one.
public final class HeartbeatHandler implements ApiHandler<HeartbeatRequest> {
  private final Coordinator<GroupMachine> groups;

  public HeartbeatHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.HEARTBEAT;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(HeartbeatRequest request, RequestContext context)
      throws InterruptedException {
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.heartbeat(request, now),
        response -> response,
        HeartbeatHandler::failed);
  }

  private static HeartbeatResponse failed(ErrorCode error) {
    // While the group is loaded nobody can tell whether the member is one: as if nothing was wrong.
    ErrorCode told = error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : error;
    return HeartbeatResponse.builder().errorCode(GroupErrors.ofMember(told).code()).build();
  }
}
