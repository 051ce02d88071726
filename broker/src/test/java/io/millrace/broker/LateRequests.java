package io.millrace.broker;

import io.millrace.host.Deadline;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.simulator.SimulatedHost;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The requests that the network held back: they reach the broker seconds later, on connections of
/// their own, when whoever sent them has long sent them again, or given up, or died; or together
/// with a later request that they should have come before.
final class LateRequests {
  private final SimulatedHost limbo;
  private final int oneIn;
  private final int maxDelayMs;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private int frees;
  private int delivered;

  /// One in `oneIn` requests is late.
  LateRequests(SimulatedHost limbo, int oneIn, int maxDelayMs) {
    this.limbo = limbo;
    this.oneIn = oneIn;
    this.maxDelayMs = maxDelayMs;
  }

  /// Whether the next request of a client is to be late.
  boolean takes(SimulatedHost client) {
    return client.entropy().nextInt(oneIn) == 0;
  }

  /// How many have arrived.
  int delivered() {
    return delivered;
  }

  <T extends ApiMessage> void add(Class<T> type, ApiKey api, int version, ApiMessage request) {
    limbo.tasks().start("late " + api, () -> deliver(type, api, version, request));
  }

  /// Lets all go on that are held back now: somebody is about to end a transaction.
  void free() {
    lock.lock();
    try {
      frees++;
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private <T extends ApiMessage> void deliver(
      Class<T> type, ApiKey api, int version, ApiMessage request) throws InterruptedException {
    await(limbo.clock().deadlineIn(Duration.ofMillis(limbo.entropy().nextInt(maxDelayMs))));
    limbo.clock().sleep(Duration.ofNanos(limbo.entropy().nextInt(3_000_000)));
    try (WireClient wire = new WireClient(limbo, SimulatedBroker.ADDRESS)) {
      wire.call(type, api, version, request);
      delivered++;
    } catch (IOException e) {
      // The broker is away: this one stays lost.
    }
  }

  private void await(Deadline deadline) throws InterruptedException {
    lock.lock();
    try {
      int before = frees;
      while (frees == before && !limbo.clock().isPast(deadline)) {
        limbo.clock().await(lock, freed, deadline);
      }
    } finally {
      lock.unlock();
    }
  }
}
