package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A heartbeat of a member that joins or is in a group. Step by step: find the member; note what is
/// new about it; bump the group's epoch if that or a topic makes a difference; compute a new target
/// for a new epoch; take the member a step towards its target; answer.
final class ConsumerHeartbeat {
  private static final int WAITING_INTERVAL_MS = 500;

  private final ConsumerGroups groups;
  private final ConsumerGroupHeartbeatRequest request;
  private final Caller caller;
  private final Now now;
  private final @Nullable Assignment reported;

  ConsumerHeartbeat(
      ConsumerGroups groups, ConsumerGroupHeartbeatRequest request, Caller caller, Now now) {
    this.groups = groups;
    this.request = request;
    this.caller = caller;
    this.now = now;
    this.reported = reported(request);
  }

  private static @Nullable Assignment reported(ConsumerGroupHeartbeatRequest request) {
    List<ConsumerGroupHeartbeatRequest.TopicPartitions> topics = request.topicPartitions();
    if (topics == null) {
      return null;
    }
    TreeMap<Uuid, List<Integer>> partitions = new TreeMap<>();
    for (ConsumerGroupHeartbeatRequest.TopicPartitions topic : topics) {
      partitions
          .computeIfAbsent(topic.topicId(), _ -> new ArrayList<>())
          .addAll(topic.partitions());
    }
    return Assignment.of(partitions);
  }

  static Decision<ConsumerGroupHeartbeatResponse> refuse(Refusal refusal) {
    return Decision.reply(
        ConsumerGroupHeartbeatResponse.builder()
            .errorCode(refusal.error().code())
            .errorMessage(refusal.message())
            .build());
  }

  Decision<ConsumerGroupHeartbeatResponse> decide() {
    boolean isJoining = request.memberEpoch() == ConsumerMember.JOIN_EPOCH;
    return switch (groups.open(request.groupId(), isJoining)) {
      case ConsumerGroups.Opened.Refused(Refusal refusal) -> refuse(refusal);
      case ConsumerGroups.Opened.Draft opened -> {
        GroupDraft draft = opened.draft();
        String memberId = request.memberId().isEmpty() ? caller.freshId() : request.memberId();
        Refusal refusal = check(draft.group(), memberId, isJoining);
        if (refusal != null) {
          yield refuse(refusal);
        }
        groups.proceed(opened);
        yield decide(draft, findOrAdd(draft, memberId, isJoining));
      }
    };
  }

  /// Why the member may not take part; null if it may.
  private @Nullable Refusal check(ConsumerGroup group, String memberId, boolean isJoining) {
    String instanceId = request.instanceId();
    ConsumerMember known = instanceId == null ? null : group.staticMember(instanceId);
    ConsumerMember member = group.member(memberId);
    if (known == null && member == null && group.members().size() >= groups.maxSize()) {
      return new Refusal(
          ErrorCode.GROUP_MAX_SIZE_REACHED,
          "The consumer group has reached its maximum capacity of "
              + groups.maxSize()
              + " members.");
    }
    if (isJoining) {
      Refusal refusal = checkRegex(group);
      if (refusal != null || instanceId == null || known == null) {
        return refusal;
      }
      return checkReleased(known, memberId, instanceId);
    }
    if (instanceId != null) {
      Refusal refusal = ConsumerLeave.checkStatic(known, memberId, instanceId);
      if (refusal != null) {
        return refusal;
      }
      member = known;
    }
    if (member == null) {
      return ConsumerLeave.unknownMember(memberId, group.id());
    }
    Refusal refusal = checkEpoch(member);
    return refusal == null ? checkRegex(group) : refusal;
  }

  private static @Nullable Refusal checkReleased(
      ConsumerMember known, String memberId, String instanceId) {
    if (known.usesClassicProtocol() || known.epoch() == ConsumerMember.LEAVE_STATIC_EPOCH) {
      return null;
    }
    return new Refusal(
        ErrorCode.UNRELEASED_INSTANCE_ID,
        String.format(
            "Static member %s with instance id %s cannot join the group because the instance id is"
                + " owned by %s member.",
            memberId, instanceId, known.id()));
  }

  /// A member may come with the epoch before its own and a part of what it was given: the answer
  /// that told it of its epoch may be lost.
  private @Nullable Refusal checkEpoch(ConsumerMember member) {
    int epoch = request.memberEpoch();
    if (epoch > member.epoch()) {
      return fenced("a greater member epoch (" + epoch + ")", member);
    }
    if (epoch < member.epoch()
        && (epoch != member.current().previousEpoch()
            || reported == null
            || !member.current().assigned().containsAllOf(reported))) {
      return fenced("a smaller member epoch (" + epoch + ")", member);
    }
    if (member.current().state() == MemberState.UNKNOWN
        && (reported == null || !reported.isEmpty())) {
      return fenced("an unknown state", member);
    }
    return null;
  }

