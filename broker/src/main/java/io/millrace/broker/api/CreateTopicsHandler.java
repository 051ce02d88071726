package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.Command.CreatedTopic;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.metadata.Topic;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsRequest.CreatableTopic;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import io.millrace.protocol.message.CreateTopicsResponse.CreatableTopicResult;
import java.util.List;

/// Creates topics; answers when their partitions are there on this broker.
///
/// Versions: 4 makes -1 stand for the default number of partitions and replicas (KIP-464), which is
/// taken so in all versions; 5 is the first flexible one and answers what the topic got, settings
/// included (KIP-525); 6 may answer THROTTLING_QUOTA_EXCEEDED; 7 answers the topic's id.
public final class CreateTopicsHandler implements ApiHandler<CreateTopicsRequest> {
  private final ControllerRuntime controller;
  private final ControllerReply replies;
  private final ConfigDescriber describer;

  public CreateTopicsHandler(ControllerRuntime controller, Clock clock, ConfigDescriber describer) {
    this.controller = controller;
    this.replies = new ControllerReply(controller, clock);
    this.describer = describer;
  }

  @Override
  public ApiKey api() {
    return ApiKey.CREATE_TOPICS;
  }

  @Override
  public Reply handle(CreateTopicsRequest request, RequestContext context) {
    return replies.propose(
        new Command.CreateTopics(
            request.topics().stream().map(CreateTopicsHandler::wanted).toList(),
            request.validateOnly()),
        request.timeoutMs(),
        answer -> response(answer.stream().map(this::result).toList()),
        failure ->
            response(
                request.topics().stream()
                    .map(CreatableTopic::name)
                    .distinct()
                    .map(name -> failed(name, failure))
                    .toList()));
  }

  private static Command.NewTopic wanted(CreatableTopic topic) {
    return new Command.NewTopic(
        topic.name(),
        topic.numPartitions(),
        topic.replicationFactor(),
        topic.assignments().stream()
            .map(each -> new Command.ManualAssignment(each.partitionIndex(), each.brokerIds()))
            .toList(),
        topic.configs().stream()
            .map(each -> new Command.Setting(each.name(), each.value()))
            .toList());
  }

  private CreatableTopicResult result(CreatedTopic created) {
    if (created.topic().isEmpty()) {
      return failed(created.name(), created.outcome());
    }
    Topic topic = created.topic().get();
    List<CreatableTopicConfigs> configs =
        describer.topic(controller.image(), created.settings()).stream()
            .map(CreateTopicsHandler::config)
            .toList();
    return CreatableTopicResult.builder()
        .name(created.name())
        .topicId(topic.id())
        .errorMessage(null)
        .numPartitions(topic.partitionCount())
        .replicationFactor((short) topic.replicationFactor())
        .configs(configs)
        .build();
  }

  private static CreatableTopicConfigs config(DescribedConfig config) {
    return CreatableTopicConfigs.builder()
        .name(config.name())
        .value(config.value())
        .readOnly(config.isReadOnly())
        .configSource(config.source().id())
        .isSensitive(config.isSensitive())
        .build();
  }

  private static CreatableTopicResult failed(String name, Outcome outcome) {
    return CreatableTopicResult.builder()
        .name(name)
        .errorCode(outcome.error().code())
        .errorMessage(outcome.message())
        .build();
  }

  private static ApiMessage response(List<CreatableTopicResult> results) {
    return CreateTopicsResponse.builder().topics(results).build();
  }
}
