package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.DescribeGroupsResponse.DescribedGroup;
import io.millrace.protocol.message.ErrorCode;

/// Describes classic groups with their members.
///
/// Versions: 3 adds authorized operations (KIP-430); 4 adds static members; 5 is the first flexible
/// one; 6 says that a group does not exist, which is `Dead` for older clients (KIP-1043).
public final class DescribeGroupsHandler implements ApiHandler<DescribeGroupsRequest> {
  private final Coordinator<GroupMachine> groups;

  public DescribeGroupsHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_GROUPS;
  }

  @Override
  public Reply handle(DescribeGroupsRequest request, RequestContext context)
      throws InterruptedException {
    int operations = AuthorizedOperations.onGroup(request.includeAuthorizedOperations());
    GatheredReply<DescribedGroup> gathered = new GatheredReply<>();
    for (String groupId : request.groups()) {
      gathered.ask(
          groups,
          groupId,
          (machine, now) -> machine.describe(groupId, context.version()),
          error -> DescribedGroup.builder().groupId(groupId).errorCode(error.code()).build());
    }
    return gathered.reply(
        described ->
            DescribeGroupsResponse.builder()
                .groups(described.stream().map(each -> withOperations(each, operations)).toList())
                .build());
  }

  private static DescribedGroup withOperations(DescribedGroup group, int operations) {
    return group.errorCode() == ErrorCode.NONE.code()
        ? group.toBuilder().authorizedOperations(operations).build()
        : group;
  }
}
