package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.GroupMetadataKey;
import io.millrace.coordinator.group.record.GroupMetadataValue;
import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A group of the classic protocol: its members, its generation, and where it is in a rebalance.
///
/// A group is what its last [GroupMetadataValue] says, and on top of that, as soft state, how far
/// the rebalance has got that runs since. A group without a record is empty and keeps offsets for
/// consumers that are no members (a *simple* group).
final class ClassicGroup implements Group {
  static final String CONSUMER_PROTOCOL = "consumer";
  private static final int VALUE_VERSION = 3;

  private final String id;
  private ClassicState state = ClassicState.EMPTY;
  private ClassicState previousState = ClassicState.EMPTY;
  private OptionalLong stateSinceMs = OptionalLong.empty();
  private int generation;
  private @Nullable String protocolType;
  private @Nullable String protocolName;
  private @Nullable String leaderId;

  /// In the order in which they came.
  private final Map<String, ClassicMember> members = new LinkedHashMap<>();

  private final TreeMap<String, String> memberIdByInstance = new TreeMap<>();

  /// Ids that were given out (KIP-394) and did not join yet.
  private final TreeSet<String> pendingJoins = new TreeSet<>();

  /// Members of this generation that did not ask for their assignment yet.
  private final TreeSet<String> pendingSyncs = new TreeSet<>();

  /// How many members know each protocol.
  private final TreeMap<String, Integer> supporters = new TreeMap<>();

  private int awaitingJoins;

  /// What the members of this generation read; null if that is not known.
  private @Nullable SortedSet<String> subscribedTopics;

  /// Whether somebody came while the initial rebalance waits for more members.
  boolean newMemberAdded;

  ClassicGroup(String id) {
    this.id = id;
  }

  /// A group that converts from another protocol: stable, its members added afterwards, before
  /// [#chooseProtocol].
  ClassicGroup(String id, int generation, String protocolType, long nowMs) {
    this.id = id;
    this.generation = generation;
    this.protocolType = protocolType;
    this.state = ClassicState.STABLE;
    this.previousState = ClassicState.STABLE;
    this.stateSinceMs = OptionalLong.of(nowMs);
  }

  /// The group as it was written.
  static ClassicGroup load(String id, GroupMetadataValue value) {
    ClassicGroup group = new ClassicGroup(id);
    group.generation = value.generation();
    group.protocolType = value.protocolType().isEmpty() ? null : value.protocolType();
    group.protocolName = value.protocol();
    group.state = value.members().isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
    group.previousState = group.state;
    if (value.currentStateTimestamp() >= 0) {
      group.stateSinceMs = OptionalLong.of(value.currentStateTimestamp());
    }
    for (GroupMetadataValue.MemberMetadata written : value.members()) {
      ClassicMember member =
          new ClassicMember(
              new ClassicMember.Identity(
                  written.memberId(),
                  written.groupInstanceId(),
                  written.clientId(),
                  written.clientHost()),
              written.rebalanceTimeout() < 0
                  ? written.sessionTimeout()
                  : written.rebalanceTimeout(),
              written.sessionTimeout(),
              List.of(
                  new ClassicMember.Protocol(
                      value.protocol() == null ? "" : value.protocol(),
                      Bytes.copy(written.subscription()))));
      member.assign(Bytes.copy(written.assignment()));
      group.add(member);
    }
    group.leaderId = value.leader();
    group.readSubscriptions();
    return group;
  }

  /// What is written of the group: the members with what they are assigned.
  GroupMetadataValue value() {
    List<GroupMetadataValue.MemberMetadata> written = new ArrayList<>();
    for (ClassicMember member : members.values()) {
      written.add(
          GroupMetadataValue.MemberMetadata.builder()
              .memberId(member.id())
              .groupInstanceId(member.instanceId())
              .clientId(member.identity().clientId())
              .clientHost(member.identity().clientHost())
              .rebalanceTimeout(member.rebalanceTimeoutMs())
              .sessionTimeout(member.sessionTimeoutMs())
              .subscription(ByteBuffer.wrap(member.metadata(protocolName)))
              .assignment(ByteBuffer.wrap(member.assignment()))
              .build());
    }
    return GroupMetadataValue.builder()
        .protocolType(protocolType == null ? "" : protocolType)
        .generation(generation)
        .protocol(protocolName)
        .leader(leaderId)
        .currentStateTimestamp(stateSinceMs.orElse(-1))
        .members(written)
        .build();
  }

  /// The record that keeps the group as it is now.
  StateRecord record() {
    return StateRecord.of(key(id), value(), VALUE_VERSION);
  }

