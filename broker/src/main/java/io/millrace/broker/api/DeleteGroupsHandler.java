package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteGroupsRequest;
import io.millrace.protocol.message.DeleteGroupsResponse;
import io.millrace.protocol.message.DeleteGroupsResponse.DeletableGroupResult;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// Deletes groups without members, with what they have committed (KIP-229).
///
/// Versions: 1 is as 0; 2 is the first flexible one; 3 adds error messages.
public final class DeleteGroupsHandler implements ApiHandler<DeleteGroupsRequest> {
  private final Coordinator<GroupMachine> groups;

  public DeleteGroupsHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DELETE_GROUPS;
  }

  @Override
  public Reply handle(DeleteGroupsRequest request, RequestContext context)
      throws InterruptedException {
    List<String> names = List.copyOf(new LinkedHashSet<>(request.groupsNames()));
    GatheredReply<ErrorCode> gathered = new GatheredReply<>();
    for (String name : names) {
      gathered.ask(groups, name, (machine, now) -> machine.delete(name), error -> error);
    }
    return gathered.reply(
        errors -> {
          List<DeletableGroupResult> results = new ArrayList<>();
          for (int i = 0; i < names.size(); i++) {
            results.add(result(names.get(i), errors.get(i)));
          }
          return DeleteGroupsResponse.builder().results(results).build();
        });
  }

  private static DeletableGroupResult result(String name, ErrorCode error) {
    return DeletableGroupResult.builder()
        .groupId(name)
        .errorCode(error.code())
        .errorMessage(error == ErrorCode.NONE ? null : error.message())
        .build();
  }
}
