package io.millrace.simulator;

import io.millrace.host.Clock;
import io.millrace.host.Entropy;
import io.millrace.host.Host;
import io.millrace.host.Tasks;

/// A node: a machine of its own with one process. What is on its disk outlives the process.
public final class SimulatedHost implements Host {
  private final String name;
  private final Scheduler scheduler;
  private final Trace trace;
  private final SimulatedClock clock;
  private final SimulatedEntropy entropy;
  private final SimulatedDisk disk;
  private final SimulatedNet net;
  private final SimulatedTasks tasks = new SimulatedTasks();
  private boolean up = true;

  SimulatedHost(String name, Seed seed, Scheduler scheduler, Trace trace, Network network) {
    this.name = name;
    this.scheduler = scheduler;
    this.trace = trace;
    clock = new SimulatedClock(this, scheduler, seed.random("clock of " + name).nextLong() >> 8);
    entropy = new SimulatedEntropy(seed, name);
    disk = new SimulatedDisk(this, scheduler, trace, seed.random("disk of " + name));
    net = new SimulatedNet(this, scheduler, network);
  }

  public String name() {
    return name;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Entropy entropy() {
    return entropy;
  }

  @Override
  public Tasks tasks() {
    return tasks;
  }

  @Override
  public SimulatedDisk disk() {
    return disk;
  }

  @Override
  public SimulatedNet net() {
    return net;
  }

  public boolean isUp() {
    return up;
  }

  /// The process dies (`kill -9`): its tasks end where they are, its sockets are closed, its locks
  /// are free. Everything it has written is still there. Not to be called by a task of this node.
  public void kill() {
    goDown("kill");
    disk.processDied();
  }

  /// The machine loses power: as [#kill], and what was not forced is gone from the disk.
  public void crash() {
    goDown("crash");
    disk.crash();
  }

  /// Makes a node usable again that [#kill] or [#crash] took down. It has no tasks; the caller
  /// starts its program anew.
  public void restart() {
    if (up) {
      throw new IllegalStateException(name + " is up");
    }
    trace.add(scheduler.nanos(), "restart", name, 0);
    up = true;
  }

  private void goDown(String how) {
    if (!up) {
      throw new IllegalStateException(name + " is down already");
    }
    trace.add(scheduler.nanos(), how, name, 0);
    up = false;
    scheduler.abandon(this);
    net.processDied();
  }

  private final class SimulatedTasks implements Tasks {
    @Override
    public Task start(String task, Body body) {
      return scheduler.start(SimulatedHost.this, task, body);
    }

    @Override
    public Task startDedicated(String task, Body body) {
      return scheduler.start(SimulatedHost.this, task, body);
    }
  }
}
