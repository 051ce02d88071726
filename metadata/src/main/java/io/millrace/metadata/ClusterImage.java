package io.millrace.metadata;

import io.millrace.metadata.record.AbortTransactionRecord;
import io.millrace.metadata.record.AccessControlEntryRecord;
import io.millrace.metadata.record.BeginTransactionRecord;
import io.millrace.metadata.record.BrokerRegistrationChangeRecord;
import io.millrace.metadata.record.ClearElrRecord;
import io.millrace.metadata.record.ClientQuotaRecord;
import io.millrace.metadata.record.ConfigRecord;
import io.millrace.metadata.record.DelegationTokenRecord;
import io.millrace.metadata.record.EndTransactionRecord;
import io.millrace.metadata.record.FeatureLevelRecord;
import io.millrace.metadata.record.FenceBrokerRecord;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.metadata.record.NoOpRecord;
import io.millrace.metadata.record.PartitionChangeRecord;
import io.millrace.metadata.record.PartitionRecord;
import io.millrace.metadata.record.ProducerIdsRecord;
import io.millrace.metadata.record.RegisterBrokerRecord;
import io.millrace.metadata.record.RegisterControllerRecord;
import io.millrace.metadata.record.RemoveAccessControlEntryRecord;
import io.millrace.metadata.record.RemoveDelegationTokenRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.RemoveUserScramCredentialRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.metadata.record.UnfenceBrokerRecord;
import io.millrace.metadata.record.UnregisterBrokerRecord;
import io.millrace.metadata.record.UnregisterControllerRecord;
import io.millrace.metadata.record.UserScramCredentialRecord;
import io.millrace.metadata.record.ZkMigrationStateRecord;
import io.millrace.protocol.Uuid;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// Everything the cluster agrees on, as of one offset of the metadata log: an immutable value.
/// [#apply] gives the value that the next record makes of it.
///
/// @param offset of the last record that is in it, -1 if there is none
/// @param epoch of the leader that wrote that record
/// @param topicNames the names of the topics by id; not to be iterated over
/// @param nextProducerId the first producer id that was not given out yet
public record ClusterImage(
    long offset,
    int epoch,
    PSortedMap<String, Topic> topics,
    HashPMap<Uuid, String> topicNames,
    PSortedMap<Integer, Broker> brokers,
    PSortedMap<ConfigResource, PSortedMap<String, String>> configs,
    PSortedMap<String, Short> features,
    long nextProducerId) {

  /// Where every log begins.
  public static final ClusterImage EMPTY =
      new ClusterImage(
          -1,
          0,
          TreePMap.empty(),
          HashTreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          0);

  public Optional<Topic> topic(String name) {
    return Optional.ofNullable(topics.get(name));
  }

  public Optional<Topic> topic(Uuid id) {
    @Nullable String name = topicNames.get(id);
    return name == null ? Optional.empty() : topic(name);
  }

  public Optional<Broker> broker(int id) {
    return Optional.ofNullable(brokers.get(id));
  }

  /// The settings that were made for a resource, by name; none if none were.
  public SortedMap<String, String> config(ConfigResource resource) {
    PSortedMap<String, String> found = configs.get(resource);
    return found == null ? TreePMap.empty() : found;
  }

  /// The image after `record`, which the leader of `epoch` wrote at `offset`.
  ///
  /// Whatever a controller decided can be applied. A record about something that does not exist, or
  /// of a kind that is not known, was not decided by any: an `IllegalStateException`.
  public ClusterImage apply(long offset, int epoch, MetadataRecord record) {
    return applied(record).at(offset, epoch);
  }

  /// The same image as of another place of the log.
  ClusterImage at(long newOffset, int newEpoch) {
    return new ClusterImage(
        newOffset, newEpoch, topics, topicNames, brokers, configs, features, nextProducerId);
  }

  private ClusterImage applied(MetadataRecord record) {
    return switch (record) {
      case TopicRecord topic -> withTopic(Topic.empty(topic.name(), topic.topicId()));
      case PartitionRecord partition -> withPartition(partition);
      case PartitionChangeRecord change -> withPartitionChange(change);
      case RemoveTopicRecord remove -> withoutTopic(remove.topicId());
      case ConfigRecord config -> withConfig(config);
      case RegisterBrokerRecord broker -> withBroker(ImageRecords.broker(broker));
      case BrokerRegistrationChangeRecord change -> withBrokerChange(change);
      case UnregisterBrokerRecord broker ->
          withBrokers(brokers.minus(broker.brokerId()), nextProducerId);
      case ProducerIdsRecord ids -> withBrokers(brokers, ids.nextProducerId());
      case FeatureLevelRecord feature -> withFeature(feature);
      case NoOpRecord noOp -> this;
      case AbortTransactionRecord _,
          AccessControlEntryRecord _,
          BeginTransactionRecord _,
          ClearElrRecord _,
          ClientQuotaRecord _,
          DelegationTokenRecord _,
          EndTransactionRecord _,
          FenceBrokerRecord _,
          RegisterControllerRecord _,
          RemoveAccessControlEntryRecord _,
          RemoveDelegationTokenRecord _,
          RemoveUserScramCredentialRecord _,
          UnfenceBrokerRecord _,
          UnregisterControllerRecord _,
          UserScramCredentialRecord _,
          ZkMigrationStateRecord _ ->
          throw new IllegalStateException("a record that no controller here writes: " + record);
    };
  }

  private ClusterImage withTopic(Topic topic) {
    return withTopics(topics.plus(topic.name(), topic), topicNames.plus(topic.id(), topic.name()));
  }

  private ClusterImage withTopics(
      PSortedMap<String, Topic> newTopics, HashPMap<Uuid, String> newNames) {
    return new ClusterImage(
        offset, epoch, newTopics, newNames, brokers, configs, features, nextProducerId);
  }

  private ClusterImage withPartition(PartitionRecord record) {
    Topic topic = existing(record.topicId());
    return withTopics(
        topics.plus(topic.name(), topic.with(record.partitionId(), ImageRecords.partition(record))),
        topicNames);
  }

  private ClusterImage withPartitionChange(PartitionChangeRecord change) {
    Topic topic = existing(change.topicId());
    @Nullable Partition before = topic.partition(change.partitionId());
    if (before == null) {
      throw new IllegalStateException("no such partition: " + change);
    }
    Partition after = ImageRecords.changed(before, change);
    return withTopics(
        topics.plus(topic.name(), topic.with(change.partitionId(), after)), topicNames);
  }

  private ClusterImage withoutTopic(Uuid id) {
    Topic topic = existing(id);
    ClusterImage without = withTopics(topics.minus(topic.name()), topicNames.minus(id));
    return without.withConfigs(configs.minus(ConfigResource.topic(topic.name())));
  }

  private Topic existing(Uuid id) {
    return topic(id).orElseThrow(() -> new IllegalStateException("no topic with id " + id));
  }

  private ClusterImage withConfig(ConfigRecord record) {
    ConfigResource resource =
        new ConfigResource(ConfigResource.Type.forId(record.resourceType()), record.resourceName());
    @Nullable PSortedMap<String, String> found = configs.get(resource);
    PSortedMap<String, String> before = found == null ? TreePMap.empty() : found;
    @Nullable String value = record.value();
    PSortedMap<String, String> after =
        value == null ? before.minus(record.name()) : before.plus(record.name(), value);
    return withConfigs(after.isEmpty() ? configs.minus(resource) : configs.plus(resource, after));
  }

  private ClusterImage withConfigs(
      PSortedMap<ConfigResource, PSortedMap<String, String>> newConfigs) {
    return new ClusterImage(
        offset, epoch, topics, topicNames, brokers, newConfigs, features, nextProducerId);
  }

  private ClusterImage withBroker(Broker broker) {
    return withBrokers(brokers.plus(broker.id(), broker), nextProducerId);
  }

  private ClusterImage withBrokerChange(BrokerRegistrationChangeRecord change) {
    Broker before =
        broker(change.brokerId())
            .orElseThrow(() -> new IllegalStateException("no such broker: " + change));
    return withBroker(ImageRecords.changed(before, change));
  }

  private ClusterImage withBrokers(PSortedMap<Integer, Broker> newBrokers, long newNextProducerId) {
    return new ClusterImage(
        offset, epoch, topics, topicNames, newBrokers, configs, features, newNextProducerId);
  }

  private ClusterImage withFeature(FeatureLevelRecord record) {
    PSortedMap<String, Short> after =
        record.featureLevel() == 0
            ? features.minus(record.name())
            : features.plus(record.name(), record.featureLevel());
    return new ClusterImage(
        offset, epoch, topics, topicNames, brokers, configs, after, nextProducerId);
  }

  /// Records that make this image of [#EMPTY]: the content of a snapshot.
  public List<MetadataRecord> toRecords() {
    return ImageRecords.of(this);
  }
}
