package io.millrace.coordinator.group;

import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.coordinator.group.assignor.Assignor;
import io.millrace.coordinator.group.record.ConsumerGroupRegularExpressionValue;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.Uuid;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Has an assignor compute what the members of a group are to have, and writes what is new of it.
final class TargetAssignments {
  private TargetAssignments() {}

  /// What a member subscribed to: many members say the same.
  private record Subscription(List<String> topics, String regex) {}

  /// Writes a target for the group's epoch.
  static void update(GroupDraft draft, Assignor assignor, ClusterImage image, long wallMs) {
    ConsumerGroup group = draft.group();
    SortedMap<String, Assignment> targets = assignor.assign(input(group, image));
    targets.forEach(
        (member, target) -> {
          if (!Objects.equals(target, group.target().byMember().get(member))) {
            draft.write(ConsumerRecords.target(group.id(), member, target));
          }
        });
    draft.write(ConsumerRecords.targetEpoch(group.id(), group.epoch(), wallMs));
  }

  private static Assignor.Group input(ConsumerGroup group, ClusterImage image) {
    TreeMap<String, Assignor.Member> members = new TreeMap<>();
    TreeMap<Uuid, Assignor.Topic> topics = new TreeMap<>();
    Map<Subscription, SortedSet<Uuid>> subscriptions = new HashMap<>();
    boolean hasRacks = false;
    for (ConsumerMember member : group.members().values()) {
      hasRacks = hasRacks || member.metadata().rackId() != null;
    }
    boolean wantsRacks = hasRacks;
    for (ConsumerMember member : group.members().values()) {
      SortedSet<Uuid> ids =
          subscriptions.computeIfAbsent(
              new Subscription(member.topicNames(), member.regex()),
              subscription -> topicIds(group, subscription, image, topics, wantsRacks));
      members.put(
          member.id(),
          new Assignor.Member(
              member.instanceId(), member.metadata().rackId(), ids, group.targetOf(member.id())));
    }
    return new Assignor.Group(members, topics);
  }

  private static SortedSet<Uuid> topicIds(
      ConsumerGroup group,
      Subscription subscription,
      ClusterImage image,
      Map<Uuid, Assignor.Topic> topics,
      boolean wantsRacks) {
    TreeSet<String> names = new TreeSet<>(subscription.topics());
    ConsumerGroupRegularExpressionValue regex = group.regexes().get(subscription.regex());
    if (regex != null) {
      names.addAll(regex.topics());
    }
    TreeSet<Uuid> ids = new TreeSet<>();
    for (String name : names) {
      Topic topic = image.topics().get(name);
      if (topic != null) {
        ids.add(topic.id());
        topics.computeIfAbsent(
            topic.id(),
            _ -> {
              List<Set<String>> racks =
                  wantsRacks ? SubscribedTopics.racks(topic, image) : List.of();
              return new Assignor.Topic(topic.partitionCount(), racks);
            });
      }
    }
    return ids;
  }
}
