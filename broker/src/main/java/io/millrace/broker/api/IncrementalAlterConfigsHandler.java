package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.Command.Edit;
import io.millrace.metadata.Command.EditKind;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.Outcome;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.millrace.protocol.message.IncrementalAlterConfigsResponse;
import io.millrace.protocol.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/// Changes single settings of resources (KIP-339): sets them, takes them back to their defaults,
/// adds elements to lists or takes them away.
///
/// Versions: 1 is the first flexible one.
public final class IncrementalAlterConfigsHandler
    implements ApiHandler<IncrementalAlterConfigsRequest> {
  private final ControllerReply replies;

  public IncrementalAlterConfigsHandler(ControllerRuntime controller, Clock clock) {
    this.replies = new ControllerReply(controller, clock);
  }

  @Override
  public ApiKey api() {
    return ApiKey.INCREMENTAL_ALTER_CONFIGS;
  }

  @Override
  public Reply handle(IncrementalAlterConfigsRequest request, RequestContext context) {
    List<Command.ConfigChange> changes = new ArrayList<>();
    List<AlterConfigsResourceResponse> refused = new ArrayList<>();
    for (AlterConfigsResource resource : request.resources()) {
      if (!ConfigResource.Type.isKnown(resource.resourceType())) {
        refused.add(
            result(
                resource,
                new Outcome(
                    ErrorCode.INVALID_REQUEST,
                    "There is no kind of resource with id " + resource.resourceType())));
      } else if (resource.configs().stream().anyMatch(each -> kinds(each).isEmpty())) {
        refused.add(
            result(
                resource,
                new Outcome(
                    ErrorCode.INVALID_REQUEST,
                    "A setting can be set (0), deleted (1), appended to"
                        + " (2) or subtracted from (3), and nothing else")));
      } else {
        changes.add(change(resource));
      }
    }
    return replies.propose(
        new Command.IncrementalAlterConfigs(changes, request.validateOnly()),
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

  private static Command.ConfigChange change(AlterConfigsResource resource) {
    return new Command.ConfigChange(
        new ConfigResource(
            ConfigResource.Type.forId(resource.resourceType()), resource.resourceName()),
        resource.configs().stream()
            .map(each -> new Edit(each.name(), kinds(each).getFirst(), each.value()))
            .toList());
  }

  /// The kind of edit that the protocol's id stands for; none if the id is unknown.
  private static List<EditKind> kinds(AlterableConfig config) {
    return switch (config.configOperation()) {
      case 0 -> List.of(EditKind.SET);
      case 1 -> List.of(EditKind.DELETE);
      case 2 -> List.of(EditKind.APPEND);
      case 3 -> List.of(EditKind.SUBTRACT);
      default -> List.of();
    };
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
    return IncrementalAlterConfigsResponse.builder().responses(all).build();
  }
}
