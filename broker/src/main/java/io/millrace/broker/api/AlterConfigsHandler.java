package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.AlterConfigsRequest;
import io.millrace.protocol.message.AlterConfigsRequest.AlterConfigsResource;
import io.millrace.protocol.message.AlterConfigsResponse;
import io.millrace.protocol.message.AlterConfigsResponse.AlterConfigsResourceResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/// Replaces all settings of resources: those that are not named go back to their defaults. Kept for
/// old clients; others change single settings by IncrementalAlterConfigs.
///
/// Versions: 2 is the first flexible one.
public final class AlterConfigsHandler implements ApiHandler<AlterConfigsRequest> {
  private final ControllerReply replies;

  public AlterConfigsHandler(ControllerRuntime controller, Clock clock) {
    this.replies = new ControllerReply(controller, clock);
  }

  @Override
  public ApiKey api() {
    return ApiKey.ALTER_CONFIGS;
  }

  @Override
  public Reply handle(AlterConfigsRequest request, RequestContext context) {
    List<Command.NewConfig> changes = new ArrayList<>();
    List<AlterConfigsResourceResponse> refused = new ArrayList<>();
    for (AlterConfigsResource resource : request.resources()) {
      if (!ConfigResource.Type.isKnown(resource.resourceType())) {
        refused.add(
            result(
                resource,
                new Outcome(
                    ErrorCode.INVALID_REQUEST,
                    "There is no kind of resource with id " + resource.resourceType())));
        continue;
      }
      changes.add(
          new Command.NewConfig(
              new ConfigResource(
                  ConfigResource.Type.forId(resource.resourceType()), resource.resourceName()),
              resource.configs().stream()
                  .map(each -> new Setting(each.name(), each.value()))
                  .toList()));
    }
    return replies.propose(
        new Command.AlterConfigs(changes, request.validateOnly()),
        ControllerReply.DEFAULT_TIMEOUT_MS,
        answer ->
            response(
                refused,
                answer.stream()
                    .map(
                        each ->
                            result(
                                each.resource().type().id(),
                                each.resource().name(),
                                each.outcome()))
                    .toList()),
        failure ->
            response(
                refused,
                changes.stream()
                    .map(
                        each ->
                            result(each.resource().type().id(), each.resource().name(), failure))
                    .toList()));
  }

  private static AlterConfigsResourceResponse result(
      AlterConfigsResource resource, Outcome outcome) {
    return result(resource.resourceType(), resource.resourceName(), outcome);
  }

  private static AlterConfigsResourceResponse result(byte type, String name, Outcome outcome) {
    return AlterConfigsResourceResponse.builder()
        .errorCode(outcome.error().code())
        .errorMessage(outcome.isDone() ? null : outcome.message())
        .resourceType(type)
        .resourceName(name)
        .build();
  }

  private static ApiMessage response(
      List<AlterConfigsResourceResponse> refused, List<AlterConfigsResourceResponse> others) {
    List<AlterConfigsResourceResponse> all = new ArrayList<>(refused);
    all.addAll(others);
    return AlterConfigsResponse.builder().responses(all).build();
  }
}
