package io.millrace.host.jdk;

import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A thread and the state of its shield.
///
/// Interrupting a thread that is inside an operation on a `FileChannel` closes the channel, and
/// with it the file for every task that uses it. So file operations put up a shield: while it is
/// up, [#cancel] only leaves a note, and the task interrupts itself when it takes the shield down.
///
/// Legal transitions of the shield: DOWN → UP → DOWN and UP → UP_CANCELLED → DOWN, where the task
/// itself does all but UP → UP_CANCELLED; DOWN → INTERRUPTING → DOWN is done by the canceller, and
/// the task waits for its end before it puts the shield up.
final class JdkTask implements Tasks.Task {
  private static final ThreadLocal<@Nullable JdkTask> CURRENT = new ThreadLocal<>();

  private static final int DOWN = 0;
  private static final int UP = 1;
  private static final int UP_CANCELLED = 2;
  private static final int INTERRUPTING = 3;

  private final String name;
  private final Tasks.Body body;
  private final Thread thread;
  private final FailureHandler failureHandler;
  private final AtomicInteger shield = new AtomicInteger(DOWN);
  private volatile boolean cancelled;

  /// What to close if the task is cancelled behind its shield: a socket that a file is sent to.
  private volatile @Nullable Channel blocking;

  /// Whether an interrupt was pending when the shield went up. Used by the task's thread only.
  private boolean interruptedBefore;

  JdkTask(String name, Tasks.Body body, Thread.Builder threads, FailureHandler failureHandler) {
    this.name = name;
    this.body = body;
    this.failureHandler = failureHandler;
    this.thread = threads.unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    CURRENT.set(this);
    try {
      body.run();
    } catch (InterruptedException | ClosedChannelException e) {
      if (!cancelled) {
        failureHandler.taskFailed(name, e);
      }
    } catch (IOException | RuntimeException | Error e) {
      failureHandler.taskFailed(name, e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void cancel() {
    cancelled = true;
    while (true) {
      if (shield.compareAndSet(DOWN, INTERRUPTING)) {
        thread.interrupt();
        shield.set(DOWN);
        return;
      }
      if (shield.compareAndSet(UP, UP_CANCELLED)) {
        closeBlocking();
        return;
      }
      if (shield.get() == UP_CANCELLED) {
        return;
      }
      Thread.onSpinWait(); // another canceller is at it
    }
  }

  @Override
  public void join() throws InterruptedException {
    thread.join();
  }

  @Override
  public boolean isDone() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  /// Keeps cancels away from the calling thread until [#lower], which gets what this returned: null
  /// on a thread that is no task, which nobody cancels.
  static @Nullable JdkTask raise() {
    JdkTask task = CURRENT.get();
    if (task != null) {
      task.shield();
    }
    return task;
  }

  /// As [#raise], for an operation that may also wait for the peer of `socket`: a cancel closes it.
  static @Nullable JdkTask raiseSending(Channel socket) {
    JdkTask task = CURRENT.get();
    if (task != null) {
      task.blocking = socket;
      task.shield();
      if (task.interruptedBefore) {
        task.closeBlocking();
      }
    }
    return task;
  }

  static void lower(@Nullable JdkTask task) {
    if (task != null) {
      task.unshield();
    }
  }

  private void shield() {
    while (!shield.compareAndSet(DOWN, UP)) {
      Thread.onSpinWait(); // a canceller is between its two steps
    }
    interruptedBefore = thread.isInterrupted() && Thread.interrupted();
  }

  private void unshield() {
    boolean interrupt = shield.getAndSet(DOWN) == UP_CANCELLED || interruptedBefore;
    blocking = null;
    if (interrupt) {
      thread.interrupt();
    }
  }

  private void closeBlocking() {
    Channel socket = blocking;
    if (socket == null) {
      return;
    }
    try {
      socket.close();
    } catch (IOException e) {
      // The socket is of no use any more, however its closing went.
    }
  }
}
