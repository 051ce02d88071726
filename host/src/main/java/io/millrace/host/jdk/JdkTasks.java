package io.millrace.host.jdk;

import io.millrace.host.Tasks;

/// Starts tasks on virtual and platform threads.
final class JdkTasks implements Tasks {
  private final FailureHandler failureHandler;

  JdkTasks(FailureHandler failureHandler) {
    this.failureHandler = failureHandler;
  }

  @Override
  public Task start(String name, Body body) {
    return start(Thread.ofVirtual(), name, body);
  }

  @Override
  public Task startDedicated(String name, Body body) {
    return start(Thread.ofPlatform().daemon(), name, body);
  }

  private Task start(Thread.Builder threads, String name, Body body) {
    JdkTask task = new JdkTask(name, body, threads.name(name), failureHandler);
    task.start();
    return task;
  }
}
