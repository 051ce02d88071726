package io.millrace.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The partitions that one client fetches, remembered between its fetches (KIP-227).
///
/// Every partition of a session stands registered with its [Partition] and is put into a queue when
/// that has news, so the work of a fetch is proportional to the partitions with news and not to
/// those subscribed. A partition leaves the queue when a fetch finds nothing in it that the client
/// lacks, and goes to the end of it when it gave records, so that no partition starves another.
///
/// A fetch without a session is a session that lives for one request.
///
/// Lock order: a session's lock before a partition's watcher lock; partitions call in with no lock
/// held.
public final class FetchSession {
  /// The id that stands for "no session".
  public static final int NO_SESSION = 0;

  private final int id;
  private final boolean byTopicId;
  private final Clock clock;
  private final Function<PartitionKey, Optional<Partition>> partitions;
  private final Function<PartitionKey, ErrorCode> whyMissing;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  @GuardedBy("lock")
  private final LinkedHashMap<PartitionKey, PartitionFetch> fetches = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final ArrayDeque<PartitionFetch> ready = new ArrayDeque<>();

  /// Counts the news that came in, so that a waiting fetch sees whether to look again.
  @GuardedBy("lock")
  private long newsCount;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private int nextEpoch = 1;

  /// `partitions` finds a led partition, `whyMissing` says what to answer where it finds none.
  FetchSession(
      int id,
      boolean byTopicId,
      Clock clock,
      Function<PartitionKey, Optional<Partition>> partitions,
      Function<PartitionKey, ErrorCode> whyMissing) {
    this.id = id;
    this.byTopicId = byTopicId;
    this.clock = clock;
    this.partitions = partitions;
    this.whyMissing = whyMissing;
  }

  public int id() {
    return id;
  }

  /// Whether its partitions are named by topic id; a session never changes that.
  public boolean isByTopicId() {
    return byTopicId;
  }

  public int size() {
    lock.lock();
    try {
      return fetches.size();
    } finally {
      lock.unlock();
    }
  }

  /// Takes the next epoch if it is the one that the client sent; epochs go 1, 2, … and wrap to 1.
  boolean advanceEpoch(int clientEpoch) {
    lock.lock();
    try {
      if (clientEpoch != nextEpoch) {
        return false;
      }
      nextEpoch = nextEpoch == Integer.MAX_VALUE ? 1 : nextEpoch + 1;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Adds or moves partitions, then drops those in `forgotten`.
  public void update(Map<PartitionKey, FetchPosition> positions, List<PartitionKey> forgotten) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      for (Map.Entry<PartitionKey, FetchPosition> entry : positions.entrySet()) {
        PartitionFetch fetch = fetches.get(entry.getKey());
        if (fetch == null) {
          fetch = new PartitionFetch(this, entry.getKey(), entry.getValue());
          fetches.put(entry.getKey(), fetch);
        } else {
          fetch.moveTo(entry.getValue());
        }
        enqueue(fetch);
      }
      for (PartitionKey key : forgotten) {
        PartitionFetch fetch = fetches.remove(key);
        if (fetch != null) {
          fetch.remove();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Answers now if there are `minBytes` of records or something that cannot wait; empty otherwise.
  public Optional<List<FetchedPartition>> poll(FetchLimits limits) {
    lock.lock();
    try {
      return pollLocked(limits, false);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until [#poll] would answer, until `deadline`, or until [#wake] once `abandoned` is true,
  /// and then answers with what there is.
  public List<FetchedPartition> await(
      FetchLimits limits, Deadline deadline, BooleanSupplier abandoned)
      throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        long seen = newsCount;
        boolean isLast = closed || abandoned.getAsBoolean() || clock.isPast(deadline);
        Optional<List<FetchedPartition>> answer = pollLocked(limits, isLast);
        if (answer.isPresent()) {
          return answer.get();
        }
        while (seen == newsCount && !closed && !clock.isPast(deadline)) {
          clock.await(lock, news, deadline);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends the session: its partitions are unregistered and a waiting fetch answers at once.
  public void close() {
    lock.lock();
    try {
      closed = true;
      fetches.values().forEach(PartitionFetch::remove);
      fetches.clear();
      ready.clear();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Makes a fetch that waits look again.
  public void wake() {
    lock.lock();
    try {
      newsCount++;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void markReady(PartitionFetch fetch) {
    lock.lock();
    try {
      if (fetch.isRemoved()) {
        return;
      }
      enqueue(fetch);
      newsCount++;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Nullable Partition find(PartitionKey key) {
    return partitions.apply(key).orElse(null);
  }

  ErrorCode whyMissing(PartitionKey key) {
    return whyMissing.apply(key);
  }

  @GuardedBy("lock")
  private void enqueue(PartitionFetch fetch) {
    if (!fetch.isReady) {
      fetch.isReady = true;
      ready.add(fetch);
    }
  }

  @GuardedBy("lock")
  private Optional<List<FetchedPartition>> pollLocked(FetchLimits limits, boolean evenIfTooLittle) {
    List<PartitionFetch> looked = new ArrayList<>(ready.size());
    List<FetchedPartition> results = new ArrayList<>(ready.size());
    int bytes = 0;
    boolean urgent = false;
    for (PartitionFetch fetch = ready.poll(); fetch != null; fetch = ready.poll()) {
      if (fetch.isRemoved()) {
        continue;
      }
      FetchedPartition result =
          fetch.read(limits.isolation(), limits.maxBytes() - bytes, bytes == 0);
      bytes += result.records().sizeInBytes();
      urgent |= result.isUrgent() || result.isCut();
      looked.add(fetch);
      results.add(result);
    }
    if (bytes < limits.minBytes() && !urgent && !evenIfTooLittle) {
      ready.addAll(looked);
      results.forEach(FetchedPartition::release);
      return Optional.empty();
    }
    return Optional.of(settle(looked, results, limits.onlyNews()));
  }

  /// Decides which partitions stay in the queue, those that gave records behind the others, and
  /// which results the client is told.
  @GuardedBy("lock")
  private List<FetchedPartition> settle(
      List<PartitionFetch> looked, List<FetchedPartition> results, boolean onlyNews) {
    List<FetchedPartition> told = new ArrayList<>(results.size());
    List<PartitionFetch> served = new ArrayList<>();
    for (int i = 0; i < looked.size(); i++) {
      PartitionFetch fetch = looked.get(i);
      FetchedPartition result = results.get(i);
      if (!onlyNews || fetch.isNews(result)) {
        fetch.told(result);
        told.add(result);
      }
      if (!fetch.staysReady(result)) {
        fetch.isReady = false;
      } else if (result.records().sizeInBytes() > 0) {
        served.add(fetch);
      } else {
        ready.add(fetch);
      }
    }
    ready.addAll(served);
    return told;
  }
}
