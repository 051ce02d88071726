package io.millrace.coordinator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Host;
import io.millrace.host.Tasks;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.replication.Partition;
import io.millrace.storage.AppendResult;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A machine on one partition of an internal topic, for as long as this node leads it.
///
/// A command is decided by the task that submits it, under the lock, and its records are applied at
/// once; so the next command is decided on the newest state. They are appended by whoever finds
/// that nobody is appending: it goes on until nothing is left, so commands that come meanwhile
/// share an append. An answer leaves when everything up to its decision is committed; so no answer,
/// not even one that changes nothing, tells of a state that could still be lost.
///
/// An append that fails ends the term of this shard: what was applied and not written goes with it.
final class Shard<M extends Machine> {
  private static final Logger LOG = LoggerFactory.getLogger(Shard.class);

  /// Back-pressure: with so many records not committed yet, commands wait before they are decided.
  private static final int MAX_UNCOMMITTED = 20_000;

  private static final Duration BACK_PRESSURE_LIMIT = Duration.ofSeconds(5);

  /// A commit may take long when replicas are missing; who follows up on it waits that long anew.
  private static final Duration FOLLOW_UP_WAIT = Duration.ofHours(1);

  private final Clock clock;
  private final Tasks tasks;
  private final Partition partition;
  private final RecordSchemas schemas;
  private final ShardTimers<M> timers;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final M machine;

  @GuardedBy("lock")
  private State state = State.LOADING;

  @GuardedBy("lock")
  private final RecordBatcher batcher = new RecordBatcher();

  @GuardedBy("lock")
  private boolean isAppending;

  private final Condition appendingEnded = lock.newCondition();

  /// Of what was decided; also what the log's will be once that is appended.
  @GuardedBy("lock")
  private long endOffset;

  /// The end of the log. Touched by the loading task, then by whoever appends.
  private long appendedTo;

  /// Answers that the machine will give. Guarded by the lock, under which the machine runs.
  private final Set<Answer<?>> open = new LinkedHashSet<>();

  /// Answers that the command being decided gave. Guarded likewise.
  private final List<Answer<?>> given = new ArrayList<>();

  @GuardedBy("lock")
  private final List<Tasks.Task> running = new ArrayList<>();

  private enum State {
    LOADING,
    ACTIVE,
    FAILED,
    CLOSED
  }

  Shard(
      Host host,
      Partition partition,
      RecordSchemas schemas,
      TimerQueue queue,
      MachineFactory<M> factory) {
    this.clock = host.clock();
    this.tasks = host.tasks();
    this.partition = partition;
    this.schemas = schemas;
    this.timers = new ShardTimers<>(clock, queue, this::fire);
    this.machine =
        factory.create(
            new MachineFactory.Context<>(
                partition.name().partition(), partition.leaderEpoch(), timers, this::openAnswer));
  }

  private <A> Answer<A> openAnswer() {
    Answer<A> answer = new Answer<>(clock, partition, this::onGiven);
    open.add(answer);
    return answer;
  }

  private void onGiven(Answer<?> answer) {
    open.remove(answer);
    given.add(answer);
  }

  /// Starts to read the log; commands are refused with `COORDINATOR_LOAD_IN_PROGRESS` until that is
  /// done.
  void start() {
    lock.lock();
    try {
      running.add(tasks.start("load-" + partition.name(), this::load));
    } finally {
      lock.unlock();
    }
  }

  /// The machine is nobody else's while the state is LOADING: the lock is taken to begin only.
  @SuppressWarnings("GuardedBy")
  private void load() {
    PartitionLog log = partition.log();
    long end = log.logEndOffset();
    long startedNanos = clock.nanos();
    try {
      ShardLoader loader = new ShardLoader(log, schemas, machine);
      loader.load(end);
      if (loader.recordCount() > 0) {
        LOG.info(
            "Loaded {} records of {} in {} ms",
            loader.recordCount(),
            partition.name(),
            (clock.nanos() - startedNanos) / 1_000_000);
      }
    } catch (IOException | RuntimeException e) {
      fail("cannot be loaded", e);
      return;
    }
    lock.lock();
    try {
      if (state == State.LOADING) {
        endOffset = end;
        appendedTo = end;
        machine.begin(now());
        settleGiven();
        state = State.ACTIVE;
      }
    } finally {
      lock.unlock();
    }
  }

  private Now now() {
    return new Now(clock.wallMs(), clock.nanos());
  }

  /// Has a command decided.
  <A> Answer<A> submit(Command<M, A> command) throws CoordinatorException, InterruptedException {
    awaitRoom();
    return decide(command);
  }

  private void awaitRoom() throws CoordinatorException, InterruptedException {
    long bound;
    lock.lock();
    try {
      bound = endOffset - MAX_UNCOMMITTED;
    } finally {
      lock.unlock();
    }
    if (!partition.isCommitted(bound)
        && partition.awaitCommitted(bound, clock.deadlineIn(BACK_PRESSURE_LIMIT))
            == ErrorCode.REQUEST_TIMED_OUT) {
      throw new CoordinatorException(
          ErrorCode.COORDINATOR_NOT_AVAILABLE,
          MAX_UNCOMMITTED + " records of " + partition.name() + " wait to be committed");
    }
  }

