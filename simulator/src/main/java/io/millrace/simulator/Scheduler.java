package io.millrace.simulator;

import io.millrace.host.Tasks;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Decides what happens next. Tasks run one at a time on the thread that calls [#run], each until
/// it has to wait; who is next is drawn from the seed. Time stands still while anybody can run, and
/// then moves to the next timer.
final class Scheduler {
  /// How many lines of a task's stack a report shows.
  private static final int SHOWN_FRAMES = 6;

  private final Seed seed;
  private final Trace trace;
  private final SplittableRandom order;
  private final SplittableRandom yields;
  private final List<Ready> ready = new ArrayList<>();
  private final TreeSet<Timer> timers = new TreeSet<>();
  private final Set<SimulatedTask> live = new LinkedHashSet<>();

  /// The complaint of a thread that is not the simulation's; the only field that other threads use.
  private final AtomicReference<@Nullable String> intrusion = new AtomicReference<>();

  private Thread owner = Thread.currentThread();
  private boolean running;
  private boolean inTask;
  private @Nullable SimulationFailure failure;
  private long nanos;
  private long steps;
  private long stepLimit = 10_000_000;
  private long nextTaskId;
  private long nextTimer;

  /// A task that can continue, and how.
  private record Ready(SimulatedTask task, Runnable continuation) {}

  Scheduler(Seed seed, Trace trace) {
    this.seed = seed;
    this.trace = trace;
    this.order = seed.random("scheduler");
    this.yields = seed.random("yields");
  }

  /// Fails unless the caller is a task: any other thread would wait for good, since nothing happens
  /// while it waits.
  static void requireTask() {
    if (!Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "only tasks of a simulated host can wait: start a task, or run the simulation");
    }
  }

  long nanos() {
    return nanos;
  }

  /// Lets time pass in which nothing happens.
  void moveTo(long laterNanos) {
    nanos = Math.max(nanos, laterNanos);
  }

  long steps() {
    return steps;
  }

  void limitSteps(long limit) {
    stepLimit = limit;
  }

  /// Runs until `enough` holds or simulated time would pass `limitNanos`, which it is then set to.
  /// Returns false if nothing can happen any more.
  boolean run(BooleanSupplier enough, long limitNanos) {
    if (running) {
      throw new IllegalStateException("the simulation is running: a task cannot run it");
    }
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("run a simulation on a platform thread");
    }
    owner = Thread.currentThread();
    running = true;
    try {
      long lastStep = steps + stepLimit;
      while (true) {
        throwIfFailed();
        if (enough.getAsBoolean()) {
          return true;
        }
        if (!ready.isEmpty()) {
          continueOne();
        } else if (timers.isEmpty()) {
          return false;
        } else if (timers.first().atNanos() > limitNanos) {
          nanos = limitNanos;
          return true;
        } else {
          fireNext();
        }
        if (++steps >= lastStep) {
          throw failed("did not come to an end within " + stepLimit + " steps.\n" + describe());
        }
      }
    } finally {
      running = false;
    }
  }

  private void continueOne() {
    int index = order.nextInt(ready.size());
    Ready next = ready.get(index);
    Ready last = ready.removeLast();
    if (index < ready.size()) {
      ready.set(index, last);
    }
    trace.add(nanos, "run", next.task.fullName(), next.task.id());
    inTask = true;
    next.continuation.run();
    inTask = false;
  }

  private void fireNext() {
    Timer timer = timers.removeFirst();
    nanos = Math.max(nanos, timer.atNanos());
    trace.add(nanos, "timer", timer.name(), 0);
    timer.fire();
  }

  private void throwIfFailed() {
    String intruder = intrusion.get();
    if (intruder != null) {
      throw failed(intruder);
    }
    if (failure != null) {
      throw failure;
    }
  }

  SimulationFailure failed(String what) {
    return new SimulationFailure(prefix() + what);
  }

  private String prefix() {
    return String.format(
        Locale.ROOT,
        "The simulation with seed %d, after %d steps and %.6f simulated seconds: ",
        seed.value(),
        steps,
        nanos / 1e9);
  }

  void taskFailed(SimulatedTask task, Throwable cause) {
    if (failure == null) {
      failure =
          new SimulationFailure(prefix() + "task " + task.fullName() + " failed: " + cause, cause);
    }
  }

  SimulatedTask start(SimulatedHost host, String name, Tasks.Body body) {
    if (!host.isUp()) {
      throw new IllegalStateException(host.name() + " is down: restart it before starting tasks");
    }
    SimulatedTask task = new SimulatedTask(this, host, nextTaskId++, name, body);
    live.add(task);
    trace.add(nanos, "start", task.fullName(), task.id());
    task.start();
    return task;
  }

  void ended(SimulatedTask task) {
    live.remove(task);
    trace.add(nanos, "end", task.fullName(), task.id());
  }

  /// A task can continue. Only the simulation's own thread may bring that about: anything else is
  /// real time or real IO, and would happen at another moment in the next run.
  void ready(SimulatedTask task, Runnable continuation) {
    Thread caller = Thread.currentThread();
    if (caller == owner || (caller.isVirtual() && inTask)) {
      ready.add(new Ready(task, continuation));
      return;
    }
    intrusion.compareAndSet(
        null,
        String.format(
            Locale.ROOT,
            "task %s was woken by the thread '%s' from outside. Tasks must not wait in ways that"
                + " the host does not know of: with a limit in real time (use Clock), for real IO,"
                + " or for a monitor whose owner waits inside it (use ReentrantLock).",
            task.fullName(),
            caller.getName()));
  }

  /// Lets others run in between, sometimes. Called where a real host would do a system call, so
  /// that tasks meet each other at more places than those where they have to wait.
  @SuppressWarnings("ThreadPriorityCheck") // the thread scheduler is this class
  void mayYield() {
    if (inTask && Thread.currentThread().isVirtual() && yields.nextInt(4) == 0) {
      Thread.yield();
    }
  }

  Timer schedule(@Nullable SimulatedHost host, long delayNanos, String name, Runnable action) {
    long at = nanos + Math.max(0, delayNanos);
    Timer timer = new Timer(at < 0 ? Long.MAX_VALUE : at, nextTimer++, name, host, action);
    timers.add(timer);
    return timer;
  }

  void cancel(Timer timer) {
    timers.remove(timer);
  }

  void sleep(SimulatedHost host, long delayNanos) throws InterruptedException {
    requireTask();
    Thread me = Thread.currentThread();
    Timer timer = schedule(host, delayNanos, me.getName(), () -> LockSupport.unpark(me));
    try {
      while (!timer.hasFired()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.park(timer);
      }
    } finally {
      cancel(timer);
    }
  }

  /// As [#sleep], putting off an interrupt until afterwards. Returns at once to a thread that is no
  /// task, for which simulated time cannot pass.
  void sleepUninterruptibly(SimulatedHost host, long delayNanos) {
    if (!Thread.currentThread().isVirtual()) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        sleep(host, delayNanos);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends all tasks of a node where they are, and forgets its timers.
  void abandon(SimulatedHost host) {
    for (SimulatedTask task : List.copyOf(live)) {
      if (task.host() == host) {
        task.abandon();
        live.remove(task);
      }
    }
    ready.removeIf(entry -> entry.task.host() == host);
    timers.removeIf(timer -> timer.isOwnedBy(host));
  }

  void close() {
    for (SimulatedTask task : live) {
      task.abandon();
    }
    live.clear();
    ready.clear();
    timers.clear();
  }

  /// The live tasks and where they are, for people.
  String describe() {
    if (live.isEmpty()) {
      return "No task is left.";
    }
    StringBuilder text = new StringBuilder("Tasks:");
    for (SimulatedTask task : live) {
      boolean runnable = ready.stream().anyMatch(entry -> entry.task == task);
      text.append("\n  ").append(task.fullName()).append(runnable ? " can run" : " waits");
      int shown = 0;
      for (StackTraceElement frame : task.thread().getStackTrace()) {
        if (isNoise(frame.getClassName()) || ++shown > SHOWN_FRAMES) {
          continue;
        }
        text.append("\n      at ").append(frame);
      }
    }
    return text.toString();
  }

  private static boolean isNoise(String className) {
    return className.startsWith("java.lang.")
        || className.startsWith("jdk.internal.")
        || className.equals(Waiters.class.getName())
        || className.equals(SimulatedTask.class.getName());
  }
}
