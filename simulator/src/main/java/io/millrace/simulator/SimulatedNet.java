package io.millrace.simulator;

import io.millrace.host.Deadline;
import io.millrace.host.Net;
import io.millrace.simulator.Network.Link;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The network as one node sees it. Its own names are its host's name, `localhost`, `127.0.0.1`,
/// `::1`, `0.0.0.0`, `::` and the empty name; a listener on any of them is reached by all of them
/// and by other nodes under the host's name.
public final class SimulatedNet implements Net {
  private static final Set<String> OWN_NAMES =
      Set.of("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "");

  private static final int FIRST_EPHEMERAL_PORT = 32_768;

  private final SimulatedHost host;
  private final Scheduler scheduler;
  private final Network network;
  private final TreeMap<Integer, SimulatedListener> listeners = new TreeMap<>();
  private final Set<SimulatedConnection> connections = new LinkedHashSet<>();

  /// Counts the processes that have used this network, as [SimulatedDisk] does.
  private int generation;

  private int nextPort = FIRST_EPHEMERAL_PORT;

  SimulatedNet(SimulatedHost host, Scheduler scheduler, Network network) {
    this.host = host;
    this.scheduler = scheduler;
    this.network = network;
    network.add(this);
  }

  String hostName() {
    return host.name();
  }

  @Override
  public Listener listen(Endpoint endpoint) throws IOException {
    if (resolve(endpoint.host()) != this) {
      throw new BindException(endpoint + ": Cannot assign requested address");
    }
    int port = endpoint.port() == 0 ? freePort() : endpoint.port();
    if (listeners.containsKey(port)) {
      throw new BindException(endpoint + ": Address already in use");
    }
    SimulatedListener listener =
        new SimulatedListener(this, network, new Endpoint(endpoint.host(), port));
    listeners.put(port, listener);
    network.trace("listen", host.name(), port);
    return listener;
  }

  @Override
  public Connection connect(Endpoint endpoint, Deadline deadline) throws IOException {
    Scheduler.requireTask();
    SimulatedNet target = resolve(endpoint.host());
    Handshake handshake = new Handshake(target, endpoint, freePort());
    handshake.begin();
    long limitNanos = deadline.remainingNanos(host.clock().nanos());
    Timer timer =
        scheduler.schedule(host, limitNanos, "connect limit", handshake.answered::wakeAll);
    try {
      while (!handshake.isAnswered() && !host.clock().isPast(deadline)) {
        handshake.answered.await();
      }
    } catch (InterruptedException e) {
      handshake.abandon();
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      scheduler.cancel(timer);
    }
    return handshake.result();
  }

  private SimulatedNet resolve(String name) throws UnknownHostException {
    SimulatedNet found = OWN_NAMES.contains(name) ? this : network.find(name);
    if (found == null) {
      throw new UnknownHostException("unknown host: " + name);
    }
    return found;
  }

  private int freePort() {
    do {
      nextPort = nextPort == 65_535 ? FIRST_EPHEMERAL_PORT : nextPort + 1;
    } while (listeners.containsKey(nextPort));
    return nextPort;
  }

  void listenerClosed(int port) {
    listeners.remove(port);
  }

  void connectionClosed(SimulatedConnection connection) {
    connections.remove(connection);
  }

  /// The kernel closes what the process had open.
  void processDied() {
    generation++;
    for (SimulatedListener listener : List.copyOf(listeners.values())) {
      listener.close();
    }
    for (SimulatedConnection connection : new ArrayList<>(connections)) {
      connection.close();
    }
  }

  /// From the first packet to the answer.
  private final class Handshake {
    private final SimulatedNet target;
    private final Endpoint endpoint;
    private final int localPort;
    private final Link there;
    private final Link back;
    private final int process = generation;
    private final Waiters answered = new Waiters();
    private @Nullable SimulatedConnection established;
    private boolean refused;
    private boolean abandoned;

    Handshake(SimulatedNet target, Endpoint endpoint, int localPort) {
      this.target = target;
      this.endpoint = endpoint;
      this.localPort = localPort;
      this.there = network.link(hostName(), target.hostName());
      this.back = network.link(target.hostName(), hostName());
    }

    void begin() {
      network.after(there.delayNanos(), "connect", this::arrive);
    }

    private void arrive() {
      SimulatedListener listener = target.listeners.get(endpoint.port());
      if (listener == null || listener.isFull()) {
        network.after(back.delayNanos(), "refuse", this::refuse);
        return;
      }
      String name = hostName() + ":" + localPort + ">" + target.hostName() + ":" + endpoint.port();
      SimulatedConnection client =
          new SimulatedConnection(SimulatedNet.this, network, endpoint, there, name + " client");
      SimulatedConnection server =
          new SimulatedConnection(
              target, network, new Endpoint(hostName(), localPort), back, name + " server");
      client.join(server);
      target.connections.add(server);
      listener.offer(server);
      network.after(back.delayNanos(), "accept", () -> establish(client));
    }

    private void refuse() {
      refused = true;
      answered.wakeAll();
    }

    private void establish(SimulatedConnection client) {
      if (abandoned || process != generation) {
        client.close();
        return;
      }
      connections.add(client);
      established = client;
      answered.wakeAll();
    }

    boolean isAnswered() {
      return refused || established != null;
    }

    void abandon() {
      abandoned = true;
      if (established != null) {
        established.close();
      }
    }

    Connection result() throws IOException {
      if (established != null) {
        return established;
      }
      if (refused) {
        throw new ConnectException(endpoint + ": Connection refused");
      }
      abandon();
      throw new SocketTimeoutException("no answer from " + endpoint + " in time");
    }
  }
}
