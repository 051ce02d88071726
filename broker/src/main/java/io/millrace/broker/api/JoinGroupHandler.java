package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.Caller;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.host.Entropy;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import java.util.Optional;
import java.util.UUID;

/// A member joins a group, or comes again because the group rebalances. The response takes as long
/// as it takes the others to join.
///
/// Versions: 1 adds the rebalance timeout; 4 makes new members come again with the id they were
/// given (KIP-394); 5 adds static members (KIP-345); 6 is the first flexible one; 7 tells the
/// protocol type (KIP-559); 8 adds a reason (KIP-800); 9 can tell the leader to keep the assignment
/// (KIP-814).
public final class JoinGroupHandler implements ApiHandler<JoinGroupRequest> {
  private static final short FIRST_VERSION_WITHOUT_PROTOCOL_NAME = 7;

  private final Coordinator<GroupMachine> groups;
  private final Entropy entropy;

  public JoinGroupHandler(Coordinator<GroupMachine> groups, Entropy entropy) {
    this.groups = groups;
    this.entropy = entropy;
  }

  @Override
  public ApiKey api() {
    return ApiKey.JOIN_GROUP;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed("", error));
  }

  @Override
  public Reply handle(JoinGroupRequest request, RequestContext context)
      throws InterruptedException {
    short version = context.version();
    Caller caller =
        new Caller(
            version,
            context.clientId(),
            "/" + context.remote().host(),
            new UUID(entropy.nextLong(), entropy.nextLong()).toString());
    return CoordinatorReply.ask(
        groups,
        request.groupId(),
        (machine, now) -> machine.join(request, caller, now),
        response -> inVersion(response, version),
        error -> failed(request.memberId(), error));
  }

  /// Older clients expect a name where there is none.
  private static JoinGroupResponse inVersion(JoinGroupResponse response, short version) {
    return version < FIRST_VERSION_WITHOUT_PROTOCOL_NAME && response.protocolName() == null
        ? response.toBuilder().protocolName("").build()
        : response;
  }

  private static JoinGroupResponse failed(String memberId, ErrorCode error) {
    return JoinGroupResponse.builder()
        .memberId(memberId)
        .errorCode(GroupErrors.ofMember(error).code())
        .build();
  }
}
