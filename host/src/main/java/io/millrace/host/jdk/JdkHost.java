package io.millrace.host.jdk;

import io.millrace.host.Clock;
import io.millrace.host.Disk;
import io.millrace.host.Entropy;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.host.Tasks;

/// The real world: system clocks, virtual threads, files and sockets of the JDK.
public final class JdkHost implements Host {
  private final Clock clock = new JdkClock();
  private final Entropy entropy = new JdkEntropy();
  private final Tasks tasks;
  private final Disk disk = new JdkDisk();
  private final Net net = new JdkNet();

  public JdkHost(FailureHandler failureHandler) {
    tasks = new JdkTasks(failureHandler);
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
  public Disk disk() {
    return disk;
  }

  @Override
  public Net net() {
    return net;
  }
}
