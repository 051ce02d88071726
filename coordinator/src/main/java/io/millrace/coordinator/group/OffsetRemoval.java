package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import io.millrace.metadata.Topic;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Removes offsets, and groups of which nothing is left: when their retention is over, with their
/// topics, or because somebody asks for it.
///
/// There may be any number of them, so the work is cut: a step writes so many tombstones and sets a
/// timer for the next one, and others get their turn in between.
final class OffsetRemoval {
  private static final String EXPIRY = "offset-expiry";
  private static final String DELETED_TOPICS = "offsets-of-deleted-topics";

  /// How many groups a step looks at.
  private static final int GROUPS_PER_STEP = 1_000;

  private final GroupMachine machine;
  private final Offsets offsets;

  /// Topics whose offsets are still to be removed, and how far the first one is done.
  private final ArrayDeque<Topic> deletedTopics = new ArrayDeque<>();

  private String nextGroup = "";
  private long deletions;

  OffsetRemoval(GroupMachine machine, Offsets offsets) {
    this.machine = machine;
    this.offsets = offsets;
  }

  /// The tombstones of a step.
  private static final class Chunk {
    final List<StateRecord> records = new ArrayList<>();
    private long bytes;

    void add(StateRecord tombstone) {
      records.add(tombstone);
      bytes += RecordSizes.ofOffset(tombstone);
    }

    void addGroup(Group group) {
      List<StateRecord> tombstones = group.tombstones();
      records.addAll(tombstones);
      bytes += tombstones.size() * RecordSizes.ofKey(group.id());
    }

    boolean isFull() {
      return bytes >= RecordSizes.CHUNK_BYTES;
    }
  }

  void begin() {
    scheduleExpiry();
  }

  private void scheduleExpiry() {
    long intervalMs = machine.settings.broker().longValue("offsets.retention.check.interval.ms");
    later(EXPIRY, Duration.ofMillis(intervalMs), (_, now) -> expire("", now));
  }

  private <A> void later(String name, Duration delay, Command<GroupMachine, A> command) {
    machine.context.timers().set(name, delay, command);
  }

  /// Removes what has expired of the groups from `from` on.
  private Decision<Void> expire(String from, Now now) {
    Chunk chunk = new Chunk();
    int visited = 0;
    for (Group group : machine.groups.from(from)) {
      boolean isNothingLeft = expire(group, now, chunk);
      if (isNothingLeft && group.isEmpty() && !isExpectingMembers(group)) {
        chunk.addGroup(group);
      }
      visited++;
      if (chunk.isFull() || visited == GROUPS_PER_STEP) {
        // Of a group that fills the chunk there may be more.
        String next = chunk.isFull() ? group.id() : group.id() + "\0";
        later(EXPIRY, Duration.ZERO, (_, then) -> expire(next, then));
        return Decision.write(chunk.records);
      }
    }
    scheduleExpiry();
    return Decision.write(chunk.records);
  }

  private static boolean isExpectingMembers(Group group) {
    return group instanceof ClassicGroup classic && classic.pendingCount() > 0;
  }

  /// Says whether no offsets of the group will be left.
  private boolean expire(Group group, Now now, Chunk chunk) {
    boolean isNothingLeft = offsets.pendingOf(group.id()).isEmpty();
    Config config = machine.settings.broker();
    long retentionMs = Duration.ofMinutes(config.intValue("offsets.retention.minutes")).toMillis();
    for (var topic : offsets.of(group.id()).entrySet()) {
      if (group.isSubscribedTo(topic.getKey())) {
        isNothingLeft = false;
        continue;
      }
      for (var entry : topic.getValue().entrySet()) {
        if (!chunk.isFull()
            && isExpired(group, entry.getValue(), now.wallMs(), retentionMs)
            && !offsets.isPending(group.id(), topic.getKey(), entry.getKey())) {
          chunk.add(CommittedOffset.tombstone(group.id(), topic.getKey(), entry.getKey()));
        } else {
          isNothingLeft = false;
        }
      }
    }
    return isNothingLeft;
  }

  private static boolean isExpired(
      Group group, CommittedOffset offset, long nowMs, long retentionMs) {
    OptionalLong start = group.retentionStartMs(offset.commitMs());
    if (start.isEmpty()) {
      return false;
    }
    return offset.expireMs() < 0
        ? nowMs - start.getAsLong() >= retentionMs
        : nowMs >= offset.expireMs();
  }

  void onTopicsDeleted(List<Topic> topics) {
    if (!topics.isEmpty()) {
      deletedTopics.addAll(topics);
      later(DELETED_TOPICS, Duration.ZERO, (_, _) -> removeDeleted());
    }
  }

  private Decision<Void> removeDeleted() {
    Topic topic = deletedTopics.peek();
    if (topic == null) {
      return Decision.none();
    }
    Chunk chunk = new Chunk();
    int visited = 0;
    boolean isDone = true;
    for (Group group : machine.groups.from(nextGroup)) {
      removeDeleted(group.id(), topic, chunk);
      visited++;
      if (chunk.isFull() || visited == GROUPS_PER_STEP) {
        nextGroup = chunk.isFull() ? group.id() : group.id() + "\0";
        isDone = false;
        break;
      }
    }
    if (isDone) {
      deletedTopics.remove();
      nextGroup = "";
    }
    if (!deletedTopics.isEmpty()) {
      later(DELETED_TOPICS, Duration.ZERO, (_, _) -> removeDeleted());
    }
    return Decision.write(chunk.records);
  }