  /// As [#submit], without back-pressure: for what the coordinator itself has to do.
  <A> Answer<A> decide(Command<M, A> command) throws CoordinatorException {
    Answer<A> answer;
    boolean appends = false;
    lock.lock();
    try {
      ensureActive();
      try {
        Decision<A> decision = command.decide(machine, now());
        take(decision);
        answer = answerOf(decision);
        followUp(decision);
        if (!isAppending && !batcher.isEmpty()) {
          isAppending = true;
          appends = true;
        }
      } finally {
        settleGiven();
      }
    } finally {
      lock.unlock();
    }
    if (appends) {
      append();
    }
    return answer;
  }

  @GuardedBy("lock")
  private void ensureActive() throws CoordinatorException {
    switch (state) {
      case ACTIVE -> {}
      case LOADING ->
          throw new CoordinatorException(
              ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, partition.name() + " is being loaded");
      case FAILED ->
          throw new CoordinatorException(
              ErrorCode.COORDINATOR_NOT_AVAILABLE, partition.name() + " has failed");
      case CLOSED ->
          throw new CoordinatorException(
              ErrorCode.NOT_COORDINATOR, partition.name() + " is not led here any more");
    }
  }

  /// Queues the records of a decision and applies them.
  @GuardedBy("lock")
  private void take(Decision<?> decision) throws CoordinatorException {
    int maxBatchBytes = partition.log().config().maxMessageBytes();
    long wallMs = clock.wallMs();
    if (!decision.records().isEmpty()) {
      List<RecordBatcher.Encoded> encoded = batcher.encode(decision.records(), maxBatchBytes);
      batcher.add(encoded, decision.producerId(), decision.producerEpoch(), wallMs, maxBatchBytes);
      for (StateRecord record : decision.records()) {
        machine.apply(
            record,
            new Machine.Provenance(endOffset, decision.producerId(), decision.producerEpoch()));
        endOffset++;
      }
    }
    Machine.EndMarker marker = decision.marker();
    if (marker != null) {
      batcher.addMarker(marker, wallMs);
      machine.applyMarker(marker, endOffset);
      endOffset++;
    }
  }

  @GuardedBy("lock")
  private <A> Answer<A> answerOf(Decision<A> decision) {
    Answer<A> later = decision.later();
    if (later != null) {
      return later;
    }
    Answer<A> answer = new Answer<>(clock, partition, _ -> {});
    A value = decision.value();
    if (value != null) {
      answer.complete(value);
    }
    given.add(answer);
    return answer;
  }

  @GuardedBy("lock")
  private void settleGiven() {
    for (Answer<?> answer : given) {
      answer.settle(endOffset);
    }
    given.clear();
  }

  @GuardedBy("lock")
  private void followUp(Decision<?> decision) {
    Tasks.Body body = decision.followUp();
    if (body == null) {
      return;
    }
    long end = endOffset;
    running.removeIf(Tasks.Task::isDone);
    running.add(
        tasks.start(
            "follow-up-" + partition.name(),
            () -> {
              ErrorCode outcome;
              do {
                outcome = partition.awaitCommitted(end, clock.deadlineIn(FOLLOW_UP_WAIT));
              } while (outcome == ErrorCode.REQUEST_TIMED_OUT);
              if (outcome == ErrorCode.NONE) {
                body.run();
              }
            }));
  }

  /// Appends what is queued until nothing is.
  private void append() {
    while (true) {
      List<ByteBuffer> batches;
      lock.lock();
      try {
        if (batcher.isEmpty()) {
          isAppending = false;
          appendingEnded.signalAll();
          return;
        }
        batches = batcher.take();
      } finally {
        lock.unlock();
      }
      try {
        for (ByteBuffer batch : batches) {
          append(batch);
        }
      } catch (IOException | RuntimeException e) {
        fail("cannot be appended to", e);
        return;
      }
    }
  }

  private void append(ByteBuffer batch) throws IOException {
    AppendResult result = partition.appendRecords(batch);
    if (result.baseOffset() != appendedTo) {
      throw new IllegalStateException(
          "somebody else wrote to "
              + partition.name()
              + ": offset "
              + appendedTo
              + " was foreseen, "
              + result.baseOffset()
              + " came");
    }
    appendedTo = result.lastOffset() + 1;
  }

  private void fire(ShardTimers.Timer<M> timer) {
    lock.lock();
    try {
      if (state != State.ACTIVE || !timers.take(timer)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    try {
      decide(timer.command());
    } catch (CoordinatorException e) {
      LOG.warn("A timer of {} has no effect: {}", partition.name(), e.getMessage());
    }
  }

  private void fail(String what, Exception e) {
    if (end(State.FAILED, ErrorCode.COORDINATOR_NOT_AVAILABLE)) {
      LOG.error("{} {}: its groups or transactions are not served", partition.name(), what, e);
    }
  }

  /// Ends the term. Answers that are open fail with `NOT_COORDINATOR`; what was decided is appended
  /// before this returns, as others may have been told so, and whoever leads next reads it.
  void close() {
    end(State.CLOSED, ErrorCode.NOT_COORDINATOR);
    lock.lock();
    try {
      while (isAppending) {
        appendingEnded.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Returns whether the shard was in use until now.
  private boolean end(State newState, ErrorCode error) {
    lock.lock();
    try {
      if (newState == State.FAILED) {
        isAppending = false;
        appendingEnded.signalAll();
      }
      boolean wasInUse = state == State.ACTIVE || state == State.LOADING;
      state = newState;
      timers.cancelAll();
      CoordinatorException why =
          new CoordinatorException(error, partition.name() + " is not served here any more");
      open.forEach(answer -> answer.fail(why));
      open.clear();
      running.forEach(Tasks.Task::cancel);
      running.clear();
      return wasInUse;
    } finally {
      lock.unlock();
    }
  }
}
