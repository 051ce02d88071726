package io.millrace.coordinator.group;

import io.millrace.coordinator.group.assignor.Assignment;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Topic;
import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerProtocolAssignment;
import io.millrace.protocol.message.ConsumerProtocolSubscription;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What consumers of the classic protocol tell each other through the coordinator: the bytes in
/// JoinGroup and SyncGroup, a version (int16) and a message of Kafka's schemas.
final class EmbeddedProtocol {
  private EmbeddedProtocol() {}

  /// The subscription in a member's metadata; null if the bytes are not one.
  static @Nullable ConsumerProtocolSubscription subscription(ByteBuffer metadata) {
    MessageReader reader = new MessageReader(metadata.duplicate());
    try {
      short version = version(reader, ConsumerProtocolSubscription.HIGHEST_VERSION);
      return ConsumerProtocolSubscription.read(reader, version);
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  /// The assignment in `bytes`; null if they are not one. No bytes are an empty one.
  static @Nullable ConsumerProtocolAssignment assignment(ByteBuffer bytes) {
    if (!bytes.hasRemaining()) {
      return ConsumerProtocolAssignment.builder().build();
    }
    MessageReader reader = new MessageReader(bytes.duplicate());
    try {
      short version = version(reader, ConsumerProtocolAssignment.HIGHEST_VERSION);
      return ConsumerProtocolAssignment.read(reader, version);
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  /// Later versions only append.
  private static short version(MessageReader reader, short highest) {
    short version = reader.readInt16();
    if (version < 0) {
      throw new MalformedMessageException("version " + version);
    }
    return version > highest ? highest : version;
  }

  /// Writes an assignment for a member that sent `metadata`, in the version that it used. Topics
  /// that were deleted are left out.
  static byte[] write(Assignment assignment, ByteBuffer metadata, ClusterImage image) {
    short version = 0;
    if (metadata.remaining() >= Short.BYTES) {
      short used = metadata.getShort(metadata.position());
      version = used > ConsumerProtocolAssignment.HIGHEST_VERSION || used < 0 ? 0 : used;
    }
    List<ConsumerProtocolAssignment.TopicPartition> topics = new ArrayList<>();
    for (int i = 0; i < assignment.topicCount(); i++) {
      List<Integer> partitions = assignment.partitions(i);
      image
          .topic(assignment.topic(i))
          .ifPresent(
              topic ->
                  topics.add(
                      ConsumerProtocolAssignment.TopicPartition.builder()
                          .topic(topic.name())
                          .partitions(partitions)
                          .build()));
    }
    MessageWriter writer = new MessageWriter();
    writer.writeInt16(version);
    ConsumerProtocolAssignment.builder().assignedPartitions(topics).build().write(writer, version);
    return Bytes.copy(writer.toByteBuffer());
  }

  /// By topic ids what the assignment has by names; topics that were deleted are left out.
  static Assignment byId(ConsumerProtocolAssignment assignment, ClusterImage image) {
    TreeMap<Uuid, List<Integer>> topics = new TreeMap<>();
    for (ConsumerProtocolAssignment.TopicPartition topic : assignment.assignedPartitions()) {
      add(topics, topic.topic(), topic.partitions(), image);
    }
    return Assignment.of(topics);
  }

  /// What the member says it has.
  static Assignment owned(ConsumerProtocolSubscription subscription, ClusterImage image) {
    TreeMap<Uuid, List<Integer>> topics = new TreeMap<>();
    for (ConsumerProtocolSubscription.TopicPartition topic : subscription.ownedPartitions()) {
      add(topics, topic.topic(), topic.partitions(), image);
    }
    return Assignment.of(topics);
  }

  private static void add(
      Map<Uuid, List<Integer>> topics, String name, List<Integer> partitions, ClusterImage image) {
    Topic topic = image.topics().get(name);
    if (topic != null) {
      topics.computeIfAbsent(topic.id(), _ -> new ArrayList<>()).addAll(partitions);
    }
  }
}
