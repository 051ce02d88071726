package io.millrace.simulator;

import io.millrace.host.Deadline;
import io.millrace.host.Disk;
import io.millrace.host.Disk.OpenMode;
import io.millrace.host.Net;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A bit of everything: servers that log what they are sent and answer, clients, locks, queues and
/// deadlines. Prints its trace hash, so that it can be run in a JVM of its own.
final class Scenario {
  private static final int CLIENTS = 5;
  private static final int REQUESTS = 20;

  private final Simulation simulation;
  private final SimulatedHost server;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ConcurrentHashMap<Object, Integer> seen = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<String> journal = new LinkedBlockingQueue<>();
  private final Semaphore permits = new Semaphore(2);
  private long logEnd;

  private Scenario(Simulation simulation) {
    this.simulation = simulation;
    this.server = simulation.host("server");
  }

  public static void main(String[] arguments) {
    for (String seed : arguments) {
      System.out.println(seed + " " + hash(Long.parseLong(seed)));
    }
  }

  /// The trace hash of a run with `seed`.
  static long hash(long seed) {
    try (Simulation simulation = new Simulation(seed)) {
      new Scenario(simulation).run();
      return simulation.traceHash();
    }
  }

  private void run() {
    server.tasks().start("acceptor", this::accept);
    server.tasks().start("reporter", this::report);
    List<Tasks.Task> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      SimulatedHost client = simulation.host("client-" + i);
      clients.add(client.tasks().start("requests", () -> request(client)));
    }
    simulation.runUntil(() -> clients.stream().allMatch(Tasks.Task::isDone));
    server.crash();
    simulation.runUntilIdle();
    if (logEnd != CLIENTS * REQUESTS * 8L || seen.size() != CLIENTS) {
      throw new AssertionError("log end " + logEnd + ", connections " + seen.size());
    }
  }

  private void accept() throws IOException {
    Path directory = Path.of("data");
    server.disk().createDirectories(directory);
    Disk.File log = server.disk().open(directory.resolve("log"), OpenMode.CREATE_NEW);
    server.disk().forceDirectory(directory);
    Net.Listener listener = server.net().listen(new Net.Endpoint("", 9092));
    while (true) {
      Net.Connection connection = listener.accept();
      server.tasks().start("connection", () -> serve(connection, log));
    }
  }

  private void serve(Net.Connection connection, Disk.File log)
      throws IOException, InterruptedException {
    Object identity = new Object();
    ByteBuffer bytes = ByteBuffer.allocate(8);
    try (connection) {
      while (true) {
        bytes.clear();
        while (bytes.hasRemaining()) {
          if (connection.read(bytes) < 0) {
            return;
          }
        }
        permits.acquire();
        append(log, bytes.flip());
        permits.release();
        seen.merge(identity, 1, Integer::sum);
        journal.add(Thread.currentThread().getName());
        connection.write(bytes.rewind());
      }
    }
  }

  private void append(Disk.File log, ByteBuffer bytes) throws IOException {
    lock.lock();
    try {
      log.write(bytes, logEnd);
      logEnd += 8;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    log.force();
  }

  /// Waits for the log to grow, with a deadline that passes now and then.
  private void report() throws InterruptedException {
    long known = 0;
    for (int quiet = 0; quiet < 100; ) {
      lock.lock();
      try {
        Deadline deadline = server.clock().deadlineIn(Duration.ofMillis(1));
        while (logEnd == known && server.clock().await(lock, changed, deadline)) {
          journal.add("woken");
        }
        quiet = logEnd == known ? quiet + 1 : 0;
        known = logEnd;
      } finally {
        lock.unlock();
      }
    }
  }

  private static void request(SimulatedHost client) throws IOException, InterruptedException {
    client.clock().sleep(Duration.ofMillis(1 + client.entropy().nextInt(10)));
    Net.Endpoint endpoint = new Net.Endpoint("server", 9092);
    Deadline deadline = client.clock().deadlineIn(Duration.ofSeconds(5));
    try (Net.Connection connection = client.net().connect(endpoint, deadline)) {
      ByteBuffer answer = ByteBuffer.allocate(8);
      for (int i = 0; i < REQUESTS; i++) {
        long sent = client.entropy().nextLong();
        connection.write(ByteBuffer.allocate(8).putLong(0, sent));
        answer.clear();
        while (answer.hasRemaining()) {
          if (connection.read(answer) < 0) {
            throw new IOException("the server is gone");
          }
        }
        if (answer.getLong(0) != sent) {
          throw new AssertionError("wrong answer");
        }
      }
    }
  }
}
