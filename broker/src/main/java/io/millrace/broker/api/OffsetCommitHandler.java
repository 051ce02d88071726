package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.OffsetCommitRequest;

/// Commits how far a group has read.
///
/// Versions: 2 to 4 may say how long to keep the offsets; 6 adds the leader epoch (KIP-320); 7 adds
/// static members (KIP-345); 8 is the first flexible one; 9 has member epochs and says that a group
/// does not exist (KIP-848); 10 names topics by their ids.
public final class OffsetCommitHandler implements ApiHandler<OffsetCommitRequest> {
  private final Coordinator<GroupMachine> groups;

  public OffsetCommitHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.OFFSET_COMMIT;
  }

  @Override
  public Reply handle(OffsetCommitRequest request, RequestContext context)
      throws InterruptedException {
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.commit(request, context.version(), now),
        response -> response,
        error -> GroupMachine.failed(request, GroupErrors.ofCommit(error)));
  }
}
