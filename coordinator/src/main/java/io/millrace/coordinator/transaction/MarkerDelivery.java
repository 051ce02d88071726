package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.host.Clock;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees transactions through to their end, each in a task of its own: writes the markers, again and
/// again if need be, and tells the machine.
///
/// It gives up only where another node, or this one in a later epoch, leads the coordinator's
/// partition: that one has found the transaction in the log and does the same.
public final class MarkerDelivery implements TransactionFollowUps {
  private static final Logger LOG = LoggerFactory.getLogger(MarkerDelivery.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /// More than a machine needs for an answer, so that one that is not there means trouble.
  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(30);

  private final Clock clock;
  private final TransactionMarkers markers;
  private final Shards shards;
  private final ProducerIdSource producerIds;

  /// The machines, by the partition of `__transaction_state`.
  @FunctionalInterface
  public interface Shards {
    <A> Answer<A> submitTo(int partition, Command<TransactionMachine, A> command)
        throws CoordinatorException, InterruptedException;
  }

  /// Where producer ids come from that nobody has; empty if there is none to be had now.
  @FunctionalInterface
  public interface ProducerIdSource {
    OptionalLong next() throws InterruptedException;
  }

  public MarkerDelivery(
      Clock clock, TransactionMarkers markers, Shards shards, ProducerIdSource producerIds) {
    this.clock = clock;
    this.markers = markers;
    this.shards = shards;
    this.producerIds = producerIds;
  }

  @Override
  public void finish(int shard, Ending ending) throws InterruptedException {
    List<TopicPartition> left = ending.partitions();
    Duration pause = FIRST_PAUSE;
    while (true) {
      List<TopicPartition> missing = left.isEmpty() ? left : write(left, ending);
      if (missing.isEmpty()
          && tell(shard, (machine, now) -> machine.complete(ending, now)) != Told.LATER) {
        return;
      }
      left = missing;
      clock.sleep(pause);
      pause = longer(pause);
      if (tell(shard, (machine, _) -> machine.isEnding(ending)) == Told.NOT_ENDING) {
        return;
      }
    }
  }

  /// The partitions that have not got their marker yet.
  private List<TopicPartition> write(List<TopicPartition> partitions, Ending ending)
      throws InterruptedException {
    List<ErrorCode> errors =
        markers.write(partitions, ending.marker(), ending.transactionVersion());
    List<TopicPartition> missing = new ArrayList<>();
    for (int i = 0; i < partitions.size(); i++) {
      TopicPartition partition = partitions.get(i);
      switch (errors.get(i)) {
        case NONE -> {}
        case UNKNOWN_TOPIC_OR_PARTITION ->
            LOG.info("{} is gone and needs no marker of {}", partition, ending.transactionalId());
        case INVALID_PRODUCER_EPOCH ->
            // Whoever has the newer epoch got it after this transaction had ended there.
            LOG.warn(
                "{} has seen a newer epoch of producer {} than the {} in which {} ends",
                partition,
                ending.marker().producerId(),
                ending.marker().producerEpoch(),
                ending.transactionalId());
        case ErrorCode error -> {
          LOG.info(
              "Cannot write the marker of {} to {} yet: {}",
              ending.transactionalId(),
              partition,
              error);
          missing.add(partition);
        }
      }
    }
    return missing;
  }

  @Override
  public void abort(int shard, TimedOut timedOut) throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (true) {
      OptionalLong fresh = producerIds.next();
      if (fresh.isPresent()) {
        long id = fresh.getAsLong();
        if (tell(shard, (machine, now) -> machine.timeOut(timedOut, id, now)) != Told.LATER) {
          return;
        }
      }
      clock.sleep(pause);
      pause = longer(pause);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private enum Told {
    DONE,
    /// The transaction is none of this node's business any more.
    NOT_ENDING,
    LATER
  }

  private <A> Told tell(int shard, Command<TransactionMachine, A> command)
      throws InterruptedException {
    try {
      A answer = shards.submitTo(shard, command).await(COMMIT_LIMIT);
      return Boolean.FALSE.equals(answer) ? Told.NOT_ENDING : Told.DONE;
    } catch (CoordinatorException e) {
      return switch (e.error()) {
        case NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS -> Told.NOT_ENDING;
        case ErrorCode error -> {
          LOG.warn("Cannot tell partition {} of the coordinator: {}", shard, error);
          yield Told.LATER;
        }
      };
    }
  }
}
