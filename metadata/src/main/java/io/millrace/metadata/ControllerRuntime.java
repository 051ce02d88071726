package io.millrace.metadata;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Entropy;
import io.millrace.host.Host;
import io.millrace.host.Tasks;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.message.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Runs commands through the controller: decide, append, apply, answer once committed.
///
/// A command is decided by the task that submits it, under the lock, against the speculative image:
/// the committed one with everything that was decided since. Its records are then queued. One task
/// writes: it takes all that is queued and appends it at once, so that however many commands wait,
/// one write to disk answers them all. When the log hands the records back as committed, they are
/// applied to the committed image, listeners are told, and the submitting tasks wake up.
///
/// A decision that changes nothing is answered when everything decided before it is committed: what
/// it was based on is then true.
public final class ControllerRuntime implements Closeable, MetadataLog.Follower {
  /// Commands beyond this many are turned away until others are done.
  private static final int MAX_QUEUED = 10_000;

  /// The writer takes no further command into an append once it has this many records.
  private static final int MAX_RECORDS_PER_APPEND = 20_000;

  private final Clock clock;
  private final Tasks tasks;
  private final Entropy entropy;
  private final MetadataLog log;
  private final Controller controller;
  private final List<ImageListener> listeners = new ArrayList<>();

  private volatile ClusterImage image = ClusterImage.EMPTY;
  private volatile boolean isLoaded;
  private Tasks.@Nullable Task writer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition queued = lock.newCondition();

  @GuardedBy("lock")
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();

  /// Appended, not yet committed.
  @GuardedBy("lock")
  private final ArrayDeque<Pending> appended = new ArrayDeque<>();

  @GuardedBy("lock")
  private int waitingCount;

  @GuardedBy("lock")
  private ClusterImage speculative = ClusterImage.EMPTY;

  /// The epoch that this node leads in, -1 if it does not.
  @GuardedBy("lock")
  private int leaderEpoch = -1;

  /// Why no command is taken any more.
  @GuardedBy("lock")
  private @Nullable CommandFailedException stopped;

  public ControllerRuntime(Host host, MetadataLog log, Controller controller) {
    this.clock = host.clock();
    this.tasks = host.tasks();
    this.entropy = host.entropy();
    this.log = log;
    this.controller = controller;
  }

  /// A command on its way.
  private static final class Pending {
    final List<MetadataRecord> records;
    final int epoch;
    final Condition done;
    boolean isDone;
    @Nullable CommandFailedException failure;

    /// Of the last record that has to be committed; known once appended.
    long offset = -1;

    Pending(List<MetadataRecord> records, int epoch, Condition done) {
      this.records = records;
      this.epoch = epoch;
      this.done = done;
    }
  }

  /// Adds a listener; before [#start] only. Listeners are called in the order they were added.
  public void addListener(ImageListener listener) {
    if (isLoaded) {
      throw new IllegalStateException("listeners are added before the start");
    }
    listeners.add(listener);
  }

  /// Reads the log, tells the listeners of the image that it makes (as one change from the empty
  /// one), and begins to take commands. Throws [MetadataLogException] if the log cannot be read.
  public void start() throws IOException {
    log.follow(this);
    isLoaded = true;
    publish(ImageDelta.between(ClusterImage.EMPTY, image));
    writer = tasks.startDedicated("controller", this::write);
  }

  /// The committed image.
  public ClusterImage image() {
    return image;
  }

  /// Has a command decided and waits until the decision is committed and applied on this node.
  public <A> A submit(Command<A> command, Deadline deadline)
      throws CommandFailedException, InterruptedException {
    return propose(command).await(deadline);
  }

  /// Has a command decided: it takes effect, if at all, before any that is proposed later.
  public <A> Proposal<A> propose(Command<A> command) throws CommandFailedException {
    lock.lock();
    try {
      checkTakesCommands();
      Decision<A> decision = controller.decide(speculative, command, entropy);
      boolean isSettled = decision.records().isEmpty() && waitingCount == 0;
      return new Proposal<>(
          decision.answer(),
          isSettled ? Optional.empty() : Optional.of(enqueue(decision.records())));
    } finally {
      lock.unlock();
    }
  }

  /// A command that was decided and is being committed.
  public final class Proposal<A> {
    private final A answer;
    private final Optional<Pending> pending;

    private Proposal(A answer, Optional<Pending> pending) {
      this.answer = answer;
      this.pending = pending;
    }

    /// Waits until the decision is committed and applied on this node.
    public A await(Deadline deadline) throws CommandFailedException, InterruptedException {
      if (pending.isPresent()) {
        awaitDone(pending.get(), deadline);
      }
      return answer;
    }
  }

  @GuardedBy("lock")
  private void checkTakesCommands() throws CommandFailedException {
    if (stopped != null) {
      throw new CommandFailedException(stopped.error(), String.valueOf(stopped.getMessage()));
    }
    if (leaderEpoch < 0) {
      throw notController();
    }
    if (waitingCount >= MAX_QUEUED) {
      throw new CommandFailedException(
          ErrorCode.THROTTLING_QUOTA_EXCEEDED, MAX_QUEUED + " changes wait already");
    }
  }

  private static CommandFailedException notController() {
    return new CommandFailedException(
        ErrorCode.NOT_CONTROLLER, "This node does not lead the metadata log");
  }

  @GuardedBy("lock")
  private Pending enqueue(List<MetadataRecord> records) {
    ClusterImage next = speculative;
    for (MetadataRecord record : records) {
      next = next.apply(next.offset() + 1, leaderEpoch, record);
    }
    speculative = next;
    Pending pending = new Pending(records, leaderEpoch, lock.newCondition());
    queue.add(pending);
    waitingCount++;
    queued.signal();
    return pending;
  }

