package io.millrace.metadata;

import io.millrace.metadata.record.BrokerRegistrationChangeRecord;
import io.millrace.metadata.record.ConfigRecord;
import io.millrace.metadata.record.FeatureLevelRecord;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.PartitionChangeRecord;
import io.millrace.metadata.record.PartitionRecord;
import io.millrace.metadata.record.ProducerIdsRecord;
import io.millrace.metadata.record.RegisterBrokerRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.protocol.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The parts of an image as records of the metadata log, and back.
final class ImageRecords {
  /// The protocol's mark for "the leader did not change" in a PartitionChangeRecord.
  private static final int LEADER_UNCHANGED = -2;

  private ImageRecords() {}

  /// Records that make `image` of an empty one, feature levels first as Kafka wants it.
  static List<MetadataRecord> of(ClusterImage image) {
    List<MetadataRecord> records = new ArrayList<>();
    image.features().forEach((name, level) -> records.add(feature(name, level)));
    for (Broker broker : image.brokers().values()) {
      records.add(record(broker));
    }
    for (Topic topic : image.topics().values()) {
      records.add(TopicRecord.builder().name(topic.name()).topicId(topic.id()).build());
      topic
          .partitions()
          .forEach((index, partition) -> records.add(record(topic.id(), index, partition)));
    }
    image
        .configs()
        .forEach(
            (resource, values) ->
                values.forEach((name, value) -> records.add(config(resource, name, value))));
    if (image.nextProducerId() > 0) {
      records.add(
          ProducerIdsRecord.builder()
              .brokerId(-1)
              .brokerEpoch(-1)
              .nextProducerId(image.nextProducerId())
              .build());
    }
    return records;
  }

  static MetadataRecord feature(String name, short level) {
    return FeatureLevelRecord.builder().name(name).featureLevel(level).build();
  }

  /// A setting; a null value removes it.
  static MetadataRecord config(ConfigResource resource, String name, @Nullable String value) {
    return ConfigRecord.builder()
        .resourceType(resource.type().id())
        .resourceName(resource.name())
        .name(name)
        .value(value)
        .build();
  }

  static MetadataRecord record(Uuid topicId, int index, Partition partition) {
    return PartitionRecord.builder()
        .partitionId(index)
        .topicId(topicId)
        .replicas(partition.replicas())
        .isr(partition.isr())
        .removingReplicas(partition.removing())
        .addingReplicas(partition.adding())
        .leader(partition.leader())
        .leaderEpoch(partition.leaderEpoch())
        .partitionEpoch(partition.partitionEpoch())
        .directories(partition.directories())
        .build();
  }

  static Partition partition(PartitionRecord record) {
    return new Partition(
        List.copyOf(record.replicas()),
        List.copyOf(record.directories()),
        List.copyOf(record.isr()),
        List.copyOf(record.removingReplicas()),
        List.copyOf(record.addingReplicas()),
        record.leader(),
        record.leaderEpoch(),
        record.partitionEpoch());
  }

  /// A partition after a change. A leader that is named starts a new leader epoch, even if it is
  /// the one before.
  static Partition changed(Partition before, PartitionChangeRecord change) {
    boolean elected = change.leader() != LEADER_UNCHANGED;
    return new Partition(
        changed(before.replicas(), change.replicas()),
        changed(before.directories(), change.directories()),
        changed(before.isr(), change.isr()),
        changed(before.removing(), change.removingReplicas()),
        changed(before.adding(), change.addingReplicas()),
        elected ? change.leader() : before.leader(),
        elected ? before.leaderEpoch() + 1 : before.leaderEpoch(),
        before.partitionEpoch() + 1);
  }

  private static <T> List<T> changed(List<T> before, @Nullable List<T> after) {
    return after == null ? before : List.copyOf(after);
  }

  static MetadataRecord record(Broker broker) {
    return RegisterBrokerRecord.builder()
        .brokerId(broker.id())
        .incarnationId(broker.incarnationId())
        .brokerEpoch(broker.epoch())
        .endPoints(
            broker.endpoints().stream()
                .map(
                    each ->
                        RegisterBrokerRecord.BrokerEndpoint.builder()
                            .name(each.listener())
                            .host(each.host())
                            .port(each.port())
                            .securityProtocol(each.securityProtocol())
                            .build())
                .toList())
        .rack(broker.rack().orElse(null))
        .fenced(broker.fenced())
        .inControlledShutdown(broker.inControlledShutdown())
        .logDirs(broker.logDirs())
        .build();
  }

  static Broker broker(RegisterBrokerRecord record) {
    return new Broker(
        record.brokerId(),
        record.incarnationId(),
        record.brokerEpoch(),
        record.endPoints().stream()
            .map(
                each ->
                    new Broker.Endpoint(
                        each.name(), each.host(), each.port(), each.securityProtocol()))
            .toList(),
        Optional.ofNullable(record.rack()),
        List.copyOf(record.logDirs()),
        record.fenced(),
        record.inControlledShutdown());
  }

  static Broker changed(Broker before, BrokerRegistrationChangeRecord change) {
    boolean fenced = change.fenced() == 0 ? before.fenced() : change.fenced() == 1;
    return new Broker(
        before.id(),
        before.incarnationId(),
        before.epoch(),
        before.endpoints(),
        before.rack(),
        change.logDirs().isEmpty() ? before.logDirs() : List.copyOf(change.logDirs()),
        fenced,
        before.inControlledShutdown() || change.inControlledShutdown() == 1);
  }
}
