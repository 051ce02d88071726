package io.millrace.coordinator.group;

import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.Member;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.TopicPartitions;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A consumer group as ConsumerGroupDescribe shows it.
final class ConsumerDescription {
  private static final byte CLASSIC_MEMBER = 0;
  private static final byte CONSUMER_MEMBER = 1;

  private ConsumerDescription() {}

  static DescribedGroup of(@Nullable Group found, String groupId, ConsumerGroups groups) {
    if (!(found instanceof ConsumerGroup group)) {
      return DescribedGroup.builder()
          .groupId(groupId)
          .errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code())
          .errorMessage(
              found == null
                  ? "Group " + groupId + " not found."
                  : "Group " + groupId + " is not a consumer group.")
          .build();
    }
    String assignor = group.preferredAssignor();
    List<Member> members = new ArrayList<>();
    for (ConsumerMember member : group.members().values()) {
      members.add(describe(group, member, groups.image()));
    }
    return DescribedGroup.builder()
        .groupId(groupId)
        .groupState(group.state())
        .groupEpoch(group.epoch())
        .assignmentEpoch(group.target().epoch())
        .assignorName(assignor == null ? groups.defaultAssignor() : assignor)
        .members(members)
        .build();
  }

  private static Member describe(ConsumerGroup group, ConsumerMember member, ClusterImage image) {
    return Member.builder()
        .memberId(member.id())
        .instanceId(member.instanceId())
        .rackId(member.metadata().rackId())
        .memberEpoch(member.epoch())
        .clientId(member.metadata().clientId())
        .clientHost(member.metadata().clientHost())
        .subscribedTopicNames(member.topicNames())
        .subscribedTopicRegex(member.metadata().subscribedTopicRegex())
        .assignment(assignment(member.current().assigned().toAssignment(), image))
        .targetAssignment(assignment(group.targetOf(member.id()), image))
        .memberType(member.usesClassicProtocol() ? CLASSIC_MEMBER : CONSUMER_MEMBER)
        .build();
  }

  /// Topics that were deleted are left out.
  private static ConsumerGroupDescribeResponse.Assignment assignment(
      Assignment assignment, ClusterImage image) {
    List<TopicPartitions> topics = new ArrayList<>();
    for (int i = 0; i < assignment.topicCount(); i++) {
      Optional<Topic> topic = image.topic(assignment.topic(i));
      if (topic.isPresent()) {
        topics.add(
            TopicPartitions.builder()
                .topicId(topic.get().id())
                .topicName(topic.get().name())
                .partitions(assignment.partitions(i))
                .build());
      }
    }
    return ConsumerGroupDescribeResponse.Assignment.builder().topicPartitions(topics).build();
  }
}