  static GroupMetadataKey key(String groupId) {
    return GroupMetadataKey.builder().group(groupId).build();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String type() {
    return "Classic";
  }

  @Override
  public String state() {
    return state.toString();
  }

  @Override
  public String protocolType() {
    return protocolType == null ? "" : protocolType;
  }

  @Override
  public boolean isEmpty() {
    return state == ClassicState.EMPTY;
  }

  boolean is(ClassicState other) {
    return state == other;
  }

  ClassicState classicState() {
    return state;
  }

  /// Whether this is the rebalance with which an empty group begins.
  boolean isInitialRebalance() {
    return state == ClassicState.PREPARING_REBALANCE && previousState == ClassicState.EMPTY;
  }

  int generation() {
    return generation;
  }

  /// The protocol of this generation; null before the first one and when there are no members.
  @Nullable String protocolName() {
    return protocolName;
  }

  @Nullable String protocolTypeOrNull() {
    return protocolType;
  }

  @Nullable String leaderId() {
    return leaderId;
  }

  boolean isLeader(String memberId) {
    return memberId.equals(leaderId);
  }

  Collection<ClassicMember> members() {
    return Collections.unmodifiableCollection(members.values());
  }

  @Nullable ClassicMember member(String memberId) {
    return members.get(memberId);
  }

  int size() {
    return members.size();
  }

  boolean hasMember(String memberId) {
    return members.containsKey(memberId);
  }

  /// The id of the static member of that name; null if there is none.
  @Nullable String memberIdOf(String instanceId) {
    return memberIdByInstance.get(instanceId);
  }

  boolean isPending(String memberId) {
    return pendingJoins.contains(memberId);
  }

  int pendingCount() {
    return pendingJoins.size();
  }

  SortedSet<String> pendingJoins() {
    return Collections.unmodifiableSortedSet(pendingJoins);
  }

  void addPending(String memberId) {
    pendingJoins.add(memberId);
  }

  SortedSet<String> pendingSyncs() {
    return Collections.unmodifiableSortedSet(pendingSyncs);
  }

  void awaitSync(String memberId) {
    pendingSyncs.add(memberId);
  }

  void syncReceived(String memberId) {
    pendingSyncs.remove(memberId);
  }

  void clearPendingSyncs() {
    pendingSyncs.clear();
  }

  int awaitingJoins() {
    return awaitingJoins;
  }

  void joinAwaited(int change) {
    awaitingJoins += change;
  }

  boolean haveAllJoined() {
    return awaitingJoins == members.size() && pendingJoins.isEmpty();
  }

  /// As long as the slowest member may take.
  int rebalanceTimeoutMs() {
    return members.values().stream().mapToInt(ClassicMember::rebalanceTimeoutMs).max().orElse(0);
  }

  /// Adds a member; the first one is the leader.
  void add(ClassicMember member) {
    if (leaderId == null) {
      leaderId = member.id();
    }
    members.put(member.id(), member);
    count(member, 1);
    if (member.awaitingJoin != null) {
      awaitingJoins++;
    }
    String instanceId = member.instanceId();
    if (instanceId != null) {
      memberIdByInstance.put(instanceId, member.id());
    }
    pendingJoins.remove(member.id());
  }

  /// What the members of an empty group will be, such as `consumer` or `connect`.
  void become(String newProtocolType) {
    protocolType = newProtocolType;
  }

  /// Removes a member, or an id that was given out. Whatever the member waits for is not answered.
  void remove(String memberId) {
    ClassicMember removed = members.remove(memberId);
    if (removed != null) {
      count(removed, -1);
      if (removed.awaitingJoin != null) {
        awaitingJoins--;
      }
      String instanceId = removed.instanceId();
      if (instanceId != null) {
        memberIdByInstance.remove(instanceId, memberId);
      }
    }
    if (isLeader(memberId)) {
      leaderId = members.isEmpty() ? null : members.keySet().iterator().next();
    }
    pendingJoins.remove(memberId);
    pendingSyncs.remove(memberId);
  }

  /// Gives a static member another id; whoever has the old one is fenced from now on.
  ClassicMember rename(ClassicMember old, String newId) {
    boolean wasLeader = isLeader(old.id());
    ClassicMember renamed = old.withId(newId);
    members.remove(old.id());
    pendingSyncs.remove(old.id());
    members.put(newId, renamed);
    String instanceId = old.instanceId();
    if (instanceId != null) {
      memberIdByInstance.put(instanceId, newId);
    }
    if (wasLeader) {
      leaderId = newId;
    }
    return renamed;
  }

  void update(
      ClassicMember member,
      int rebalanceTimeoutMs,
      int sessionTimeoutMs,
      List<ClassicMember.Protocol> protocols) {
    count(member, -1);
    member.update(rebalanceTimeoutMs, sessionTimeoutMs, protocols);
    count(member, 1);
  }

  private void count(ClassicMember member, int change) {
    for (ClassicMember.Protocol protocol : member.protocols()) {
      supporters.merge(protocol.name(), change, Integer::sum);
      supporters.remove(protocol.name(), 0);
    }
  }

  /// Makes a member leader that takes part in the rebalance, should the leader not. False if there
  /// is none, or no leader.
  boolean electLeader() {
    ClassicMember leader = leaderId == null ? null : members.get(leaderId);
    if (leader == null) {
      return false;
    }
    if (leader.awaitingJoin != null) {
      return true;
    }
    for (ClassicMember member : members.values()) {
      if (member.awaitingJoin != null) {
        leaderId = member.id();
        return true;
      }
    }
    return false;
  }

  /// Whether a member that knows these protocols can work together with the others.
  boolean supports(String type, List<ClassicMember.Protocol> protocols) {
    if (isEmpty()) {
      return !type.isEmpty() && !protocols.isEmpty();
    }
    return type.equals(protocolType)
        && protocols.stream()
            .anyMatch(each -> supporters.getOrDefault(each.name(), 0) == members.size());
  }

  /// The protocol that every member knows and most prefer; null without members.
  @Nullable String selectProtocol() {
    Map<String, Integer> votes = new LinkedHashMap<>();
    for (ClassicMember member : members.values()) {
      for (ClassicMember.Protocol protocol : member.protocols()) {
        if (supporters.getOrDefault(protocol.name(), 0) == members.size()) {
          votes.merge(protocol.name(), 1, Integer::sum);
          break;
        }
      }
    }
    String selected = null;
    int most = 0;
    for (Map.Entry<String, Integer> vote : votes.entrySet()) {
      if (vote.getValue() > most) {
        selected = vote.getKey();
        most = vote.getValue();
      }
    }
    return selected;
  }

  /// Settles the protocol of the members without a new generation: for a group that converts.
  void chooseProtocol() {
    protocolName = selectProtocol();
    readSubscriptions();
  }

  private void readSubscriptions() {
    boolean areConsumers = CONSUMER_PROTOCOL.equals(protocolType);
    subscribedTopics = areConsumers ? Subscriptions.topics(members.values(), protocolName) : null;
  }

  void transitionTo(ClassicState next, long nowMs) {
    previousState = state;
    state = next;
    stateSinceMs = OptionalLong.of(nowMs);
  }

  /// All who take part have joined.
  void nextGeneration(long nowMs) {
    generation = generation == Integer.MAX_VALUE ? 1 : generation + 1;
    chooseProtocol();
    transitionTo(members.isEmpty() ? ClassicState.EMPTY : ClassicState.COMPLETING_REBALANCE, nowMs);
    pendingSyncs.clear();
  }

  /// Consumers whose subscription cannot be read might read anything.
  @Override
  public boolean isSubscribedTo(String topic) {
    SortedSet<String> topics = subscribedTopics;
    return topics == null ? CONSUMER_PROTOCOL.equals(protocolType) : topics.contains(topic);
  }

  /// Why a request that names a member cannot be from it; `NONE` if it can.
  ErrorCode checkMember(String memberId, @Nullable String instanceId) {
    if (instanceId != null) {
      String current = memberIdOf(instanceId);
      if (current == null) {
        return ErrorCode.UNKNOWN_MEMBER_ID;
      } else if (!current.equals(memberId)) {
        return ErrorCode.FENCED_INSTANCE_ID;
      }
    }
    return hasMember(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  @Override
  public ErrorCode checkOffsetCommit(
      String memberId,
      @Nullable String instanceId,
      int generationOrEpoch,
      boolean isTransactional,
      short version) {
    if (generationOrEpoch < 0 && isEmpty()) {
      return ErrorCode.NONE;
    }
    if (generationOrEpoch >= 0 || !memberId.isEmpty() || instanceId != null) {
      ErrorCode error = checkMember(memberId, instanceId);
      if (error != ErrorCode.NONE) {
        return error;
      }
      if (generationOrEpoch != generation) {
        return ErrorCode.ILLEGAL_GENERATION;
      }
    } else if (!isTransactional) {
      // Whoever is no member may commit for an empty group only. Transactional commits did not
      // name the member before KIP-447.
      return ErrorCode.UNKNOWN_MEMBER_ID;
    }
    return !isTransactional && is(ClassicState.COMPLETING_REBALANCE)
        ? ErrorCode.REBALANCE_IN_PROGRESS
        : ErrorCode.NONE;
  }

  @Override
  public ErrorCode checkOffsetDelete() {
    return isEmpty() || CONSUMER_PROTOCOL.equals(protocolType)
        ? ErrorCode.NONE
        : ErrorCode.NON_EMPTY_GROUP;
  }

  @Override
  public OptionalLong retentionStartMs(long commitMs) {
    if (protocolType == null) {
      return OptionalLong.of(commitMs);
    } else if (isEmpty()) {
      return OptionalLong.of(stateSinceMs.orElse(commitMs));
    } else if (is(ClassicState.STABLE) && subscribedTopics != null) {
      return OptionalLong.of(commitMs);
    }
    return OptionalLong.empty();
  }

  @Override
  public List<StateRecord> tombstones() {
    return List.of(StateRecord.tombstone(key(id)));
  }

  @Override
  public String toString() {
    return "group " + id + " (" + state + ", generation " + generation + ")";
  }
}