  private static Refusal fenced(String what, ConsumerMember member) {
    return new Refusal(
        ErrorCode.FENCED_MEMBER_EPOCH,
        String.format(
            "The consumer group member has %s, the group coordinator knows epoch %d. The member"
                + " must abandon all its partitions and rejoin.",
            what, member.epoch()));
  }

  private @Nullable Refusal checkRegex(ConsumerGroup group) {
    String regex = request.subscribedTopicRegex();
    if (regex == null || regex.isEmpty() || group.regexes().containsKey(regex)) {
      return null;
    }
    String problem = TopicRegexes.check(regex);
    return problem == null ? null : new Refusal(ErrorCode.INVALID_REGULAR_EXPRESSION, problem);
  }

  private ConsumerMember findOrAdd(GroupDraft draft, String memberId, boolean isJoining) {
    String instanceId = request.instanceId();
    ConsumerMember known = instanceId == null ? null : draft.group().staticMember(instanceId);
    if (known != null) {
      return isJoining ? groups.replaceStatic(draft, known, memberId) : known;
    }
    ConsumerMember member = draft.group().member(memberId);
    return member == null ? ConsumerMember.joining(memberId) : member;
  }

  private Decision<ConsumerGroupHeartbeatResponse> decide(GroupDraft draft, ConsumerMember before) {
    ConsumerMember updated = before.with(metadata(before.metadata()));
    groups.update(draft, before, updated, now);
    groups.updateTarget(draft, now);
    ConsumerMember after = groups.reconcile(draft, updated, reported);
    groups.timers.awaitHeartbeat(request.groupId(), after);
    ConsumerGroupHeartbeatResponse.Builder response =
        ConsumerGroupHeartbeatResponse.builder()
            .memberId(after.id())
            .memberEpoch(after.epoch())
            .heartbeatIntervalMs(intervalMs(draft.group(), after));
    if (wantsAssignment()
        || !after.current().assigned().hasSamePartitions(before.current().assigned())) {
      response.assignment(assignment(after.current().assigned().toAssignment()));
    }
    return Decision.of(draft.records(), response.build());
  }

  /// When the member is to come again: soon if it waits for partitions that others have to release,
  /// or for a target. Kafka lets it wait for the whole interval.
  private int intervalMs(ConsumerGroup group, ConsumerMember member) {
    int intervalMs = groups.heartbeatIntervalMs(group.id());
    boolean waits =
        member.current().state() == MemberState.UNRELEASED_PARTITIONS
            || group.target().epoch() < group.epoch();
    return waits ? Math.min(intervalMs, WAITING_INTERVAL_MS) : intervalMs;
  }

  /// Whether the member joins, or says everything as it does after an error.
  private boolean wantsAssignment() {
    return request.memberEpoch() == ConsumerMember.JOIN_EPOCH
        || (request.rebalanceTimeoutMs() != -1
            && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
            && reported != null);
  }

  private static ConsumerGroupHeartbeatResponse.Assignment assignment(Assignment assignment) {
    List<ConsumerGroupHeartbeatResponse.TopicPartitions> topics = new ArrayList<>();
    for (int i = 0; i < assignment.topicCount(); i++) {
      topics.add(
          ConsumerGroupHeartbeatResponse.TopicPartitions.builder()
              .topicId(assignment.topic(i))
              .partitions(assignment.partitions(i))
              .build());
    }
    return ConsumerGroupHeartbeatResponse.Assignment.builder().topicPartitions(topics).build();
  }

  /// What the request does not mention stays as it is.
  private ConsumerGroupMemberMetadataValue metadata(ConsumerGroupMemberMetadataValue before) {
    List<String> names = request.subscribedTopicNames();
    int rebalanceTimeoutMs = request.rebalanceTimeoutMs();
    return ConsumerGroupMemberMetadataValue.builder()
        .instanceId(orElse(request.instanceId(), before.instanceId()))
        .rackId(orElse(request.rackId(), before.rackId()))
        .clientId(caller.clientId())
        .clientHost(caller.clientHost())
        .subscribedTopicNames(
            names == null ? before.subscribedTopicNames() : List.copyOf(new TreeSet<>(names)))
        .subscribedTopicRegex(orElse(request.subscribedTopicRegex(), before.subscribedTopicRegex()))
        .rebalanceTimeoutMs(
            rebalanceTimeoutMs == -1 ? before.rebalanceTimeoutMs() : rebalanceTimeoutMs)
        .serverAssignor(orElse(request.serverAssignor(), before.serverAssignor()))
        .classicMemberMetadata(null)
        .build();
  }

  private static @Nullable String orElse(@Nullable String said, @Nullable String before) {
    return said == null ? before : said;
  }
}
