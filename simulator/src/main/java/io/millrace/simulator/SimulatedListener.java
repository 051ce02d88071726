package io.millrace.simulator;

import io.millrace.host.Net;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/// A listening socket and the connections that nobody has accepted yet.
final class SimulatedListener implements Net.Listener {
  private static final int BACKLOG = 128;

  private final SimulatedNet net;
  private final Network network;
  private final Net.Endpoint endpoint;
  private final ArrayDeque<SimulatedConnection> pending = new ArrayDeque<>();
  private final Waiters acceptors = new Waiters();
  private boolean closed;

  SimulatedListener(SimulatedNet net, Network network, Net.Endpoint endpoint) {
    this.net = net;
    this.network = network;
    this.endpoint = endpoint;
  }

  boolean isFull() {
    return pending.size() >= BACKLOG;
  }

  void offer(SimulatedConnection connection) {
    pending.add(connection);
    acceptors.wakeAll();
  }

  @Override
  public Net.Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Net.Connection accept() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    try {
      while (pending.isEmpty()) {
        acceptors.await();
        if (closed) {
          throw new AsynchronousCloseException();
        }
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    SimulatedConnection accepted = pending.remove();
    network.trace("accepted", accepted.toString(), 0);
    return accepted;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    net.listenerClosed(endpoint.port());
    for (SimulatedConnection connection : pending) {
      connection.abort();
    }
    pending.clear();
    acceptors.wakeAll();
  }
}
