package io.millrace.broker;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.coordinator.transaction.TransactionMarkers;
import io.millrace.host.Clock;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.ActiveProducer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [TransactionMarkers] for partitions that this broker leads.
///
/// In a partition of `__consumer_offsets` the group coordinator is the only one that writes, so it
/// writes the marker, and what was committed with the transaction takes effect with it.
public final class LocalTransactionMarkers implements TransactionMarkers {
  private static final Logger LOG = LoggerFactory.getLogger(LocalTransactionMarkers.class);

  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(30);

  private final PartitionLocator partitions;
  private final Coordinator<GroupMachine> groups;
  private final Clock clock;

  public LocalTransactionMarkers(
      PartitionLocator partitions, Coordinator<GroupMachine> groups, Clock clock) {
    this.partitions = partitions;
    this.groups = groups;
    this.clock = clock;
  }

  /// A marker that was appended, or the reason why it was not.
  @FunctionalInterface
  private interface Written {
    /// Waits for the commit.
    ErrorCode await() throws InterruptedException;
  }

  @Override
  public List<ErrorCode> write(
      List<TopicPartition> names, Machine.EndMarker marker, short transactionVersion)
      throws InterruptedException {
    // All are appended before any is waited for, so that they share the flush.
    List<Written> written = new ArrayList<>(names.size());
    for (TopicPartition name : names) {
      written.add(write(name, marker, transactionVersion));
    }
    List<ErrorCode> errors = new ArrayList<>(names.size());
    for (Written each : written) {
      errors.add(each.await());
    }
    return errors;
  }

  private Written write(TopicPartition name, Machine.EndMarker marker, short transactionVersion)
      throws InterruptedException {
    PartitionKey key = PartitionKey.byName(name.topic(), name.partition());
    Optional<Partition> found = partitions.find(key);
    if (found.isEmpty()) {
      ErrorCode why = partitions.whyMissing(key);
      return () -> why;
    }
    return name.topic().equals(groups.topic())
        ? writeOffsets(found.get(), marker, transactionVersion)
        : append(found.get(), marker, transactionVersion);
  }

  private Written append(Partition partition, Machine.EndMarker marker, short transactionVersion) {
    try {
      long end =
          partition
                  .appendMarker(
                      marker.producerId(),
                      marker.producerEpoch(),
                      marker.coordinatorEpoch(),
                      marker.isCommit(),
                      transactionVersion)
                  .lastOffset()
              + 1;
      return () -> partition.awaitCommitted(end, clock.deadlineIn(COMMIT_LIMIT));
    } catch (InvalidBatchException e) {
      return () -> e.errorCode();
    } catch (IOException e) {
      LOG.error("Cannot write a marker to {}", partition.name(), e);
      return () -> ErrorCode.KAFKA_STORAGE_ERROR;
    }
  }

  private Written writeOffsets(
      Partition partition, Machine.EndMarker marker, short transactionVersion)
      throws InterruptedException {
    ErrorCode stale = staleness(partition, marker, transactionVersion);
    if (stale != ErrorCode.NONE) {
      return () -> stale;
    }
    try {
      Answer<Boolean> answer =
          groups.submitTo(
              partition.name().partition(), (_, _) -> Decision.reply(true).ending(marker));
      return () -> {
        try {
          answer.await(COMMIT_LIMIT);
          return ErrorCode.NONE;
        } catch (CoordinatorException e) {
          return e.error();
        }
      };
    } catch (CoordinatorException e) {
      return () -> e.error();
    }
  }

  /// The log checks the markers of others; it takes those of a coordinator as they are.
  private static ErrorCode staleness(
      Partition partition, Machine.EndMarker marker, short transactionVersion) {
    for (ActiveProducer producer : partition.activeProducers()) {
      if (producer.producerId() == marker.producerId()) {
        boolean isNextTransaction =
            transactionVersion >= 2
                && producer.epoch() == marker.producerEpoch()
                && producer.transactionStartOffset() >= 0;
        if (producer.epoch() > marker.producerEpoch() || isNextTransaction) {
          return ErrorCode.INVALID_PRODUCER_EPOCH;
        }
        return producer.coordinatorEpoch() > marker.coordinatorEpoch()
            ? ErrorCode.TRANSACTION_COORDINATOR_FENCED
            : ErrorCode.NONE;
      }
    }
    return ErrorCode.NONE;
  }
}
