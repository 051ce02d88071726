package io.millrace.host;

import java.io.IOException;

/// Starts the threads of a node. A task is plain blocking code: it ends when its body returns.
///
/// An exception that leaves a body is a bug or an environment failure that nobody owned: it is
/// given to the host's failure handler, which in production logs it and stops the process.
public interface Tasks {
  /// Starts `body` on a cheap (virtual) thread. The name appears in thread dumps, logs and traces.
  Task start(String name, Body body);

  /// As [#start], on a thread of its own: for the few tasks that block in the kernel for long (a
  /// flusher) or that are worth a thread of their own (a hot connection).
  Task startDedicated(String name, Body body);

  /// What a task does.
  @FunctionalInterface
  interface Body {
    void run() throws IOException, InterruptedException;
  }

  /// A started task.
  interface Task {
    String name();

    /// Interrupts the task. Its body is expected to end soon after with an `InterruptedException`,
    /// which is not a failure.
    void cancel();

    /// Waits for the task to end.
    void join() throws InterruptedException;

    boolean isDone();
  }
}
