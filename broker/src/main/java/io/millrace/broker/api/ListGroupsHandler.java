package io.millrace.broker.api;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lists the groups that this broker coordinates.
///
/// Versions: 1 and 2 are as 0; 3 is the first flexible one; 4 adds states, as a filter too
/// (KIP-518); 5 adds types (KIP-848).
public final class ListGroupsHandler implements ApiHandler<ListGroupsRequest> {
  private final Coordinator<GroupMachine> groups;

  public ListGroupsHandler(Coordinator<GroupMachine> groups) {
    this.groups = groups;
  }

  @Override
  public ApiKey api() {
    return ApiKey.LIST_GROUPS;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(ListGroupsRequest request, RequestContext context)
      throws InterruptedException {
    List<Answer<List<ListGroupsResponse.ListedGroup>>> answers;
    try {
      answers = groups.submitToAll((machine, now) -> machine.list(request));
    } catch (CoordinatorException e) {
      return new Reply.Now(failed(e.error()));
    }
    if (answers.stream().allMatch(Answer::isReady)) {
      return new Reply.Now(await(answers));
    }
    return new Reply.Later(
        new Reply.Answer() {
          @Override
          public ApiMessage await() throws InterruptedException {
            return ListGroupsHandler.await(answers);
          }

          @Override
          public void abandon() {
            answers.forEach(Answer::abandon);
          }
        });
  }

  private static ListGroupsResponse await(
      List<Answer<List<ListGroupsResponse.ListedGroup>>> answers) throws InterruptedException {
    List<ListGroupsResponse.ListedGroup> listed = new ArrayList<>();
    try {
      for (Answer<List<ListGroupsResponse.ListedGroup>> answer : answers) {
        listed.addAll(answer.await(CoordinatorReply.COMMIT_LIMIT));
      }
    } catch (CoordinatorException e) {
      return failed(e.error());
    }
    return ListGroupsResponse.builder().groups(listed).build();
  }

  private static ListGroupsResponse failed(ErrorCode error) {
    return ListGroupsResponse.builder().errorCode(error.code()).build();
  }
}
