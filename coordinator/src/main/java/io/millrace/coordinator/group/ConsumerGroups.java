package io.millrace.coordinator.group;

import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.assignor.Assignor;
import io.millrace.coordinator.group.record.ConsumerGroupCurrentMemberAssignmentKey;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupPartitionMetadataKey;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMemberKey;
import io.millrace.coordinator.group.record.ConsumerGroupTargetAssignmentMetadataKey;
import io.millrace.coordinator.group.record.CoordinatorKey;
import io.millrace.coordinator.group.record.CoordinatorValue;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The consumer group protocol (KIP-848): members say in heartbeats what they subscribe to and what
/// they have; the coordinator computes who is to have what, and answers each with its next step
/// towards that.
///
/// The groups themselves ([ConsumerGroup]) are hard state; here is what goes with the leadership.
final class ConsumerGroups {
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroups.class);

  final GroupMachine machine;
  final ConsumerTimers timers;
  final SubscribedTopics topics = new SubscribedTopics();
  final Migration migration = new Migration(this);
  final ClassicProtocolMembers classicMembers = new ClassicProtocolMembers(this);
  private final TopicRegexes regexes = new TopicRegexes(this);

  /// Groups whose metadata hash is that of the topics as they are.
  private final TreeSet<String> current = new TreeSet<>();

  private ClusterImage announced = ClusterImage.EMPTY;

  /// Of the metadata log: when topics were created last.
  private long newTopicsOffset = -1;

  ConsumerGroups(GroupMachine machine) {
    this.machine = machine;
    this.timers = new ConsumerTimers(machine);
  }

  void apply(CoordinatorKey key, @Nullable CoordinatorValue value) {
    String groupId = groupId(key);
    ConsumerGroup group = find(groupId);
    if (group == null && value == null) {
      return;
    }
    ConsumerGroup next = (group == null ? ConsumerGroup.empty(groupId) : group).with(key, value);
    if (next == null) {
      machine.groups.remove(groupId);
      current.remove(groupId);
    } else {
      machine.groups.put(next);
    }
  }

  private static String groupId(CoordinatorKey key) {
    return switch (key) {
      case ConsumerGroupMetadataKey k -> k.groupId();
      case ConsumerGroupPartitionMetadataKey k -> k.groupId();
      case ConsumerGroupMemberMetadataKey k -> k.groupId();
      case ConsumerGroupTargetAssignmentMetadataKey k -> k.groupId();
      case ConsumerGroupTargetAssignmentMemberKey k -> k.groupId();
      case ConsumerGroupCurrentMemberAssignmentKey k -> k.groupId();
      case ConsumerGroupRegularExpressionKey k -> k.groupId();
      default -> throw new IllegalArgumentException("not of a consumer group: " + key);
    };
  }

  /// The consumer groups as the log makes them.
  SortedMap<String, ConsumerGroup> hardState() {
    TreeMap<String, ConsumerGroup> state = new TreeMap<>();
    for (Group group : machine.groups.all()) {
      if (group instanceof ConsumerGroup consumerGroup) {
        state.put(group.id(), consumerGroup);
      }
    }
    return state;
  }

  void begin(Now now) {
    newTopicsOffset = image().offset();
    for (ConsumerGroup group : hardState().values()) {
      for (ConsumerMember member : group.members().values()) {
        timers.awaitHeartbeat(group.id(), member);
        if (member.current().state() == MemberState.UNREVOKED_PARTITIONS
            && !member.usesClassicProtocol()) {
          timers.awaitRevocation(group.id(), member);
        }
      }
      if (group.epoch() > group.target().epoch()) {
        timers.awaitAssignment(group.id(), assignmentDelayMs(group, now));
      }
    }
  }

  Decision<?> onMetadata(ImageDelta delta, Now now) {
    announced = delta.after();
    if (SubscribedTopics.isChanged(delta)) {
      current.clear();
      if (!delta.changedBrokers().isEmpty() || !delta.deletedTopics().isEmpty()) {
        topics.forget();
      }
      if (!delta.createdTopics().isEmpty()) {
        newTopicsOffset = delta.after().offset();
      }
    }
    return Decision.none();
  }

  /// The newer one of what was announced and what is there: a hash of older topics must not pass
  /// for that of those which were announced.
  ClusterImage image() {
    ClusterImage published = machine.image.get();
    return published.offset() >= announced.offset() ? published : announced;
  }

  long newTopicsOffset() {
    return newTopicsOffset;
  }

  @Nullable ConsumerGroup find(String groupId) {
    return machine.groups.find(groupId) instanceof ConsumerGroup group ? group : null;
  }

  @Nullable ConsumerMember findMember(String groupId, String memberId) {
    ConsumerGroup group = find(groupId);
    return group == null ? null : group.member(memberId);
  }

  Decision<ConsumerGroupHeartbeatResponse> heartbeat(
      ConsumerGroupHeartbeatRequest request, Caller caller, Now now) {
    Refusal invalid = HeartbeatChecks.check(request, caller.version(), assignorNames());
    if (invalid != null) {
      return ConsumerHeartbeat.refuse(invalid);
    }
    return request.memberEpoch() < 0
        ? new ConsumerLeave(this, now).leave(request)
        : new ConsumerHeartbeat(this, request, caller, now).decide();
  }

  /// Removes a member of whom something was expected that did not happen.
  Decision<Void> fence(String groupId, String memberId, String reason, Now now) {
    ConsumerGroup group = find(groupId);
    ConsumerMember member = group == null ? null : group.member(memberId);
    if (group == null || member == null) {
      return Decision.none();
    }
    LOG.info("Member {} of group {} is fenced: it {}", memberId, groupId, reason);
    return Decision.write(new ConsumerLeave(this, now).remove(group, List.of(member)));
  }

  /// Computes a target that had to wait.
  Decision<Void> assign(String groupId, Now now) {
    ConsumerGroup group = find(groupId);
    if (group == null || group.isEmpty()) {
      return Decision.none();
    }
    GroupDraft draft = new GroupDraft(group);
    updateTarget(draft, now);
    return Decision.write(draft.records());
  }

  /// Writes what is new about a member and what follows for the group's epoch.
  void update(GroupDraft draft, ConsumerMember before, ConsumerMember updated, Now now) {
    String groupId = draft.group().id();
    ConsumerGroup group = draft.group();
    boolean isNew = group.member(updated.id()) == null;
    boolean isChanged = isNew || !updated.metadata().equals(before.metadata());
    if (isChanged) {
      draft.write(ConsumerRecords.member(groupId, updated.id(), updated.metadata()));
    }
    boolean topicsChanged = !updated.topicNames().equals(before.topicNames());
    boolean regexesChanged = regexes.update(draft, before.regex(), updated.regex(), now.wallMs());
    boolean assignorChanged =
        isChanged && !assignor(group).name().equals(assignor(draft.group()).name());
    updateEpoch(draft, topicsChanged || regexesChanged || assignorChanged);
  }

  /// Gives what a static member has to the one that takes its place under another id.
  ConsumerMember replaceStatic(GroupDraft draft, ConsumerMember old, String newId) {
    String groupId = draft.group().id();
    Assignment target = draft.group().targetOf(old.id());
    ConsumerMember.Current current = old.current().withEpochs(0, 0);
    timers.cancelAll(groupId, old.id());
    draft.write(ConsumerRecords.noMember(groupId, old.id()));
    draft.write(ConsumerRecords.member(groupId, newId, old.metadata()));
    draft.write(ConsumerRecords.target(groupId, newId, target));
    draft.write(ConsumerRecords.current(groupId, newId, current));
    return new ConsumerMember(newId, old.metadata(), current);
  }

  /// Bumps the group's epoch if `isChanged`, or if the topics it reads have changed since the last
  /// time.
  void updateEpoch(GroupDraft draft, boolean isChanged) {
    ConsumerGroup group = draft.group();
    if (!isChanged && group.epoch() > 0 && current.contains(group.id())) {
      return;
    }
    long hash = topics.hash(group.subscribedTopics(), image());
    if (isChanged || group.epoch() == 0 || hash != group.metadataHash()) {
      draft.write(ConsumerRecords.epoch(group.id(), group.epoch() + 1, hash));
    }
    current.add(group.id());
    if (group.hasPartitionMetadata()) {
      draft.write(ConsumerRecords.noPartitionMetadata(group.id()));
    }
  }

  /// Computes a target for the group's epoch, unless it has one, or the last was computed less than
  /// the assignment interval ago: then it is computed once that is over (KIP-1263).
  void updateTarget(GroupDraft draft, Now now) {
    ConsumerGroup group = draft.group();
    if (group.target().epoch() >= group.epoch()) {
      return;
    }
    long delayMs = assignmentDelayMs(group, now);
    if (delayMs > 0) {
      timers.awaitAssignment(group.id(), delayMs);
    } else {
      TargetAssignments.update(draft, assignor(group), image(), now.wallMs());
    }
  }

  /// Zero if a target may be computed now. A clock that was set back delays nothing.
  private long assignmentDelayMs(ConsumerGroup group, Now now) {
    long sinceMs = now.wallMs() - group.target().computedMs();
    if (group.target().computedMs() == 0 || sinceMs < 0) {
      return 0;
    }
    return Math.max(0, limited(group.id(), "assignment.interval.ms") - sinceMs);
  }

  /// The next step of a member towards its target; the member as it will be.
  ConsumerMember reconcile(GroupDraft draft, ConsumerMember member, @Nullable Assignment reported) {
    String groupId = draft.group().id();
    ConsumerMember.Current next =
        new Reconciliation(draft.group(), member, image(), reported).next();
    if (next.equals(member.current())) {
      return member;
    }
    ConsumerMember reconciled = member.with(next);
    draft.write(ConsumerRecords.current(groupId, member.id(), next));
    if (!member.usesClassicProtocol()) {
      if (next.state() == MemberState.UNREVOKED_PARTITIONS) {
        timers.awaitRevocation(groupId, reconciled);
      } else {
        timers.cancelRevocation(groupId, member.id());
      }
    }
    return reconciled;
  }

  DescribedGroup describe(String groupId) {
    return ConsumerDescription.of(machine.groups.find(groupId), groupId, this);
  }

  int sessionTimeoutMs(String groupId) {
    return limited(groupId, "session.timeout.ms");
  }

  int heartbeatIntervalMs(String groupId) {
    return limited(groupId, "heartbeat.interval.ms");
  }

  /// A setting of the group, within the broker's limits.
  private int limited(String groupId, String name) {
    int value = machine.settings.group(groupId).intValue("consumer." + name);
    int min = machine.settings.broker().intValue("group.consumer.min." + name);
    int max = machine.settings.broker().intValue("group.consumer.max." + name);
    return Math.max(min, Math.min(max, value));
  }

  int maxSize() {
    return machine.settings.broker().intValue("group.consumer.max.size");
  }

  /// The assignors that members may ask for; the first is the default.
  List<Assignor> assignors() {
    List<Assignor> found = new ArrayList<>();
    for (String name : machine.settings.broker().list("group.consumer.assignors")) {
      for (Assignor assignor : Assignor.ALL) {
        if (assignor.name().equals(name)) {
          found.add(assignor);
        }
      }
    }
    return found.isEmpty() ? Assignor.ALL : found;
  }

  private Collection<String> assignorNames() {
    return assignors().stream().map(Assignor::name).toList();
  }

  String defaultAssignor() {
    return assignors().getFirst().name();
  }

  private Assignor assignor(ConsumerGroup group) {
    String preferred = group.preferredAssignor();
    List<Assignor> assignors = assignors();
    for (Assignor assignor : assignors) {
      if (assignor.name().equals(preferred)) {
        return assignor;
      }
    }
    return assignors.getFirst();
  }

  /// The group that a command is about, or why there is none.
  sealed interface Opened {
    /// It is there, or may be made.
    ///
    /// @param converted the classic group that becomes this one, null if none does
    record Draft(GroupDraft draft, @Nullable ClassicGroup converted) implements Opened {}

    record Refused(Refusal refusal) implements Opened {}
  }

  /// The group that a member joins or is in.
  ///
  /// @param isJoining whether the group is made if it is not there, or made of a classic one
  Opened open(String groupId, boolean isJoining) {
    Group found = machine.groups.find(groupId);
    if (found instanceof ConsumerGroup group) {
      return new Opened.Draft(new GroupDraft(group), null);
    }
    if (!isJoining) {
      String message =
          found == null
              ? "Consumer group " + groupId + " not found."
              : "Group " + groupId + " is not a consumer group.";
      return new Opened.Refused(new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, message));
    }
    if (found instanceof ClassicGroup classic && !classic.isEmpty()) {
      return migration.upgrade(classic);
    }
    GroupDraft draft = new GroupDraft(ConsumerGroup.empty(groupId));
    if (found != null) {
      draft.writeForeign(found.tombstones());
    }
    return new Opened.Draft(draft, found instanceof ClassicGroup classic ? classic : null);
  }

  /// A command goes ahead with what [#open] found.
  void proceed(Opened.Draft opened) {
    ClassicGroup converted = opened.converted();
    if (converted != null) {
      LOG.info("Group {} changes to the consumer protocol", converted.id());
      machine.classic.retire(converted);
      ConsumerGroup group = opened.draft().group();
      group.members().values().forEach(member -> timers.awaitHeartbeat(group.id(), member));
    }
  }
}
