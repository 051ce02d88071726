package io.millrace.broker.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.broker.api.ApiRegistry;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts the connections of all listeners, within [ConnectionLimits], and closes those that make
/// no progress.
public final class SocketServer {
  private static final Logger LOG = LoggerFactory.getLogger(SocketServer.class);

  /// How often connections are looked at for progress.
  private static final Duration INSPECTION = Duration.ofSeconds(1);

  /// How long to wait before accepting again when the process has run out of file descriptors.
  private static final Duration ACCEPT_RETRY = Duration.ofMillis(100);

  /// The first so many connections get threads of their own: that saves a third of the CPU time of
  /// a request. With more connections, which are then less busy each, threads would cost memory.
  private static final int DEDICATED_CONNECTIONS = 32;

  private final Host host;
  private volatile ConnectionLimits limits;
  private final RequestMemory memory;
  private final List<Net.Listener> listeners = new ArrayList<>();
  private final List<Tasks.Task> acceptors = new ArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Map<ClientConnection, Tasks.Task> connections = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Map<String, Integer> countByAddress = new HashMap<>();

  @GuardedBy("lock")
  private boolean stopping;

  public SocketServer(Host host, ConnectionLimits limits, RequestMemory memory) {
    this.host = host;
    this.limits = limits;
    this.memory = memory;
  }

  /// Changes how many connections are let in. Those beyond that are there already stay.
  public void limitConnections(int max, int maxPerAddress) {
    limits = limits.withMaxConnections(max, maxPerAddress);
  }

  /// Binds a listener; connections wait until [#serve]. Returns its address, with the real port.
  public Net.Endpoint bind(Net.Endpoint endpoint) throws IOException {
    Net.Listener listener = host.net().listen(endpoint);
    listeners.add(listener);
    return listener.endpoint();
  }

  /// Starts to accept connections on everything that was bound, in that order named by `names`.
  public void serve(List<String> names, ApiRegistry apis) {
    for (int i = 0; i < listeners.size(); i++) {
      Net.Listener listener = listeners.get(i);
      String name = names.get(i);
      acceptors.add(host.tasks().start("acceptor " + name, () -> accept(listener, name, apis)));
    }
    acceptors.add(host.tasks().start("connection inspector", this::inspect));
  }

  public int connectionCount() {
    lock.lock();
    try {
      return connections.size();
    } finally {
      lock.unlock();
    }
  }

  /// Stops accepting, closes every connection and waits for their tasks to end.
  public void stop() throws InterruptedException {
    List<ClientConnection> open;
    List<Tasks.Task> tasks;
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      open = new ArrayList<>(connections.keySet());
      tasks = new ArrayList<>(connections.values());
    } finally {
      lock.unlock();
    }
    for (Net.Listener listener : listeners) {
      closeQuietly(listener);
    }
    open.forEach(ClientConnection::close);
    for (Tasks.Task task : tasks) {
      task.join();
    }
    for (Tasks.Task task : acceptors) {
      task.join();
    }
  }

  private void accept(Net.Listener listener, String name, ApiRegistry apis)
      throws InterruptedException {
    while (true) {
      try {
        admit(listener.accept(), name, apis);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("Cannot accept a connection on {}: {}", listener.endpoint(), e.getMessage());
        host.clock().sleep(ACCEPT_RETRY);
      }
    }
  }

  private void admit(Net.Connection socket, String name, ApiRegistry apis) throws IOException {
    Optional<String> refusal = refusal(socket.remote().host());
    if (refusal.isPresent()) {
      LOG.info("Refused a connection from {}: {}", socket.remote(), refusal.get());
      socket.close();
      return;
    }
    lock.lock();
    try {
      if (stopping) {
        socket.close();
        return;
      }
      TaskKind kind =
          connections.size() < DEDICATED_CONNECTIONS ? TaskKind.DEDICATED : TaskKind.VIRTUAL;
      ClientConnection connection =
          new ClientConnection(socket, host, kind, name, apis, memory, limits.maxRequestBytes());
      countByAddress.merge(socket.remote().host(), 1, Integer::sum);
      connections.put(
          connection,
          kind.start(
              host.tasks(), "requests of " + socket.remote(), () -> serveUntilClosed(connection)));
    } finally {
      lock.unlock();
    }
  }

  private Optional<String> refusal(String address) {
    lock.lock();
    try {
      if (connections.size() >= limits.maxConnections()) {
        return Optional.of("there are " + connections.size() + " (max.connections)");
      }
      int count = countByAddress.getOrDefault(address, 0);
      return count >= limits.maxConnectionsPerAddress()
          ? Optional.of("its address has " + count + " (max.connections.per.ip)")
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void serveUntilClosed(ClientConnection connection) throws InterruptedException {
    try {
      connection.run();
    } finally {
      lock.lock();
      try {
        connections.remove(connection);
        countByAddress.computeIfPresent(
            connection.remote().host(), (_, count) -> count == 1 ? null : count - 1);
      } finally {
        lock.unlock();
      }
    }
  }

  /// The task that closes connections without progress.
  private void inspect() throws InterruptedException {
    lock.lock();
    try {
      while (!stopping) {
        host.clock().await(lock, changed, host.clock().deadlineIn(INSPECTION));
        closeOverdue();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void closeOverdue() {
    long now = host.clock().nanos();
    for (ClientConnection connection : connections.keySet()) {
      Optional<String> reason =
          connection.overdue(now, limits.maxIdle().toNanos(), limits.stall().toNanos());
      if (reason.isPresent()) {
        LOG.info("Closed the connection from {}: {}", connection.remote(), reason.get());
        connection.close();
      }
    }
  }

  private static void closeQuietly(Net.Listener listener) {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.warn("Cannot close the listener on {}: {}", listener.endpoint(), e.getMessage());
    }
  }
}
