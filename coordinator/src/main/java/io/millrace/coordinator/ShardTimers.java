package io.millrace.coordinator;

import io.millrace.host.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// The timers of one shard, by name; guarded by its lock.
final class ShardTimers<M extends Machine> implements Timers<M> {
  private final Clock clock;
  private final TimerQueue queue;
  private final Consumer<Timer<M>> whenDue;
  private final Map<String, Timer<M>> byName = new HashMap<>();

  /// @param whenDue is called without locks; it takes the shard's, and asks [#take]
  ShardTimers(Clock clock, TimerQueue queue, Consumer<Timer<M>> whenDue) {
    this.clock = clock;
    this.queue = queue;
    this.whenDue = whenDue;
  }

  static final class Timer<M extends Machine> {
    private final String name;
    private final TimerQueue.Entry entry;
    private Command<M, ?> command;

    private Timer(String name, Command<M, ?> command, Consumer<Timer<M>> whenDue) {
      this.name = name;
      this.command = command;
      this.entry = new TimerQueue.Entry(() -> whenDue.accept(this));
    }

    Command<M, ?> command() {
      return command;
    }
  }

  @Override
  public <A> void set(String name, Duration delay, Command<M, A> command) {
    long at = clock.nanos() + Math.max(0, delay.toNanos());
    Timer<M> timer = byName.get(name);
    if (timer != null) {
      if (queue.postpone(timer.entry, at)) {
        timer.command = command;
        return;
      }
      queue.cancel(timer.entry);
    }
    Timer<M> added = new Timer<>(name, command, whenDue);
    byName.put(name, added);
    queue.add(added.entry, at);
  }

  @Override
  public void cancel(String name) {
    Timer<M> timer = byName.remove(name);
    if (timer != null) {
      queue.cancel(timer.entry);
    }
  }

  /// Takes a timer that the queue found due. Returns false if it was cancelled, replaced or moved
  /// meanwhile.
  boolean take(Timer<M> timer) {
    if (byName.get(timer.name) != timer) {
      return false;
    }
    long dueAt = queue.dueAt(timer.entry);
    if (dueAt - clock.nanos() > 0) {
      queue.add(timer.entry, dueAt);
      return false;
    }
    byName.remove(timer.name);
    return true;
  }

  void cancelAll() {
    byName.values().forEach(timer -> queue.cancel(timer.entry));
    byName.clear();
  }
}