  private void awaitDone(Pending pending, Deadline deadline)
      throws CommandFailedException, InterruptedException {
    lock.lock();
    try {
      while (!pending.isDone) {
        boolean isInTime = clock.await(lock, pending.done, deadline);
        if (!isInTime && !pending.isDone) {
          throw new CommandFailedException(
              ErrorCode.REQUEST_TIMED_OUT, "The change was not committed in time; it still may be");
        }
      }
      if (pending.failure != null) {
        throw pending.failure;
      }
    } finally {
      lock.unlock();
    }
  }

  /// The writer's task.
  private void write() throws IOException, InterruptedException {
    for (List<Pending> group = takeGroup(); !group.isEmpty(); group = takeGroup()) {
      List<MetadataRecord> records = new ArrayList<>();
      group.forEach(pending -> records.addAll(pending.records));
      try {
        // A group without records still has to wait for what was appended before it.
        long offset =
            records.isEmpty() ? lastAppended() : log.append(group.getFirst().epoch, records);
        finish(group, offset);
        if (log.isSnapshotDue()) {
          ClusterImage now = image;
          log.writeSnapshot(now.offset(), now.epoch(), now.toRecords());
        }
      } catch (MetadataLog.NotLeaderException e) {
        failAll(group, notController());
      } catch (IOException e) {
        stop(
            group,
            new CommandFailedException(
                ErrorCode.KAFKA_STORAGE_ERROR, "The metadata log cannot be written"));
        throw e;
      } catch (RuntimeException e) {
        stop(
            group,
            new CommandFailedException(
                ErrorCode.UNKNOWN_SERVER_ERROR, "The controller stopped because of a bug"));
        throw e;
      }
    }
  }

  /// What is to be appended next; empty once commands are not taken any more.
  private List<Pending> takeGroup() throws InterruptedException {
    lock.lock();
    try {
      while (queue.isEmpty() && stopped == null) {
        queued.await();
      }
      List<Pending> group = new ArrayList<>();
      if (queue.isEmpty()) {
        return group;
      }
      int count = 0;
      int epoch = queue.getFirst().epoch;
      while (!queue.isEmpty()
          && queue.getFirst().epoch == epoch
          && (group.isEmpty()
              || count + queue.getFirst().records.size() <= MAX_RECORDS_PER_APPEND)) {
        Pending pending = queue.removeFirst();
        count += pending.records.size();
        group.add(pending);
      }
      return group;
    } finally {
      lock.unlock();
    }
  }

  private long lastAppended() {
    lock.lock();
    try {
      return appended.isEmpty() ? image.offset() : appended.getLast().offset;
    } finally {
      lock.unlock();
    }
  }

  private void finish(List<Pending> group, long offset) {
    lock.lock();
    try {
      for (Pending pending : group) {
        pending.offset = offset;
        appended.add(pending);
      }
      completeCommitted();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void completeCommitted() {
    while (!appended.isEmpty() && appended.getFirst().offset <= image.offset()) {
      complete(appended.removeFirst(), null);
    }
  }

  @GuardedBy("lock")
  private void complete(Pending pending, @Nullable CommandFailedException failure) {
    pending.isDone = true;
    pending.failure = failure;
    pending.done.signalAll();
    waitingCount--;
  }

  private void failAll(List<Pending> group, CommandFailedException failure) {
    lock.lock();
    try {
      List<Pending> all = new ArrayList<>(appended);
      all.addAll(group);
      all.addAll(queue);
      appended.clear();
      queue.clear();
      speculative = image;
      all.forEach(pending -> complete(pending, failure));
    } finally {
      lock.unlock();
    }
  }

  private void stop(List<Pending> group, CommandFailedException failure) {
    lock.lock();
    try {
      stopped = failure;
      queued.signal();
    } finally {
      lock.unlock();
    }
    failAll(group, failure);
  }

  @Override
  public void onSnapshot(long offset, int epoch, List<MetadataRecord> records) {
    ClusterImage loaded = ClusterImage.EMPTY;
    for (MetadataRecord record : records) {
      loaded = loaded.apply(offset, epoch, record);
    }
    publish(ImageDelta.between(image, loaded.at(offset, epoch)));
  }

  @Override
  public void onCommitted(long baseOffset, int epoch, List<MetadataRecord> records) {
    ImageDelta.Builder delta = new ImageDelta.Builder(image);
    for (int i = 0; i < records.size(); i++) {
      delta.apply(baseOffset + i, epoch, records.get(i));
    }
    publish(delta.build());
    lock.lock();
    try {
      completeCommitted();
    } finally {
      lock.unlock();
    }
  }

  /// While the log is being loaded, images are nobody's business: what they show may long be gone.
  private void publish(ImageDelta delta) {
    image = delta.after();
    if (isLoaded) {
      listeners.forEach(listener -> listener.onImage(delta));
    }
  }

  @Override
  public void onLeading(int epoch) {
    lock.lock();
    try {
      leaderEpoch = epoch;
      speculative = image;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNotLeading() {
    lock.lock();
    try {
      leaderEpoch = -1;
    } finally {
      lock.unlock();
    }
    failAll(List.of(), notController());
  }

  /// Stops taking commands, and closes the log. Commands on their way fail; what of them was
  /// written stays written.
  @Override
  public void close() throws IOException {
    stop(
        List.of(),
        new CommandFailedException(ErrorCode.NOT_CONTROLLER, "The controller is shutting down"));
    Tasks.@Nullable Task running = writer;
    if (running != null) {
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    log.close();
  }
}
