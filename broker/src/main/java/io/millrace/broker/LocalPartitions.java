package io.millrace.broker;

import io.millrace.host.Clock;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ConfigResource;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.ImageListener;
import io.millrace.metadata.Topic;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.TopicLogs;
import io.millrace.protocol.TopicPartition;
import io.millrace.replication.Partition;
import io.millrace.replication.Partitions;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the metadata: opens and leads the partitions that are placed on this broker, gives them
/// the settings of their topics, and lets go of those that are not its own any more.
public final class LocalPartitions implements ImageListener {
  private static final Logger LOG = LoggerFactory.getLogger(LocalPartitions.class);

  private final int nodeId;
  private final Clock clock;
  private final LogDirectory directory;
  private final Partitions partitions;
  private final BrokerSettings settings;
  private final LeadershipListener listener;

  /// Is told which partitions this broker leads, on the task that follows the metadata.
  public interface LeadershipListener {
    /// The partition is open and found by clients.
    void onLeading(Partition partition);

    /// The partition is about to be closed.
    void onResigning(TopicPartition partition);
  }

  public LocalPartitions(
      int nodeId,
      Clock clock,
      LogDirectory directory,
      Partitions partitions,
      BrokerSettings settings,
      LeadershipListener listener) {
    this.nodeId = nodeId;
    this.clock = clock;
    this.directory = directory;
    this.partitions = partitions;
    this.settings = settings;
    this.listener = listener;
  }

  @Override
  public void onImage(ImageDelta delta) {
    for (Topic topic : delta.deletedTopics()) {
      topic.partitions().forEach((index, _) -> delete(new TopicPartition(topic.name(), index)));
    }
    for (String name : delta.changedTopics()) {
      delta.after().topic(name).ifPresent(topic -> openMissing(topic, delta.after()));
    }
    boolean allTopics = false;
    for (ConfigResource resource : delta.changedConfigs()) {
      switch (resource.type()) {
        case TOPIC ->
            delta
                .after()
                .topic(resource.name())
                .ifPresent(topic -> reconfigure(topic, delta.after()));
        case BROKER -> allTopics = true;
        case BROKER_LOGGER, CLIENT_METRICS, GROUP -> {}
      }
    }
    if (allTopics) {
      delta.after().topics().values().forEach(topic -> reconfigure(topic, delta.after()));
    }
  }

  private void openMissing(Topic topic, ClusterImage image) {
    Config config = settings.topic(image, topic.name());
    topic
        .partitions()
        .forEach(
            (index, placement) -> {
              TopicPartition name = new TopicPartition(topic.name(), index);
              boolean isOurs = placement.leader() == nodeId;
              if (isOurs && partitions.find(name).isEmpty()) {
                open(name, topic, placement.leaderEpoch(), config);
              } else if (!isOurs) {
                close(name);
              }
            });
  }

  private void open(TopicPartition name, Topic topic, int leaderEpoch, Config config) {
    try {
      PartitionLog log = directory.openLog(name, topic.id(), TopicLogs.logConfig(config));
      Partition partition =
          new Partition(clock, log, leaderEpoch, config.intValue("min.insync.replicas"));
      partitions.add(partition);
      listener.onLeading(partition);
    } catch (IOException e) {
      // Its clients are told NOT_LEADER_OR_FOLLOWER; the other partitions go on.
      LOG.error("Cannot open the log of {}: {}", name, e.getMessage(), e);
    }
  }

  private void close(TopicPartition name) {
    if (partitions.find(name).isPresent()) {
      listener.onResigning(name);
      partitions.remove(name);
    }
  }

  private void delete(TopicPartition name) {
    close(name);
    try {
      directory.deleteLog(name);
    } catch (IOException e) {
      LOG.error("Cannot delete the log of {}: {}", name, e.getMessage(), e);
    }
  }

  private void reconfigure(Topic topic, ClusterImage image) {
    Config config = settings.topic(image, topic.name());
    topic
        .partitions()
        .forEach(
            (index, _) -> {
              Optional<Partition> partition =
                  partitions.find(new TopicPartition(topic.name(), index));
              partition.ifPresent(found -> reconfigure(found, config));
            });
  }

  private static void reconfigure(Partition partition, Config config) {
    partition.log().updateConfig(TopicLogs.logConfig(config));
    partition.updateMinInsyncReplicas(config.intValue("min.insync.replicas"));
  }
}