  /// A topic that was created anew in the meantime keeps its offsets.
  private void removeDeleted(String groupId, Topic topic, Chunk chunk) {
    for (var entry : offsets.of(groupId, topic.name()).entrySet()) {
      CommittedOffset offset = entry.getValue();
      boolean isOfTopic = offset.topicId().isZero() || offset.topicId().equals(topic.id());
      if (isOfTopic && !chunk.isFull()) {
        chunk.add(CommittedOffset.tombstone(groupId, topic.name(), entry.getKey()));
      }
    }
    for (Offsets.Place place : offsets.pendingOf(groupId)) {
      if (place.topic().equals(topic.name())
          && !offsets.of(groupId, topic.name()).containsKey(place.partition())
          && !chunk.isFull()) {
        chunk.add(CommittedOffset.tombstone(groupId, topic.name(), place.partition()));
      }
    }
  }

  /// Deletes a group and its offsets, if it has no members.
  Decision<ErrorCode> deleteGroup(String groupId) {
    return deleteGroup(groupId, null);
  }

  private Decision<ErrorCode> deleteGroup(String groupId, @Nullable Answer<ErrorCode> opened) {
    Group group = machine.groups.find(groupId);
    ErrorCode error = group == null ? ErrorCode.GROUP_ID_NOT_FOUND : group.checkDelete();
    if (group == null || error != ErrorCode.NONE) {
      return answer(List.of(), error, opened);
    }
    Chunk chunk = new Chunk();
    if (!addAll(groupId, chunk)) {
      Answer<ErrorCode> answer = opened == null ? machine.context.answers().open() : opened;
      later("delete-group-" + deletions++, Duration.ZERO, (_, _) -> deleteGroup(groupId, answer));
      return Decision.later(chunk.records, answer);
    }
    chunk.addGroup(group);
    return answer(chunk.records, ErrorCode.NONE, opened);
  }

  private static Decision<ErrorCode> answer(
      List<StateRecord> records, ErrorCode error, @Nullable Answer<ErrorCode> opened) {
    if (opened == null) {
      return Decision.of(records, error);
    }
    opened.complete(error);
    return Decision.later(records, opened);
  }

  /// Says whether all tombstones found room.
  private boolean addAll(String groupId, Chunk chunk) {
    SortedMap<String, SortedMap<Integer, CommittedOffset>> committed = offsets.of(groupId);
    for (var topic : committed.entrySet()) {
      for (int partition : topic.getValue().keySet()) {
        if (chunk.isFull()) {
          return false;
        }
        chunk.add(CommittedOffset.tombstone(groupId, topic.getKey(), partition));
      }
    }
    for (Offsets.Place place : offsets.pendingOf(groupId)) {
      if (chunk.isFull()) {
        return false;
      }
      if (!offsets.of(groupId, place.topic()).containsKey(place.partition())) {
        chunk.add(CommittedOffset.tombstone(groupId, place.topic(), place.partition()));
      }
    }
    return true;
  }

  /// Deletes offsets of topics that no member reads (KIP-496).
  Decision<OffsetDeleteResponse> deleteOffsets(OffsetDeleteRequest request) {
    String groupId = request.groupId();
    if (!GroupIds.isValid(groupId)) {
      return refuse(ErrorCode.INVALID_GROUP_ID);
    }
    Group group = machine.groups.find(groupId);
    ErrorCode error = group == null ? ErrorCode.GROUP_ID_NOT_FOUND : group.checkOffsetDelete();
    if (group == null || error != ErrorCode.NONE) {
      return refuse(error);
    }
    List<StateRecord> records = new ArrayList<>();
    long bytes = 0;
    List<OffsetDeleteResponse.OffsetDeleteResponseTopic> topics = new ArrayList<>();
    for (OffsetDeleteRequest.OffsetDeleteRequestTopic topic : request.topics()) {
      ErrorCode ofTopic =
          group.isSubscribedTo(topic.name()) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
      List<OffsetDeleteResponse.OffsetDeleteResponsePartition> partitions = new ArrayList<>();
      for (var partition : topic.partitions()) {
        int index = partition.partitionIndex();
        if (ofTopic == ErrorCode.NONE
            && (offsets.of(groupId, topic.name()).containsKey(index)
                || offsets.isPending(groupId, topic.name(), index))) {
          StateRecord tombstone = CommittedOffset.tombstone(groupId, topic.name(), index);
          bytes += RecordSizes.ofOffset(tombstone);
          records.add(tombstone);
        }
        partitions.add(
            OffsetDeleteResponse.OffsetDeleteResponsePartition.builder()
                .partitionIndex(index)
                .errorCode(ofTopic.code())
                .build());
      }
      topics.add(
          OffsetDeleteResponse.OffsetDeleteResponseTopic.builder()
              .name(topic.name())
              .partitions(partitions)
              .build());
    }
    if (bytes > RecordSizes.limit(machine.settings.broker())) {
      return refuse(ErrorCode.INVALID_REQUEST);
    }
    return Decision.of(records, OffsetDeleteResponse.builder().topics(topics).build());
  }

  private static Decision<OffsetDeleteResponse> refuse(ErrorCode error) {
    return Decision.reply(OffsetDeleteResponse.builder().errorCode(error.code()).build());
  }
}
