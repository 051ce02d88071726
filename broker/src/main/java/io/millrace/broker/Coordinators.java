package io.millrace.broker;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.coordinator.group.GroupSettings;
import io.millrace.host.Host;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ImageDelta;
import io.millrace.metadata.ImageListener;
import io.millrace.metadata.config.Config;
import io.millrace.protocol.TopicPartition;
import io.millrace.replication.Partition;
import java.io.Closeable;
import java.util.List;
import java.util.function.Supplier;

/// The coordinators of a broker, which are given the partitions of their topics as this broker
/// comes to lead them.
final class Coordinators implements LocalPartitions.LeadershipListener, ImageListener, Closeable {
  private final Coordinator<GroupMachine> groups;
  private final Transactions transactions;
  private final List<Coordinator<?>> all;

  Coordinators(
      Host host,
      BrokerSettings settings,
      Supplier<ClusterImage> image,
      PartitionLocator partitions) {
    GroupSettings groupSettings =
        new GroupSettings() {
          @Override
          public Config broker() {
            return settings.effective(image.get());
          }

          @Override
          public Config group(String groupId) {
            return settings.group(image.get(), groupId);
          }
        };
    groups =
        new Coordinator<>(
            host,
            StateTopics.OFFSETS,
            GroupMachine.SCHEMAS,
            image,
            context -> new GroupMachine(context, groupSettings, image));
    transactions = new Transactions(host, image, settings, partitions, groups);
    all = List.of(groups, transactions.coordinator());
  }

  Coordinator<GroupMachine> groups() {
    return groups;
  }

  Transactions transactions() {
    return transactions;
  }

  void start() {
    all.forEach(Coordinator::start);
  }

  @Override
  public void onLeading(Partition partition) {
    for (Coordinator<?> coordinator : all) {
      if (coordinator.topic().equals(partition.name().topic())) {
        coordinator.lead(partition);
      }
    }
  }

  @Override
  public void onResigning(TopicPartition partition) {
    for (Coordinator<?> coordinator : all) {
      if (coordinator.topic().equals(partition.topic())) {
        coordinator.resign(partition.partition());
      }
    }
  }

  @Override
  public void onImage(ImageDelta delta) {
    all.forEach(coordinator -> coordinator.onImage(delta));
  }

  @Override
  public void close() {
    all.forEach(Coordinator::close);
  }
}
