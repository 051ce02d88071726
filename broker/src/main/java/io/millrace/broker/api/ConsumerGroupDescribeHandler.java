package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ConsumerGroupDescribeRequest;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.millrace.protocol.message.ErrorCode;

/// Describes consumer groups (KIP-848) with their members: what they have, and what they are to
/// have.
///
/// Versions: 1 tells which protocol a member speaks (KIP-1099).
public final class ConsumerGroupDescribeHandler
    implements ApiHandler<ConsumerGroupDescribeRequest> {
  private final Coordinator<GroupMachine> groups;

  public ConsumerGroupDescribeHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.CONSUMER_GROUP_DESCRIBE;
  }

  @Override
  public Reply handle(ConsumerGroupDescribeRequest request, RequestContext context)
      throws InterruptedException {
    int operations = AuthorizedOperations.onGroup(request.includeAuthorizedOperations());
    GatheredReply<DescribedGroup> gathered = new GatheredReply<>();
    for (String groupId : request.groupIds()) {
      gathered.ask(
          groups,
          groupId,
          (machine, now) -> machine.describeConsumerGroup(groupId),
          error -> DescribedGroup.builder().groupId(groupId).errorCode(error.code()).build());
    }
    return gathered.reply(
        described ->
            ConsumerGroupDescribeResponse.builder()
                .groups(described.stream().map(each -> withOperations(each, operations)).toList())
                .build());
  }

  private static DescribedGroup withOperations(DescribedGroup group, int operations) {
    return group.errorCode() == ErrorCode.NONE.code()
        ? group.toBuilder().authorizedOperations(operations).build()
        : group;
  }
}
