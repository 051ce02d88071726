package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.util.Optional;

/// A member asks for its assignment, and the leader brings those of all. The response takes as long
/// as the leader does.
///
/// Versions: 1 and 2 are as 0; 3 adds static members (KIP-345); 4 is the first flexible one; 5 adds
/// protocol type and name, which have to be those of the group (KIP-559).
public final class SyncGroupHandler implements ApiHandler<SyncGroupRequest> {
  private final Coordinator<GroupMachine> groups;

  public SyncGroupHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.SYNC_GROUP;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(SyncGroupRequest request, RequestContext context)
      throws InterruptedException {
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.sync(request, context.version(), now),
        response -> response,
        SyncGroupHandler::failed);
  }

  private static SyncGroupResponse failed(ErrorCode error) {
    return SyncGroupResponse.builder().errorCode(GroupErrors.ofMember(error).code()).build();
  }
}
