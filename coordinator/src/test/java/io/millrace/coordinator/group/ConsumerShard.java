package io.millrace.coordinator.group;

import io.millrace.coordinator.TestShard;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.OtherConfigs;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.PartitionRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// A machine of groups and the topics that they read.
final class ConsumerShard {
  static final String GROUP = "g";

  final TestShard<GroupMachine> shard;
  final TreeMap<String, String> brokerSettings = new TreeMap<>();
  final TreeMap<String, String> groupSettings = new TreeMap<>();
  private ClusterImage image = ClusterImage.EMPTY;
  private int topicCount;
  private int freshIds;

  ConsumerShard() {
    GroupSettings settings =
        new GroupSettings() {
          @Override
          public Config broker() {
            return Config.of(BrokerConfigs.table(), brokerSettings);
          }

          @Override
          public Config group(String groupId) {
            return Config.of(OtherConfigs.group(), groupSettings);
          }
        };
    shard = new TestShard<>(context -> new GroupMachine(context, settings, () -> image));
  }

  ClusterImage image() {
    return image;
  }

  Uuid topicId(String name) {
    return image.topic(name).orElseThrow().id();
  }

  void createTopic(String name, int partitions) {
    Uuid id = new Uuid(1, ++topicCount);
    List<MetadataRecord> records = new ArrayList<>();
    records.add(TopicRecord.builder().name(name).topicId(id).build());
    for (int i = 0; i < partitions; i++) {
      records.add(partition(id, i));
    }
    change(records);
  }

  void growTopic(String name, int partitions) {
    List<MetadataRecord> records = new ArrayList<>();
    for (int i = image.topic(name).orElseThrow().partitionCount(); i < partitions; i++) {
      records.add(partition(topicId(name), i));
    }
    change(records);
  }

  void deleteTopic(String name) {
    change(List.of(RemoveTopicRecord.builder().topicId(topicId(name)).build()));
  }

  private static PartitionRecord partition(Uuid topic, int index) {
    return PartitionRecord.builder()
        .topicId(topic)
        .partitionId(index)
        .replicas(List.of(1))
        .isr(List.of(1))
        .directories(List.of(new Uuid(0, 9)))
        .leader(1)
        .build();
  }

  private void change(List<MetadataRecord> records) {
    ClusterImage before = image;
    for (MetadataRecord record : records) {
      image = image.apply(image.offset() + 1, 1, record);
    }
    shard.onMetadata(ImageDelta.between(before, image));
  }

  Caller caller(int version) {
    return new Caller((short) version, "client", "/127.0.0.1", "fresh-" + ++freshIds);
  }

  ConsumerGroupHeartbeatResponse heartbeat(ConsumerGroupHeartbeatRequest.Builder request) {
    return heartbeat(request, 1);
  }

  ConsumerGroupHeartbeatResponse heartbeat(
      ConsumerGroupHeartbeatRequest.Builder request, int version) {
    ConsumerGroupHeartbeatRequest built = request.build();
    Caller caller = caller(version);
    return shard.ask((machine, now) -> machine.consumerGroupHeartbeat(built, caller, now));
  }

  /// A heartbeat that says nothing new.
  static ConsumerGroupHeartbeatRequest.Builder beat(String memberId, int epoch) {
    return ConsumerGroupHeartbeatRequest.builder()
        .groupId(GROUP)
        .memberId(memberId)
        .memberEpoch(epoch)
        .instanceId(null)
        .rackId(null)
        .rebalanceTimeoutMs(-1)
        .subscribedTopicNames(null)
        .subscribedTopicRegex(null)
        .serverAssignor(null)
        .topicPartitions(null);
  }

  static ConsumerGroupHeartbeatRequest.Builder join(String memberId, String... topics) {
    return beat(memberId, 0)
        .rebalanceTimeoutMs(10_000)
        .subscribedTopicNames(List.of(topics))
        .topicPartitions(List.of());
  }

  static List<ConsumerGroupHeartbeatRequest.TopicPartitions> owned(
      SortedMap<Uuid, ? extends Set<Integer>> partitions) {
    List<ConsumerGroupHeartbeatRequest.TopicPartitions> list = new ArrayList<>();
    partitions.forEach(
        (topic, indexes) ->
            list.add(
                ConsumerGroupHeartbeatRequest.TopicPartitions.builder()
                    .topicId(topic)
                    .partitions(List.copyOf(indexes))
                    .build()));
    return list;
  }

  List<ConsumerGroupHeartbeatRequest.TopicPartitions> owned(String topic, Integer... partitions) {
    return owned(new TreeMap<>(Map.of(topicId(topic), new TreeSet<>(List.of(partitions)))));
  }

  /// The partitions of a topic in an answer.
  List<Integer> assigned(ConsumerGroupHeartbeatResponse response, String topic) {
    ConsumerGroupHeartbeatResponse.Assignment assignment = response.assignment();
    if (assignment == null) {
      throw new AssertionError("no assignment in " + response);
    }
    return assignment.topicPartitions().stream()
        .filter(each -> each.topicId().equals(topicId(topic)))
        .flatMap(each -> each.partitions().stream())
        .toList();
  }

  ConsumerGroup group() {
    ConsumerGroup group = shard.machine().consumers.find(GROUP);
    if (group == null) {
      throw new AssertionError("no consumer group");
    }
    return group;
  }

  static ErrorCode error(ConsumerGroupHeartbeatResponse response) {
    return ErrorCode.forCode(response.errorCode());
  }
}
