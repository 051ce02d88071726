package io.millrace.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Host;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The fetch sessions of a broker (KIP-227): at most so many; when all are taken, the one that was
/// used longest ago gives way if it was idle for [#MIN_IDLE], otherwise the client goes on without
/// a session.
public final class FetchSessions {
  /// How long a session has to have been idle before a new one may take its place.
  static final Duration MIN_IDLE = Duration.ofMinutes(2);

  private final Host host;
  private final int maxSessions;
  private final Function<PartitionKey, Optional<Partition>> partitions;
  private final Function<PartitionKey, ErrorCode> whyMissing;
  private final ReentrantLock lock = new ReentrantLock();

  /// In the order of last use.
  @GuardedBy("lock")
  private final LinkedHashMap<Integer, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);

  /// `partitions` finds a led partition, `whyMissing` says what to answer where it finds none.
  public FetchSessions(
      Host host,
      int maxSessions,
      Partitions partitions,
      Function<PartitionKey, ErrorCode> whyMissing) {
    this.host = host;
    this.maxSessions = maxSessions;
    this.partitions = partitions::find;
    this.whyMissing = whyMissing;
  }

  /// A session for one request, which the caller closes.
  public FetchSession temporary(boolean byTopicId) {
    return new FetchSession(
        FetchSession.NO_SESSION, byTopicId, host.clock(), partitions, whyMissing);
  }

  /// A new session that later fetches can go on with, or a temporary one if there is no room.
  public FetchSession create(boolean byTopicId) {
    long now = host.clock().nanos();
    lock.lock();
    try {
      if (slots.size() >= maxSessions && !evictIdle(now)) {
        return temporary(byTopicId);
      }
      int id = newId();
      FetchSession session = new FetchSession(id, byTopicId, host.clock(), partitions, whyMissing);
      slots.put(id, new Slot(session, now));
      return session;
    } finally {
      lock.unlock();
    }
  }

  /// The session that an incremental fetch goes on with.
  public Found resume(int id, int epoch, boolean byTopicId) {
    lock.lock();
    try {
      Slot slot = slots.get(id);
      if (slot == null) {
        return new Found.Failed(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
      }
      if (slot.session.isByTopicId() != byTopicId) {
        return new Found.Failed(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
      }
      if (!slot.session.advanceEpoch(epoch)) {
        return new Found.Failed(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
      }
      slot.lastUsedNanos = host.clock().nanos();
      return new Found.Session(slot.session);
    } finally {
      lock.unlock();
    }
  }

  /// Ends a session; nothing happens if there is none with that id.
  public void close(int id) {
    lock.lock();
    try {
      Slot slot = slots.remove(id);
      if (slot != null) {
        slot.session.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends all sessions, when the broker stops.
  public void closeAll() {
    lock.lock();
    try {
      List<Slot> all = new ArrayList<>(slots.values());
      slots.clear();
      all.forEach(slot -> slot.session.close());
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean evictIdle(long now) {
    Iterator<Map.Entry<Integer, Slot>> oldest = slots.entrySet().iterator();
    if (!oldest.hasNext()) {
      return false;
    }
    Slot slot = oldest.next().getValue();
    if (now - slot.lastUsedNanos < MIN_IDLE.toNanos()) {
      return false;
    }
    oldest.remove();
    slot.session.close();
    return true;
  }

  /// Ids are random so that nobody guesses another client's.
  @GuardedBy("lock")
  private int newId() {
    while (true) {
      int id = host.entropy().nextInt(Integer.MAX_VALUE);
      if (id != FetchSession.NO_SESSION && !slots.containsKey(id)) {
        return id;
      }
    }
  }

  /// Outcome of [#resume].
  public sealed interface Found {
    record Session(FetchSession session) implements Found {}

    record Failed(ErrorCode error) implements Found {}
  }

  private static final class Slot {
    final FetchSession session;
    long lastUsedNanos;

    Slot(FetchSession session, long lastUsedNanos) {
      this.session = session;
      this.lastUsedNanos = lastUsedNanos;
    }
  }
}
