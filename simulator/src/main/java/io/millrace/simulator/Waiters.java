package io.millrace.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Tasks that wait for the same thing. Since only one task runs at a time, no lock is needed.
final class Waiters {
  private final List<Thread> threads = new ArrayList<>();

  /// Waits for [#wakeAll], or for nothing at all: callers check what they wait for in a loop.
  void await() throws InterruptedException {
    Scheduler.requireTask();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Thread me = Thread.currentThread();
    threads.add(me);
    LockSupport.park(this);
    threads.remove(me);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  void wakeAll() {
    for (int i = 0; i < threads.size(); i++) {
      LockSupport.unpark(threads.get(i));
    }
  }
}
