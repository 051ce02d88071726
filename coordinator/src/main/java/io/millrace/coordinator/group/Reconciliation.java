package io.millrace.coordinator.group;

import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.Uuid;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Brings a member nearer to its target, one answer at a time: first it gives up what is not its
/// any more, and is told of new partitions once their former owners have given them up. So nothing
/// is read by two members at a time.
///
/// | state | what may happen |
/// |---|---|
/// | STABLE | has the target of its epoch; a newer target starts over |
/// | UNREVOKED_PARTITIONS | stays in its epoch until it no longer reports what it has to give up |
/// | UNRELEASED_PARTITIONS | is in the target's epoch and waits for what others have to give up |
final class Reconciliation {
  private final ConsumerGroup group;
  private final ConsumerMember member;
  private final ConsumerMember.Current current;
  private final ClusterImage image;
  private final @Nullable Assignment reported;

  /// @param reported what the member says it reads; null if it did not say
  Reconciliation(
      ConsumerGroup group,
      ConsumerMember member,
      ClusterImage image,
      @Nullable Assignment reported) {
    this.group = group;
    this.member = member;
    this.current = member.current();
    this.image = image;
    this.reported = reported;
  }

  /// Where the member stands now; the same object if nothing changes.
  ConsumerMember.Current next() {
    boolean fits = hasOnlySubscribed();
    if (fits && member.isReconciledTo(group.target().epoch())) {
      return current;
    }
    return switch (current.state()) {
      case STABLE -> {
        if (current.epoch() != group.target().epoch()) {
          yield towardsTarget();
        }
        yield shrunk();
      }
      case UNREVOKED_PARTITIONS -> {
        if (!mayStillRead(current.pendingRevocation())) {
          yield towardsTarget();
        }
        yield fits ? current : shrunk();
      }
      case UNRELEASED_PARTITIONS, UNKNOWN -> towardsTarget();
    };
  }

  private boolean hasOnlySubscribed() {
    for (Uuid topic : current.assigned().byTopic().keySet()) {
      if (!isSubscribed(topic)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSubscribed(Uuid topicId) {
    Optional<Topic> topic = image.topic(topicId);
    return topic.isPresent() && group.isSubscribed(member, topic.get().name());
  }

  /// Whether the member reports any of `partitions`, or does not say.
  private boolean mayStillRead(OwnedPartitions partitions) {
    return reported == null || partitions.containsAnyOf(reported);
  }

  /// Takes away what the member is not subscribed to any more, ahead of a new target.
  private ConsumerMember.Current shrunk() {
    OwnedPartitions.Builder kept = new OwnedPartitions.Builder();
    OwnedPartitions.Builder revoked = new OwnedPartitions.Builder();
    current
        .assigned()
        .byTopic()
        .forEach(
            (topic, epochs) ->
                epochs.forEach(
                    (partition, epoch) ->
                        (isSubscribed(topic) ? kept : revoked).put(topic, partition, epoch)));
    OwnedPartitions pending = revoked.putAll(current.pendingRevocation()).build();
    if (mayStillRead(pending)) {
      return at(current.epoch(), MemberState.UNREVOKED_PARTITIONS, kept.build(), pending);
    }
    return at(current.epoch(), current.state(), kept.build(), current.pendingRevocation());
  }

  private ConsumerMember.Current towardsTarget() {
    int epoch = group.target().epoch();
    Assignment target = group.targetOf(member.id());
    OwnedPartitions.Builder kept = new OwnedPartitions.Builder();
    OwnedPartitions.Builder revoked = new OwnedPartitions.Builder();
    TreeSet<Uuid> subscribed = new TreeSet<>();
    for (int i = 0; i < target.topicCount(); i++) {
      if (isSubscribed(target.topic(i))) {
        subscribed.add(target.topic(i));
      }
    }
    current
        .assigned()
        .byTopic()
        .forEach(
            (topic, epochs) ->
                epochs.forEach(
                    (partition, gotIn) ->
                        (subscribed.contains(topic) && target.contains(topic, partition)
                                ? kept
                                : revoked)
                            .put(topic, partition, gotIn)));
    OwnedPartitions pending = revoked.build();
    if (!pending.isEmpty() && mayStillRead(pending)) {
      return at(current.epoch(), MemberState.UNREVOKED_PARTITIONS, kept.build(), pending);
    }
    boolean isComplete = true;
    for (int i = 0; i < target.topicCount(); i++) {
      Uuid topic = target.topic(i);
      for (int j = 0; subscribed.contains(topic) && j < target.partitionCount(i); j++) {
        int partition = target.partition(i, j);
        if (current.assigned().contains(topic, partition)) {
          continue;
        }
        if (group.isOwnedByAnother(member.id(), topic, partition)) {
          isComplete = false;
        } else {
          kept.put(topic, partition, epoch);
        }
      }
    }
    return at(
        epoch,
        isComplete ? MemberState.STABLE : MemberState.UNRELEASED_PARTITIONS,
        kept.build(),
        OwnedPartitions.NONE);
  }

  private ConsumerMember.Current at(
      int epoch, MemberState state, OwnedPartitions assigned, OwnedPartitions pending) {
    int previous = epoch == current.epoch() ? current.previousEpoch() : current.epoch();
    ConsumerMember.Current next =
        new ConsumerMember.Current(epoch, previous, state, assigned, pending);
    return next.equals(current) ? current : next;
  }
}
