package io.millrace.coordinator;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Tasks;
import io.millrace.metadata.ImageDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/// Runs a machine without a log: what it decides is committed at once, and the test moves time.
///
/// [#log] is everything that was written, so that another machine can be made of it ([#replay]).
public final class TestShard<M extends Machine> {
  private final MachineFactory<M> factory;
  private final List<Entry> log = new ArrayList<>();
  private final List<Tasks.Body> followUps = new ArrayList<>();
  private final List<Answer<?>> given = new ArrayList<>();
  private final TreeMap<String, Timer<M>> timers = new TreeMap<>();
  private M machine;
  private long wallMs = 1_700_000_000_000L;
  private long nanos = 1_000_000_000L;

  /// What was written: a record, or the end of a transaction.
  public record Entry(
      @Nullable StateRecord record,
      Machine.Provenance provenance,
      Machine.@Nullable EndMarker marker) {}

  private record Timer<M extends Machine>(long atNanos, Command<M, ?> command) {}

  public TestShard(MachineFactory<M> factory) {
    this.factory = factory;
    this.machine = newMachine();
    machine.begin(now());
  }

  private M newMachine() {
    return factory.create(
        new MachineFactory.Context<>(
            0,
            0,
            new Timers<>() {
              @Override
              public <A> void set(String name, Duration delay, Command<M, A> command) {
                timers.put(name, new Timer<>(nanos + delay.toNanos(), command));
              }

              @Override
              public void cancel(String name) {
                timers.remove(name);
              }
            },
            this::open));
  }

  private <A> Answer<A> open() {
    return new Answer<>(new StoppedClock(), null, given::add);
  }

  public M machine() {
    return machine;
  }

  public Now now() {
    return new Now(wallMs, nanos);
  }

  public List<Entry> log() {
    return log;
  }

  /// The names of the timers that are set.
  public List<String> timers() {
    return List.copyOf(timers.keySet());
  }

  /// Has a command decided and its records applied.
  public <A> Answer<A> submit(Command<M, A> command) {
    Decision<A> decision = command.decide(machine, now());
    for (StateRecord record : decision.records()) {
      Machine.Provenance provenance =
          new Machine.Provenance(log.size(), decision.producerId(), decision.producerEpoch());
      log.add(new Entry(record, provenance, null));
      machine.apply(record, provenance);
    }
    Machine.EndMarker marker = decision.marker();
    if (marker != null) {
      long offset = log.size();
      log.add(new Entry(null, new Machine.Provenance(offset, -1, (short) -1), marker));
      machine.applyMarker(marker, offset);
    }
    Tasks.Body followUp = decision.followUp();
    if (followUp != null) {
      followUps.add(followUp);
    }
    Answer<A> answer = decision.later();
    if (answer == null) {
      answer = open();
      A value = decision.value();
      if (value != null) {
        answer.complete(value);
      } else {
        given.add(answer);
      }
    }
    given.forEach(each -> each.settle(log.size()));
    given.clear();
    return answer;
  }

  /// As [#submit], for an answer that is given at once.
  public <A> A ask(Command<M, A> command) {
    Answer<A> answer = submit(command);
    if (!answer.isReady()) {
      throw new AssertionError("the command was not answered at once");
    }
    return result(answer);
  }

  /// The answer that was given.
  public <A> A result(Answer<A> answer) {
    if (!answer.isReady()) {
      throw new AssertionError("the answer is still open");
    }
    try {
      return answer.await(Duration.ZERO);
    } catch (CoordinatorException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public void onMetadata(ImageDelta delta) {
    submit((m, now) -> m.onMetadata(delta, now));
  }

  /// Lets time pass: timers fire in the order of their times.
  public void advance(Duration duration) {
    long end = nanos + duration.toNanos();
    while (true) {
      Map.Entry<String, Timer<M>> due = null;
      for (Map.Entry<String, Timer<M>> entry : timers.entrySet()) {
        long at = entry.getValue().atNanos();
        if (at <= end && (due == null || at < due.getValue().atNanos())) {
          due = entry;
        }
      }
      if (due == null) {
        break;
      }
      Timer<M> timer = due.getValue();
      timers.remove(due.getKey());
      moveTo(Math.max(nanos, timer.atNanos()));
      submit(timer.command());
    }
    moveTo(end);
  }

  private void moveTo(long newNanos) {
    wallMs += (newNanos - nanos) / 1_000_000;
    nanos = newNanos;
  }

  /// Takes what decisions wanted done after the commit; the test runs it if it cares.
  public List<Tasks.Body> takeFollowUps() {
    List<Tasks.Body> taken = List.copyOf(followUps);
    followUps.clear();
    return taken;
  }

  /// A machine made of the log alone, not begun.
  public M replay() {
    TreeMap<String, Timer<M>> saved = new TreeMap<>(timers);
    M copy = newMachine();
    for (Entry entry : log) {
      StateRecord record = entry.record();
      Machine.EndMarker marker = entry.marker();
      if (record != null) {
        copy.apply(record, entry.provenance());
      } else if (marker != null) {
        copy.applyMarker(marker, entry.provenance().offset());
      }
    }
    timers.clear();
    timers.putAll(saved);
    return copy;
  }

  /// As after a change of leadership: the soft state is gone, the hard state comes from the log.
  public void reload() {
    timers.clear();
    machine = replay();
    machine.begin(now());
  }

  /// Nothing here waits.
  private final class StoppedClock implements Clock {
    @Override
    public long wallMs() {
      return wallMs;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void sleep(Duration duration) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean await(Lock lock, Condition condition, Deadline deadline) {
      throw new UnsupportedOperationException();
    }
  }
}
