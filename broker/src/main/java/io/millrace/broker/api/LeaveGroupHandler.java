package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import java.util.List;
import java.util.Optional;

/// Members leave a group, or an administrator has static members leave.
///
/// Versions: 3 lets several members leave, each by its id or its instance id (KIP-345); 4 is the
/// first flexible one; 5 adds a reason (KIP-800).
public final class LeaveGroupHandler implements ApiHandler<LeaveGroupRequest> {
  private static final short FIRST_VERSION_WITH_MEMBERS = 3;

  private final Coordinator<GroupMachine> groups;

  public LeaveGroupHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.LEAVE_GROUP;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(LeaveGroupRequest request, RequestContext context)
      throws InterruptedException {
    boolean isSingle = context.version() < FIRST_VERSION_WITH_MEMBERS;
    LeaveGroupRequest several = isSingle ? asSeveral(request) : request;
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.leave(several, now),
        response -> isSingle ? asSingle(response) : response,
        LeaveGroupHandler::failed);
  }

  private static LeaveGroupRequest asSeveral(LeaveGroupRequest request) {
    return request.toBuilder()
        .memberId("")
        .members(
            List.of(
                LeaveGroupRequest.MemberIdentity.builder().memberId(request.memberId()).build()))
        .build();
  }

  private static LeaveGroupResponse asSingle(LeaveGroupResponse response) {
    short error =
        response.members().isEmpty()
            ? response.errorCode()
            : response.members().getFirst().errorCode();
    return LeaveGroupResponse.builder().errorCode(error).build();
  }

  private static LeaveGroupResponse failed(ErrorCode error) {
    return LeaveGroupResponse.builder().errorCode(GroupErrors.ofMember(error).code()).build();
  }
}
