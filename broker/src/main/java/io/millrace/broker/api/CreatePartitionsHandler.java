package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.Command.MorePartitions;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreatePartitionsRequest;
import io.millrace.protocol.message.CreatePartitionsRequest.CreatePartitionsAssignment;
import io.millrace.protocol.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.millrace.protocol.message.CreatePartitionsResponse;
import io.millrace.protocol.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Adds partitions to topics.
///
/// Versions: 2 is the first flexible one; 3 may answer THROTTLING_QUOTA_EXCEEDED.
public final class CreatePartitionsHandler implements ApiHandler<CreatePartitionsRequest> {
  private final ControllerReply replies;

  public CreatePartitionsHandler(ControllerRuntime controller, Clock clock) {
    this.replies = new ControllerReply(controller, clock);
  }

  @Override
  public ApiKey api() {
    return ApiKey.CREATE_PARTITIONS;
  }

  @Override
  public Reply handle(CreatePartitionsRequest request, RequestContext context) {
    return replies.propose(
        new Command.CreatePartitions(
            request.topics().stream().map(CreatePartitionsHandler::wanted).toList(),
            request.validateOnly()),
        request.timeoutMs(),
        answer ->
            response(answer.stream().map(each -> result(each.topic(), each.outcome())).toList()),
        failure ->
            response(request.topics().stream().map(each -> result(each.name(), failure)).toList()));
  }

  private static MorePartitions wanted(CreatePartitionsTopic topic) {
    @Nullable List<CreatePartitionsAssignment> assignments = topic.assignments();
    return new MorePartitions(
        topic.name(),
        topic.count(),
        assignments == null
            ? null
            : assignments.stream().map(CreatePartitionsAssignment::brokerIds).toList());
  }

  private static CreatePartitionsTopicResult result(String name, Outcome outcome) {
    return CreatePartitionsTopicResult.builder()
        .name(name)
        .errorCode(outcome.error().code())
        .errorMessage(outcome.isDone() ? null : outcome.message())
        .build();
  }

  private static ApiMessage response(List<CreatePartitionsTopicResult> results) {
    return CreatePartitionsResponse.builder().results(results).build();
  }
}
