package io.millrace.coordinator.group;

import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ErrorCode;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is wrong with a ConsumerGroupHeartbeat, whatever the group is.
///
/// | epoch | has to be there | must not be there |
/// |---|---|---|
/// | any | group id | empty instance id, empty rack, an assignor that is not known |
/// | 0, joins | rebalance timeout, a subscription, no partitions, from version 1 on a member id | |
/// | above 0 | member id | |
/// | -1, leaves | member id | |
/// | -2, leaves to come back | instance id | |
/// | below | | all |
final class HeartbeatChecks {
  private HeartbeatChecks() {}

  static @Nullable Refusal check(
      ConsumerGroupHeartbeatRequest request, short version, Collection<String> assignors) {
    int epoch = request.memberEpoch();
    if (request.memberId().isEmpty()
        && (version >= 1 || epoch > 0 || epoch == ConsumerMember.LEAVE_EPOCH)) {
      return invalid("MemberId can't be empty.");
    }
    if (request.groupId().isEmpty()) {
      return invalid("GroupId can't be empty.");
    }
    if (isEmpty(request.instanceId())) {
      return invalid("InstanceId can't be empty.");
    }
    if (isEmpty(request.rackId())) {
      return invalid("RackId can't be empty.");
    }
    Refusal refusal =
        switch (epoch) {
          case ConsumerMember.JOIN_EPOCH -> checkJoin(request);
          case ConsumerMember.LEAVE_STATIC_EPOCH ->
              request.instanceId() == null ? invalid("InstanceId can't be null.") : null;
          default -> epoch < ConsumerMember.LEAVE_EPOCH ? invalid("MemberEpoch is invalid.") : null;
        };
    if (refusal != null) {
      return refusal;
    }
    String assignor = request.serverAssignor();
    if (assignor != null && !assignors.contains(assignor)) {
      return new Refusal(
          ErrorCode.UNSUPPORTED_ASSIGNOR,
          String.format(
              "ServerAssignor %s is not supported. Supported assignors: %s.",
              assignor, String.join(", ", assignors)));
    }
    return null;
  }

  private static @Nullable Refusal checkJoin(ConsumerGroupHeartbeatRequest request) {
    if (request.rebalanceTimeoutMs() == -1) {
      return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    List<ConsumerGroupHeartbeatRequest.TopicPartitions> owned = request.topicPartitions();
    if (owned == null || !owned.isEmpty()) {
      return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if (request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null) {
      return invalid(
          "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
    }
    return null;
  }

  private static boolean isEmpty(@Nullable String text) {
    return text != null && text.isEmpty();
  }

  private static Refusal invalid(String message) {
    return new Refusal(ErrorCode.INVALID_REQUEST, message);
  }
}
