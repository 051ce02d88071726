package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.TestShard;
import io.millrace.host.Tasks;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A machine with what producers ask of it. Markers are written when the test says so ([#finish]).
final class TransactionFixture implements TransactionFollowUps {
  static final String ID = "payments";
  static final TopicPartition A = new TopicPartition("a", 0);
  static final TopicPartition B = new TopicPartition("b", 3);
  static final int TIMEOUT_MS = 60_000;
  static final TransactionSettings SETTINGS =
      new TransactionSettings(900_000, Duration.ofDays(7).toMillis(), Duration.ofHours(1));

  final TestShard<TransactionMachine> shard =
      new TestShard<>(context -> new TransactionMachine(context, () -> SETTINGS, this));

  /// Ends of transactions whose markers are not written yet.
  final List<Ending> endings = new ArrayList<>();

  private long nextProducerId = 1_000;

  @Override
  public void finish(int partition, Ending ending) {
    endings.add(ending);
  }

  @Override
  public void abort(int partition, TimedOut timedOut) {
    long fresh = freshId();
    shard.ask((machine, now) -> machine.timeOut(timedOut, fresh, now));
  }

  long freshId() {
    return nextProducerId++;
  }

  /// Runs what the machine wanted done after the commit.
  void runFollowUps() {
    List<Tasks.Body> bodies = shard.takeFollowUps();
    while (!bodies.isEmpty()) {
      for (Tasks.Body body : bodies) {
        try {
          body.run();
        } catch (IOException | InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      bodies = shard.takeFollowUps();
    }
  }

  /// Writes all markers that are due, and completes the transactions.
  void finish() {
    runFollowUps();
    while (!endings.isEmpty()) {
      Ending ending = endings.removeFirst();
      shard.ask((machine, now) -> machine.complete(ending, now));
      runFollowUps();
    }
  }

  Answer<Outcome> askInit(long producerId, int epoch) {
    return askInit(ID, TIMEOUT_MS, producerId, epoch);
  }

  /// As the handler does: fetches a producer id if the machine needs one.
  Answer<Outcome> askInit(String id, int timeoutMs, long producerId, int epoch) {
    InitProducerIdRequest request =
        InitProducerIdRequest.builder()
            .transactionalId(id)
            .transactionTimeoutMs(timeoutMs)
            .producerId(producerId)
            .producerEpoch((short) epoch)
            .build();
    Answer<Outcome> answer = shard.submit((machine, now) -> machine.init(request, -1, now));
    if (answer.isReady() && shard.result(answer) instanceof Outcome.NeedsProducerId) {
      long fresh = freshId();
      return shard.submit((machine, now) -> machine.init(request, fresh, now));
    }
    return answer;
  }

  Outcome init() {
    return shard.result(askInit(-1, -1));
  }

  Outcome init(long producerId, int epoch) {
    return shard.result(askInit(producerId, epoch));
  }

  Answer<Outcome> askAdd(long producerId, int epoch, TopicPartition... partitions) {
    return shard.submit(
        (machine, now) ->
            machine.addPartitions(ID, producerId, (short) epoch, List.of(partitions), true, now));
  }

  Outcome add(long producerId, int epoch, TopicPartition... partitions) {
    return shard.result(askAdd(producerId, epoch, partitions));
  }

  Answer<List<ErrorCode>> askVerify(long producerId, int epoch, TopicPartition... partitions) {
    return shard.submit(
        (machine, now) -> machine.verify(ID, producerId, (short) epoch, List.of(partitions), now));
  }

  Answer<Outcome> askEnd(int version, long producerId, int epoch, boolean commit) {
    EndTxnRequest request =
        EndTxnRequest.builder()
            .transactionalId(ID)
            .producerId(producerId)
            .producerEpoch((short) epoch)
            .committed(commit)
            .build();
    Answer<Outcome> answer =
        shard.submit((machine, now) -> machine.end(request, version >= 2, -1, now));
    if (answer.isReady() && shard.result(answer) instanceof Outcome.NeedsProducerId) {
      long fresh = freshId();
      return shard.submit((machine, now) -> machine.end(request, version >= 2, fresh, now));
    }
    return answer;
  }

  Outcome end(int version, long producerId, int epoch, boolean commit) {
    return shard.result(askEnd(version, producerId, epoch, commit));
  }

  Transaction known() {
    Transaction known = shard.machine().hardState().get(ID);
    if (known == null) {
      throw new AssertionError(ID + " is not known");
    }
    return known;
  }

  /// Puts a producer at an epoch that it would take long to get to.
  void seed(long producerId, int epoch) {
    Transaction seeded =
        Transaction.created(ID, producerId, TIMEOUT_MS, shard.now().wallMs())
            .initialized(
                new ProducerIdentity(producerId, (short) epoch, producerId, -1, (short) -1),
                TIMEOUT_MS,
                shard.now().wallMs());
    shard.submit((_, _) -> Decision.write(List.of(seeded.record())));
  }

  static Outcome done(long producerId, int epoch) {
    return new Outcome.Done(producerId, (short) epoch);
  }

  static Outcome refused(ErrorCode error) {
    return new Outcome.Refused(error);
  }
}
