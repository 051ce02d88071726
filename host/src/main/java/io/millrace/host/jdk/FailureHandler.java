package io.millrace.host.jdk;

/// What to do when an exception leaves the body of a task. In production: log it and stop the
/// process, since what the task was responsible for is no longer done by anybody.
@FunctionalInterface
public interface FailureHandler {
  /// Called on the thread of the failed task, which ends afterwards.
  void taskFailed(String task, Throwable failure);
}
