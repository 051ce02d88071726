package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimulationTest {
  private final Simulation simulation = new Simulation(7);
  private final SimulatedHost node = simulation.host("node");
  private final Tasks tasks = node.tasks();
  private final Clock clock = node.clock();
  private final List<String> journal = new ArrayList<>();

  @AfterEach
  void close() {
    simulation.close();
  }

  @Test
  void sleepersWakeInTheOrderOfTheirTimes() {
    for (int ms : new int[] {30, 10, 20, 1_000_000, 0}) {
      tasks.start(
          "sleeper",
          () -> {
            clock.sleep(Duration.ofMillis(ms));
            journal.add(ms + " at " + simulation.nanos() / 1_000_000);
          });
    }
    simulation.runUntilIdle();
    assertThat(journal)
        .containsExactly("0 at 0", "10 at 10", "20 at 20", "30 at 30", "1000000 at 1000000");
  }

  @Test
  void clocksMoveWithSimulatedTimeOnly() {
    long wall = clock.wallMs();
    long nanos = clock.nanos();
    simulation.runFor(Duration.ofDays(3));
    assertThat(clock.wallMs() - wall).isEqualTo(Duration.ofDays(3).toMillis());
    assertThat(clock.nanos() - nanos).isEqualTo(Duration.ofDays(3).toNanos());
    assertThat(simulation.steps()).isZero();
  }

  @Test
  void theOrderOfTasksComesFromTheSeed() {
    Set<List<String>> orders = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      try (Simulation other = new Simulation(seed)) {
        List<String> order = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
          other.host("node").tasks().start(name, () -> order.add(name));
        }
        other.runUntilIdle();
        orders.add(order);
      }
    }
    assertThat(orders).hasSize(6);
  }

  @Test
  void awaitIsEndedByASignalBeforeItsDeadline() {
    var lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    tasks.start(
        "waiter",
        () -> {
          Deadline deadline = clock.deadlineIn(Duration.ofSeconds(10));
          lock.lock();
          try {
            while (journal.isEmpty()) {
              assertThat(clock.await(lock, condition, deadline)).isTrue();
            }
          } finally {
            lock.unlock();
          }
          journal.add("woken at " + simulation.nanos());
        });
    tasks.start(
        "signaller",
        () -> {
          clock.sleep(Duration.ofNanos(500));
          lock.lock();
          try {
            journal.add("signal");
            condition.signalAll();
          } finally {
            lock.unlock();
          }
        });
    simulation.runUntilIdle();
    assertThat(journal).containsExactly("signal", "woken at 500");
    assertThat(simulation.nanos()).as("the timer was taken back").isEqualTo(500);
  }

  @Test
  void awaitEndsAtItsDeadlineEvenWhenTheLockIsHeldThen() {
    var lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    tasks.start(
        "waiter",
        () -> {
          Deadline deadline = clock.deadlineIn(Duration.ofNanos(100));
          lock.lock();
          try {
            while (clock.await(lock, condition, deadline)) {
              journal.add("for nothing");
            }
            journal.add("timed out at " + simulation.nanos());
            assertThat(clock.await(lock, condition, deadline)).isFalse();
          } finally {
            lock.unlock();
          }
        });
    tasks.start(
        "holder",
        () -> {
          clock.sleep(Duration.ofNanos(50));
          lock.lock();
          try {
            clock.sleep(Duration.ofNanos(450));
          } finally {
            lock.unlock();
          }
        });
    simulation.runUntilIdle();
    assertThat(journal).containsExactly("timed out at 500");
  }

  @Test
  void aCancelledTaskEndsWithoutFailing() {
    List<Tasks.Task> sleepers = new ArrayList<>();
    var lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    sleepers.add(tasks.start("sleeper", () -> clock.sleep(Duration.ofDays(1))));
    sleepers.add(
        tasks.start(
            "waiter",
            () -> {
              lock.lock();
              try {
                while (clock.await(lock, condition, clock.deadlineIn(Duration.ofDays(1)))) {
                  journal.add("for nothing");
                }
              } finally {
                lock.unlock();
              }
            }));
    simulation.runFor(Duration.ofSeconds(1));
    simulation.run(
        node,
        "canceller",
        () -> {
          for (Tasks.Task sleeper : sleepers) {
            sleeper.cancel();
            sleeper.join();
          }
        });
    assertThat(sleepers).allMatch(Tasks.Task::isDone);
    simulation.runUntilIdle();
    assertThat(simulation.nanos()).isEqualTo(1_000_000_000L);
    assertThat(journal).isEmpty();
  }

  @Test
  void tasksMeetInLocksQueuesSemaphoresAndMaps() {
    var queue = new LinkedBlockingQueue<Integer>(3);
    var permits = new Semaphore(1);
    var lock = new ReentrantLock();
    var map = new ConcurrentHashMap<Object, Integer>();
    int[] inside = {0};
    for (int i = 0; i < 10; i++) {
      tasks.start(
          "producer",
          () -> {
            for (int n = 0; n < 50; n++) {
              queue.put(n);
            }
          });
      tasks.start(
          "consumer",
          () -> {
            for (int n = 0; n < 50; n++) {
              map.put(new Object(), queue.take());
              permits.acquire();
              lock.lock();
              try {
                assertThat(++inside[0]).isEqualTo(1);
                clock.sleep(Duration.ofNanos(10));
                inside[0]--;
              } finally {
                lock.unlock();
                permits.release();
              }
            }
          });
    }
    simulation.runUntilIdle();
    assertThat(map).hasSize(500);
    assertThat(simulation.nanos()).isEqualTo(5000);
    assertThat(simulation.describeTasks()).isEqualTo("No task is left.");
  }

  @Test
  void aDeadlockIsReportedWithTheWaitingTasks() {
    var first = new ReentrantLock();
    var second = new ReentrantLock();
    tasks.start("one", () -> lockBoth(first, second));
    Tasks.Task two = tasks.start("two", () -> lockBoth(second, first));
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(() -> simulation.runUntil(two::isDone))
        .withMessageContaining("seed 7")
        .withMessageContaining("stuck")
        .withMessageContaining("node/one waits")
        .withMessageContaining("node/two waits")
        .withMessageContaining("SimulationTest.lockBoth");
  }

  private void lockBoth(ReentrantLock outer, ReentrantLock inner) throws InterruptedException {
    outer.lock();
    try {
      clock.sleep(Duration.ofMillis(1));
      inner.lockInterruptibly();
      inner.unlock();
    } finally {
      outer.unlock();
    }
  }

  @Test
  void whatLeavesATaskFailsTheRun() {
    tasks.start(
        "broken",
        () -> {
          clock.sleep(Duration.ofSeconds(2));
          throw new IOException("no luck");
        });
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(simulation::runUntilIdle)
        .withMessageContaining("seed 7")
        .withMessageContaining("2.000000 simulated seconds")
        .withMessageContaining("task node/broken failed: java.io.IOException: no luck")
        .withCauseInstanceOf(IOException.class);
  }

  @Test
  void aRunWithoutEndHitsTheStepLimit() {
    tasks.start(
        "clockwork",
        () -> {
          while (true) {
            clock.sleep(Duration.ofMillis(1));
          }
        });
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(() -> simulation.limitSteps(1000).runUntilIdle())
        .withMessageContaining("within 1000 steps")
        .withMessageContaining("node/clockwork");
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(() -> simulation.runUntil(() -> false, Duration.ofMillis(100)))
        .withMessageContaining("what was waited for did not happen");
  }

  @Test
  void realTimeIsNoticed() {
    tasks.start("impatient", () -> LockSupport.parkNanos(1));
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(
            () -> {
              while (true) {
                simulation.runUntilIdle();
              }
            })
        .withMessageContaining("node/impatient was woken by the thread")
        .withMessageContaining("use Clock");
  }

  @Test
  void onlyTasksWait() {
    assertThatIllegalStateException().isThrownBy(() -> clock.sleep(Duration.ofMillis(1)));
    tasks.start("runner", simulation::runUntilIdle);
    assertThatExceptionOfType(SimulationFailure.class)
        .isThrownBy(simulation::runUntilIdle)
        .withMessageContaining("a task cannot run it");
  }

  @Test
  void aNodeThatGoesDownLosesItsTasksAndTimers() {
    tasks.start(
        "doomed",
        () -> {
          try {
            clock.sleep(Duration.ofSeconds(10));
          } finally {
            journal.add("ended");
          }
        });
    simulation.runFor(Duration.ofSeconds(1));
    node.kill();
    assertThatIllegalStateException().isThrownBy(() -> tasks.start("too late", () -> {}));
    simulation.runUntilIdle();
    assertThat(simulation.nanos()).isEqualTo(1_000_000_000L);
    node.restart();
    simulation.run(node, "again", () -> journal.add("again"));
    assertThat(journal).containsExactly("again");
  }

  @Test
  void rareSitesAreArmedInAQuarterOfTheRuns() {
    int armed = 0;
    for (long seed = 0; seed < 1000; seed++) {
      try (Simulation other = new Simulation(seed)) {
        int taken = 0;
        for (int i = 0; i < 100; i++) {
          taken += other.host("node").entropy().rarely("site") ? 1 : 0;
        }
        armed += taken > 0 ? 1 : 0;
      }
    }
    assertThat(armed).isBetween(200, 300);
  }

  @Test
  void drawingMoreInOnePlaceChangesNothingElsewhere() {
    try (Simulation one = new Simulation(3);
        Simulation other = new Simulation(3)) {
      one.host("a").entropy().nextLong();
      one.host("b").entropy().rarely("site");
      assertThat(one.host("b").entropy().nextLong())
          .isEqualTo(other.host("b").entropy().nextLong());
    }
  }
}
