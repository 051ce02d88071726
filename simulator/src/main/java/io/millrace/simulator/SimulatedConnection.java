package io.millrace.simulator;

import io.millrace.host.Disk;
import io.millrace.host.Net;
import io.millrace.simulator.Network.Link;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One end of a connection: what has arrived for it, and the wire to the other end.
final class SimulatedConnection implements Net.Connection {
  /// Bytes on the wire and unread at the receiver, in one direction, beyond which a writer waits.
  private static final int WINDOW = 128 * 1024;

  /// A writer that waited goes on when there is room for so much. Otherwise a small read would lead
  /// to a small write, that to a small read, and so on for good (the silly window of RFC 813).
  private static final int WORTHWHILE = WINDOW / 4;

  /// The most bytes that travel together.
  private static final int MAX_CHUNK = 64 * 1024;

  private final SimulatedNet net;
  private final Network network;
  private final Net.Endpoint remote;
  private final Link link;
  private final String name;
  private final SplittableRandom random;
  private final Waiters readers = new Waiters();
  private final Waiters writers = new Waiters();
  private final ArrayDeque<ByteBuffer> received = new ArrayDeque<>();
  private @Nullable SimulatedConnection peer;

  /// Bytes in `received`, and bytes on their way to this end.
  private int unread;

  private int inFlight;

  /// When the last thing that was sent from this end arrives, so that nothing overtakes it.
  private long lastArrivalNanos;

  private boolean endArrived;
  private boolean resetArrived;
  private boolean closed;

  SimulatedConnection(
      SimulatedNet net, Network network, Net.Endpoint remote, Link link, String name) {
    this.net = net;
    this.network = network;
    this.remote = remote;
    this.link = link;
    this.name = name;
    this.random = network.connectionRandom();
  }

  void join(SimulatedConnection other) {
    peer = other;
    other.peer = this;
  }

  @Override
  public Net.Endpoint remote() {
    return remote;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    checkOpen();
    if (!target.hasRemaining()) {
      return 0;
    }
    network.mayYield();
    while (received.isEmpty()) {
      checkOpen();
      if (resetArrived) {
        throw new SocketException("Connection reset");
      }
      if (endArrived) {
        return -1;
      }
      await(readers);
    }
    int count = take(target, readLimit(target.remaining()));
    unread -= count;
    peer().writers.wakeAll();
    network.trace("read", name, count);
    return count;
  }

  /// Mostly all there is room for; sometimes less, as a real socket does.
  private int readLimit(int room) {
    return random.nextInt(8) == 0 ? 1 + random.nextInt(room) : room;
  }

  private int take(ByteBuffer target, int limit) {
    int left = limit;
    while (left > 0 && !received.isEmpty()) {
      ByteBuffer first = received.element();
      int count = Math.min(left, first.remaining());
      target.put(first.slice(first.position(), count));
      first.position(first.position() + count);
      left -= count;
      if (!first.hasRemaining()) {
        received.remove();
      }
    }
    return limit - left;
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    checkOpen();
    for (ByteBuffer source : sources) {
      network.mayYield();
      while (source.hasRemaining()) {
        writeChunk(source);
      }
    }
  }

  private void writeChunk(ByteBuffer source) throws IOException {
    SimulatedConnection to = peer();
    while (true) {
      checkOpen();
      if (resetArrived) {
        throw new IOException("Broken pipe");
      }
      int room = WINDOW - to.unread - to.inFlight;
      if (room >= Math.min(source.remaining(), WORTHWHILE)) {
        int size = Math.min(Math.min(room, source.remaining()), chunkLimit());
        ByteBuffer chunk = ByteBuffer.allocate(size);
        chunk.put(0, source, source.position(), size);
        source.position(source.position() + size);
        to.inFlight += size;
        network.trace("write", name, Trace.fingerprint(chunk));
        transmit("deliver", () -> to.arrive(chunk));
        return;
      }
      await(writers);
    }
  }

  private int chunkLimit() {
    return 1 + random.nextInt(random.nextInt(8) == 0 ? 16 : MAX_CHUNK);
  }

  @Override
  public void send(Disk.File file, long position, long count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(MAX_CHUNK, count));
    long sent = 0;
    while (sent < count) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), count - sent));
      int read = file.read(buffer, position + sent);
      if (read <= 0) {
        throw new EOFException(
            file + " ends before byte " + (position + sent) + ", which was to be sent");
      }
      write(buffer.flip());
      sent += read;
    }
  }

  @Override
  public void close() {
    if (!closed && !resetArrived && received.isEmpty()) {
      transmit("end", peer()::endArrives);
      shut();
    } else {
      abort();
    }
  }

  /// Closes so that the peer gets an error instead of an end: it has sent what nobody will read.
  void abort() {
    if (closed) {
      return;
    }
    if (!resetArrived) {
      transmit("reset", peer()::resetArrives);
    }
    shut();
  }

  private void shut() {
    closed = true;
    received.clear();
    unread = 0;
    net.connectionClosed(this);
    network.trace("close", name, 0);
    readers.wakeAll();
    writers.wakeAll();
  }

  private void transmit(String what, Runnable arrival) {
    long now = network.nanos();
    lastArrivalNanos = Math.max(lastArrivalNanos, now + link.delayNanos());
    network.after(lastArrivalNanos - now, what, arrival);
  }

  private void arrive(ByteBuffer chunk) {
    network.trace("arrive", name, chunk.remaining());
    inFlight -= chunk.remaining();
    if (closed) {
      transmit("reset", peer()::resetArrives);
      return;
    }
    unread += chunk.remaining();
    received.add(chunk);
    readers.wakeAll();
  }

  private void endArrives() {
    network.trace("end", name, 0);
    endArrived = true;
    readers.wakeAll();
  }

  private void resetArrives() {
    if (closed || resetArrived) {
      return;
    }
    network.trace("reset", name, 0);
    resetArrived = true;
    readers.wakeAll();
    writers.wakeAll();
  }

  /// Waits, and closes the connection if the task is cancelled meanwhile, as the JDK does.
  private void await(Waiters waiters) throws IOException {
    try {
      waiters.await();
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    if (closed) {
      throw new AsynchronousCloseException();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private SimulatedConnection peer() {
    return Objects.requireNonNull(peer, "joined when made");
  }

  @Override
  public String toString() {
    return name;
  }
}
