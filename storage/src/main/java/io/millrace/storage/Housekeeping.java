package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Host;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The background job of a log directory: checkpoints, retention, removal of deleted files,
/// `flush.ms`, expiry of producers, and closing files that nobody uses.
final class Housekeeping {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  /// How precise all times below are, `flush.ms` and `file.delete.delay.ms` too.
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration KAFKA_CHECKPOINT_INTERVAL = Duration.ofMinutes(1);
  private static final Duration IDLE_FILE_INTERVAL = Duration.ofMinutes(1);
  private static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(10);

  private final Clock clock;
  private final Tasks tasks;
  private final LogDirectory directory;
  private final LogDirectoryOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopped = lock.newCondition();

  @GuardedBy("lock")
  private boolean isStopping;

  private Tasks.@Nullable Task task;

  private Deadline checkpointDue;
  private Deadline kafkaCheckpointDue;
  private Deadline retentionDue;
  private Deadline idleFilesDue;
  private Deadline expiryDue;

  Housekeeping(Host host, LogDirectory directory, LogDirectoryOptions options) {
    this.clock = host.clock();
    this.tasks = host.tasks();
    this.directory = directory;
    this.options = options;
    this.checkpointDue = clock.deadlineIn(options.checkpointInterval());
    this.kafkaCheckpointDue = clock.deadlineIn(KAFKA_CHECKPOINT_INTERVAL);
    this.retentionDue = clock.deadlineIn(options.retentionCheckInterval());
    this.idleFilesDue = clock.deadlineIn(IDLE_FILE_INTERVAL);
    this.expiryDue = clock.deadlineIn(EXPIRY_INTERVAL);
  }

  void start() {
    task = tasks.start("log-housekeeping", this::run);
  }

  void stop() throws IOException {
    lock.lock();
    try {
      isStopping = true;
      stopped.signalAll();
    } finally {
      lock.unlock();
    }
    if (task != null) {
      Flusher.join(task);
    }
  }

  private void run() throws InterruptedException {
    while (waitForTick()) {
      try {
        tick();
      } catch (LogDirectoryFailedException e) {
        return;
      } catch (IOException e) {
        directory.fail(e);
        return;
      }
    }
  }

  /// False when it is time to end.
  private boolean waitForTick() throws InterruptedException {
    Deadline next = clock.deadlineIn(TICK);
    lock.lock();
    try {
      while (!isStopping && clock.await(lock, stopped, next)) {
        // Woken before the tick without having to stop.
      }
      return !isStopping;
    } finally {
      lock.unlock();
    }
  }

  private void tick() throws IOException {
    directory.ensureNotFailed();
    long nowMs = clock.wallMs();
    for (PartitionLog log : directory.logs()) {
      if (log.config().flushMs() != Long.MAX_VALUE) {
        log.flushes().requestIfOld(nowMs);
      }
    }
    if (clock.isPast(retentionDue)) {
      retentionDue = clock.deadlineIn(options.retentionCheckInterval());
      applyRetention(nowMs);
    }
    directory.deletions().runDue();
    if (clock.isPast(checkpointDue)) {
      checkpointDue = clock.deadlineIn(options.checkpointInterval());
      directory.checkpointIfChanged();
    }
    if (clock.isPast(kafkaCheckpointDue)) {
      kafkaCheckpointDue = clock.deadlineIn(KAFKA_CHECKPOINT_INTERVAL);
      directory.writeKafkaCheckpoints();
    }
    if (clock.isPast(idleFilesDue)) {
      idleFilesDue = clock.deadlineIn(IDLE_FILE_INTERVAL);
      closeIdleFiles();
    }
    if (clock.isPast(expiryDue)) {
      expiryDue = clock.deadlineIn(EXPIRY_INTERVAL);
      expireProducers(nowMs);
    }
  }

  /// Deletes the segments that have outlived their retention.
  void applyRetention(long nowMs) throws IOException {
    for (PartitionLog log : directory.logs()) {
      int count =
          Retention.deletable(
              log.segments.all(), log.config(), log.logStartOffset(), log.retentionBound(), nowMs);
      if (count > 0) {
        LOG.info("deleting the {} oldest segments of {}", count, log.partition());
        new LogTruncation(log, directory, log.path()).deleteFirst(count);
      }
    }
  }

  private void closeIdleFiles() throws IOException {
    for (PartitionLog log : directory.logs()) {
      for (Segment segment : log.segments.all()) {
        segment.file().closeIfIdle();
        segment.offsetIndex().file().dropCache();
        segment.timeIndex().file().dropCache();
        segment.transactionIndex().file().dropCache();
      }
    }
  }

  private void expireProducers(long nowMs) {
    for (PartitionLog log : directory.logs()) {
      log.lock().lock();
      try {
        log.producers.expire(nowMs, options.producerExpiration().toMillis());
      } finally {
        log.lock().unlock();
      }
    }
  }
}
