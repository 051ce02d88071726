package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import java.util.Optional;

/// Deletes what a group has committed for topics that no member reads (KIP-496).
///
/// Versions: there is only 0.
public final class OffsetDeleteHandler implements ApiHandler<OffsetDeleteRequest> {
  private final Coordinator<GroupMachine> groups;

  public OffsetDeleteHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.OFFSET_DELETE;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(OffsetDeleteRequest request, RequestContext context)
      throws InterruptedException {
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.deleteOffsets(request),
        response -> response,
        OffsetDeleteHandler::failed);
  }

  private static OffsetDeleteResponse failed(ErrorCode error) {
    return OffsetDeleteResponse.builder().errorCode(error.code()).build();
  }
}
