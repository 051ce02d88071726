package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.Command.TopicRef;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsRequest.DeleteTopicState;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.millrace.protocol.message.DeleteTopicsResponse.DeletableTopicResult;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Deletes topics, which are gone at once; their files are deleted later.
///
/// Versions: 1 names topics; 3 may answer TOPIC_DELETION_DISABLED; 4 is the first flexible one; 5
/// has messages; 6 takes topics by name or by id, and answers both (KIP-516).
public final class DeleteTopicsHandler implements ApiHandler<DeleteTopicsRequest> {
  private final ControllerReply replies;

  public DeleteTopicsHandler(ControllerRuntime controller, Clock clock) {
    this.replies = new ControllerReply(controller, clock);
  }

  @Override
  public ApiKey api() {
    return ApiKey.DELETE_TOPICS;
  }

  @Override
  public Reply handle(DeleteTopicsRequest request, RequestContext context) {
    short version = context.version();
    List<TopicRef> refs = new ArrayList<>();
    List<DeletableTopicResult> refused = new ArrayList<>();
    if (version >= 6) {
      for (DeleteTopicState topic : request.topics()) {
        if ((topic.name() == null) == topic.topicId().isZero()) {
          refused.add(ambiguous(topic));
        } else {
          refs.add(new TopicRef(topic.name(), topic.topicId()));
        }
      }
    } else {
      request.topicNames().forEach(name -> refs.add(new TopicRef(name, Uuid.ZERO)));
    }
    return replies.propose(
        new Command.DeleteTopics(refs),
        request.timeoutMs(),
        answer ->
            response(
                refused,
                answer.stream()
                    .map(each -> result(each.name(), each.id(), each.outcome(), version))
                    .toList()),
        failure ->
            response(
                refused,
                refs.stream().map(ref -> result(ref.name(), ref.id(), failure, version)).toList()));
  }

  private static DeletableTopicResult ambiguous(DeleteTopicState topic) {
    return result(
        topic.name(),
        topic.topicId(),
        new Outcome(
            ErrorCode.INVALID_REQUEST, "A topic to delete needs either a name or an id, not both"),
        (short) 6);
  }

  private static DeletableTopicResult result(
      @Nullable String name, Uuid id, Outcome outcome, short version) {
    boolean isTooNew = version < 3 && outcome.error() == ErrorCode.TOPIC_DELETION_DISABLED;
    ErrorCode error = isTooNew ? ErrorCode.INVALID_REQUEST : outcome.error();
    return DeletableTopicResult.builder()
        .name(name)
        .topicId(id)
        .errorCode(error.code())
        .errorMessage(outcome.isDone() ? null : outcome.message())
        .build();
  }

  private static ApiMessage response(
      List<DeletableTopicResult> refused, List<DeletableTopicResult> others) {
    List<DeletableTopicResult> all = new ArrayList<>(refused);
    all.addAll(others);
    return DeleteTopicsResponse.builder().responses(all).build();
  }
}
