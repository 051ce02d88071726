package io.millrace.broker.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.broker.api.Reply;
import io.millrace.broker.net.ClientConnection.ResponseSlot;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replies that a connection owes, sent in the order in which they were queued.
///
/// While nothing is owed, a finished response is written by the reading task itself. The first
/// reply that has to be waited for starts a writing task, which then waits for and writes every
/// reply until none is owed. At most [#MAX_OWED] replies are owed: then the reading task waits, and
/// with it the client, which has to take its responses before it may ask for more.
final class ResponseQueue {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseQueue.class);

  static final int MAX_OWED = 256;

  private final Net.Connection socket;
  private final Host host;
  private final TaskKind tasks;
  private final Runnable onFailure;
  private final ResponseWriter writer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final ArrayDeque<Owed> owed = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean writerStarted;

  @GuardedBy("lock")
  private boolean abandoned;

  /// When the write that is under way began, 0 if none is.
  private volatile long writingSinceNanos;

  /// `onFailure` closes the connection when its responses cannot be sent.
  ResponseQueue(Net.Connection socket, Host host, TaskKind tasks, Runnable onFailure) {
    this.socket = socket;
    this.host = host;
    this.tasks = tasks;
    this.onFailure = onFailure;
    this.writer = new ResponseWriter(socket);
  }

  /// Sends a finished response in its turn; false if the connection is closed.
  boolean send(ResponseSlot slot, ApiMessage response) throws IOException, InterruptedException {
    lock.lock();
    try {
      if (!owed.isEmpty() || abandoned) {
        return enqueue(new Owed(slot, new Finished(response)));
      }
    } finally {
      lock.unlock();
    }
    // Only the reading task, which this is, makes the queue non-empty, so nobody else is writing
    // now.
    write(slot, response);
    return true;
  }

  /// Sends a response in its turn once it is there; false if the connection is closed.
  boolean sendLater(ResponseSlot slot, Reply.Answer answer) throws InterruptedException {
    lock.lock();
    try {
      return enqueue(new Owed(slot, answer));
    } finally {
      lock.unlock();
    }
  }

  /// Waits until nothing is owed.
  void drain() throws InterruptedException {
    lock.lock();
    try {
      while (!owed.isEmpty() && !abandoned) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Gives up on everything that is owed.
  void abandon() {
    lock.lock();
    try {
      if (abandoned) {
        return;
      }
      abandoned = true;
      owed.forEach(reply -> reply.answer.abandon());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isIdle() {
    lock.lock();
    try {
      return owed.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Whether the write under way has lasted for longer than `stallNanos`.
  boolean isStalled(long now, long stallNanos) {
    long since = writingSinceNanos;
    return since != 0 && now - since > stallNanos;
  }

  @GuardedBy("lock")
  private boolean enqueue(Owed reply) throws InterruptedException {
    while (owed.size() >= MAX_OWED && !abandoned) {
      changed.await();
    }
    if (abandoned) {
      reply.answer.abandon();
      return false;
    }
    owed.add(reply);
    if (!writerStarted) {
      writerStarted = true;
      tasks.start(host.tasks(), "responses to " + socket.remote(), this::writeAll);
    } else {
      changed.signalAll();
    }
    return true;
  }

  /// The writing task. It takes a reply out of the queue only when it is sent, so that an empty
  /// queue means that nobody writes.
  private void writeAll() throws InterruptedException {
    try {
      for (Owed next = first(); next != null; next = first()) {
        write(next.slot, next.answer.await());
        removeFirst();
      }
    } catch (IOException e) {
      LOG.debug("Cannot send responses to {}: {}", socket.remote(), e.toString());
      onFailure.run();
    } catch (RuntimeException e) {
      LOG.error("A bug showed in a response to {}", socket.remote(), e);
      onFailure.run();
    }
  }

  private @Nullable Owed first() throws InterruptedException {
    lock.lock();
    try {
      while (owed.isEmpty() && !abandoned) {
        changed.await();
      }
      return abandoned ? null : owed.peek();
    } finally {
      lock.unlock();
    }
  }

  private void removeFirst() {
    lock.lock();
    try {
      owed.poll();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void write(ResponseSlot slot, ApiMessage response) throws IOException {
    writingSinceNanos = host.clock().nanos();
    try {
      writer.write(slot, response);
    } finally {
      writingSinceNanos = 0;
    }
  }

  private record Owed(ResponseSlot slot, Reply.Answer answer) {}

  /// A response that is there already. It is either written or released, by whoever comes first.
  private static final class Finished implements Reply.Answer {
    private final ApiMessage response;
    private final AtomicBoolean taken = new AtomicBoolean();

    Finished(ApiMessage response) {
      this.response = response;
    }

    @Override
    public ApiMessage await() throws IOException {
      if (!taken.compareAndSet(false, true)) {
        throw new ClosedChannelException();
      }
      return response;
    }

    @Override
    public void abandon() {
      if (taken.compareAndSet(false, true)) {
        ResponseWriter.release(response);
      }
    }
  }
}
