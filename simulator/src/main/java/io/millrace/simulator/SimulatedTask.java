package io.millrace.simulator;

import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;

/// A virtual thread of a node, which the scheduler continues when it is its turn.
final class SimulatedTask implements Tasks.Task, Executor {
  private final Scheduler scheduler;
  private final SimulatedHost host;
  private final long id;
  private final String name;
  private final String fullName;
  private final Tasks.Body body;
  private final Thread thread;
  private final Waiters joiners = new Waiters();
  private boolean cancelled;
  private boolean done;
  private boolean abandoned;

  SimulatedTask(Scheduler scheduler, SimulatedHost host, long id, String name, Tasks.Body body) {
    this.scheduler = scheduler;
    this.host = host;
    this.id = id;
    this.name = name;
    this.fullName = host.name() + "/" + name;
    this.body = body;
    this.thread = SimulatedThreads.create(this, fullName, this::run);
  }

  private void run() {
    try {
      body.run();
    } catch (InterruptedException | ClosedChannelException e) {
      if (!cancelled) {
        scheduler.taskFailed(this, e);
      }
    } catch (IOException | RuntimeException | Error e) {
      scheduler.taskFailed(this, e);
    } finally {
      done = true;
      scheduler.ended(this);
      joiners.wakeAll();
    }
  }

  void start() {
    thread.start();
  }

  /// Called by the JDK when the thread can continue, which `continuation` does.
  @Override
  public void execute(Runnable continuation) {
    if (!abandoned) {
      scheduler.ready(this, continuation);
    }
  }

  /// Never continues the task again: its node went down in the middle of what it did.
  void abandon() {
    abandoned = true;
  }

  SimulatedHost host() {
    return host;
  }

  long id() {
    return id;
  }

  Thread thread() {
    return thread;
  }

  /// The name with the node's.
  String fullName() {
    return fullName;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (!done && !abandoned) {
      thread.interrupt();
    }
  }

  @Override
  public void join() throws InterruptedException {
    while (!done) {
      joiners.await();
    }
  }

  @Override
  public boolean isDone() {
    return done;
  }
}
