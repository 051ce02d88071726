package io.millrace.broker;

import io.millrace.broker.api.ApiHandler;
import io.millrace.broker.api.InternalTopics;
import io.millrace.broker.api.ProduceVerification;
import io.millrace.broker.api.TransactionHandlers;
import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.coordinator.transaction.MarkerDelivery;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.coordinator.transaction.TransactionMarkers;
import io.millrace.coordinator.transaction.TransactionSettings;
import io.millrace.host.Host;
import io.millrace.metadata.ClusterImage;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The transaction coordinator of a broker, and what stands around it.
final class Transactions {
  private final Supplier<ClusterImage> image;
  private final BrokerSettings settings;
  private final PartitionLocator partitions;
  private final Coordinator<GroupMachine> groups;
  private final TransactionMarkers markers;
  private final Coordinator<TransactionMachine> coordinator;

  /// Null until the broker is registered. The coordinator rarely needs it, and tries again.
  private volatile @Nullable ProducerIds producerIds;

  Transactions(
      Host host,
      Supplier<ClusterImage> image,
      BrokerSettings settings,
      PartitionLocator partitions,
      Coordinator<GroupMachine> groups) {
    this.image = image;
    this.settings = settings;
    this.partitions = partitions;
    this.groups = groups;
    this.markers = new LocalTransactionMarkers(partitions, groups, host.clock());
    MarkerDelivery delivery =
        new MarkerDelivery(
            host.clock(),
            markers,
            new MarkerDelivery.Shards() {
              @Override
              public <A> Answer<A> submitTo(int partition, Command<TransactionMachine, A> command)
                  throws CoordinatorException, InterruptedException {
                return coordinator().submitTo(partition, command);
              }
            },
            this::nextProducerId);
    this.coordinator =
        new Coordinator<>(
            host,
            StateTopics.TRANSACTIONS,
            TransactionMachine.SCHEMAS,
            image,
            context ->
                new TransactionMachine(
                    context,
                    () -> TransactionSettings.of(settings.effective(image.get())),
                    delivery));
  }

  /// The broker is registered and can reserve producer ids.
  void use(ProducerIds newProducerIds) {
    producerIds = newProducerIds;
  }

  private OptionalLong nextProducerId() throws InterruptedException {
    ProducerIds source = producerIds;
    return source != null && source.next() instanceof ProducerIds.Next.Id(long id)
        ? OptionalLong.of(id)
        : OptionalLong.empty();
  }

  Coordinator<TransactionMachine> coordinator() {
    return coordinator;
  }

  TransactionVerification verification() {
    return new LocalTransactionVerification(coordinator);
  }

  ProduceVerification produceVerification() {
    return new ProduceVerification(
        verification(),
        partitions,
        () ->
            settings
                .effective(image.get())
                .booleanValue("transaction.partition.verification.enable"));
  }

  /// What clients ask about producer ids and transactions.
  ///
  /// @param topics makes the coordinators' topics
  List<ApiHandler<?>> handlers(ProducerIds ids, InternalTopics topics) {
    return TransactionHandlers.all(coordinator, groups, markers, ids, topics, image);
  }
}
