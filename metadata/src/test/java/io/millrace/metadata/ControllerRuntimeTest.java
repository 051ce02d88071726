package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Deadline;
import io.millrace.host.Host;
import io.millrace.host.jdk.JdkHost;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerRuntimeTest {
  private static final Host HOST = new JdkHost((task, failure) -> {});

  @TempDir Path directory;

  private ControllerRuntime runtime(MetadataLog log) {
    return new ControllerRuntime(HOST, log, new Controller(Clusters.DEFAULTS));
  }

  private LocalMetadataLog localLog() {
    return new LocalMetadataLog(HOST, directory, 50_000);
  }

  @Test
  void manyCommandsAtOnceShareWritesAndAreAllThereAfterARestart() throws Exception {
    AtomicInteger images = new AtomicInteger();
    ClusterImage before;
    try (ControllerRuntime runtime = runtime(localLog())) {
      runtime.addListener(delta -> images.incrementAndGet());
      runtime.start();
      runtime.submit(Clusters.broker(1, ""), Deadline.NEVER);
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 500; i++) {
        String name = "t" + i;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        runtime.submit(Clusters.create(Clusters.topic(name, 2, 1)), Deadline.NEVER);
                        assertThat(runtime.image().topic(name)).isPresent();
                      } catch (CommandFailedException | InterruptedException | Error e) {
                        failures.add(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      before = runtime.image();
      assertThat(before.topics()).hasSize(500);
      assertThat(images.get()).isLessThan(500);
    }
    try (ControllerRuntime runtime = runtime(localLog())) {
      List<ImageDelta> seen = new ArrayList<>();
      runtime.addListener(seen::add);
      runtime.start();
      assertThat(runtime.image()).isEqualTo(before);
      assertThat(seen).hasSize(1);
      assertThat(seen.getFirst().createdTopics()).hasSize(500);
      assertThat(seen.getFirst().changedBrokers()).containsExactly(1);
    }
  }

  @Test
  void commandsAreAnsweredOnlyOnceListenersKnow() throws Exception {
    List<String> created = Collections.synchronizedList(new ArrayList<>());
    try (ControllerRuntime runtime = runtime(localLog())) {
      runtime.addListener(
          delta -> delta.createdTopics().forEach(topic -> created.add(topic.name())));
      runtime.start();
      runtime.submit(Clusters.broker(1, ""), Deadline.NEVER);
      runtime.submit(Clusters.create(Clusters.topic("t", 1, 1)), Deadline.NEVER);
      assertThat(created).containsExactly("t");
      assertThatThrownBy(() -> runtime.addListener(delta -> {}))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  /// A log that commits when told to, and then not all: as a quorum may.
  private static final class ManualLog implements MetadataLog {
    private final List<List<MetadataRecord>> appends = new ArrayList<>();
    private Follower follower = new LocalFollower();
    private long next;
    private boolean isLeader = true;

    @Override
    public void follow(Follower newFollower) {
      follower = newFollower;
      follower.onLeading(5);
    }

    @Override
    public synchronized long append(int epoch, List<MetadataRecord> records)
        throws NotLeaderException {
      if (!isLeader) {
        throw new NotLeaderException("another node leads");
      }
      appends.add(records);
      next += records.size();
      notifyAll();
      return next - 1;
    }

    synchronized void awaitAppends(int count) throws InterruptedException {
      while (appends.size() < count) {
        wait();
      }
    }

    @Override
    public boolean isSnapshotDue() {
      return false;
    }

    @Override
    public void writeSnapshot(long offset, int epoch, List<MetadataRecord> records) {}

    @Override
    public void close() {}
  }

  private static final class LocalFollower implements MetadataLog.Follower {
    @Override
    public void onSnapshot(long offset, int epoch, List<MetadataRecord> records) {}

    @Override
    public void onCommitted(long baseOffset, int epoch, List<MetadataRecord> records) {}

    @Override
    public void onLeading(int epoch) {}

    @Override
    public void onNotLeading() {}
  }

  @Test
  void whatIsNotCommittedIsForgottenWithTheLeadership() throws Exception {
    ManualLog log = new ManualLog();
    try (ControllerRuntime runtime = runtime(log)) {
      runtime.start();
      List<Object> outcomes = Collections.synchronizedList(new ArrayList<>());
      Thread first = submitting(runtime, Clusters.broker(1, ""), outcomes);
      log.awaitAppends(1);
      log.follower.onCommitted(0, 5, log.appends.getFirst());
      first.join();
      Thread second = submitting(runtime, Clusters.create(Clusters.topic("t", 1, 1)), outcomes);
      log.awaitAppends(2);
      assertThat(runtime.image().topics()).isEmpty();
      log.follower.onNotLeading();
      second.join();
      assertThat(outcomes).hasSize(2);
      assertThat(outcomes.getLast()).isEqualTo(ErrorCode.NOT_CONTROLLER);
      assertThat(runtime.image().topics()).isEmpty();
      assertThatThrownBy(() -> runtime.submit(Clusters.broker(2, ""), Deadline.NEVER))
          .isInstanceOf(CommandFailedException.class);

      log.follower.onLeading(6);
      log.isLeader = false;
      Thread third = submitting(runtime, Clusters.broker(2, ""), outcomes);
      third.join();
      assertThat(outcomes.getLast()).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }
  }

  @Test
  void aCommandThatIsNotCommittedInTimeIsAnsweredSo() throws Exception {
    try (ControllerRuntime runtime = runtime(new ManualLog())) {
      runtime.start();
      assertThatThrownBy(
              () ->
                  runtime.submit(
                      Clusters.broker(1, ""), Deadline.after(HOST.clock().nanos(), Duration.ZERO)))
          .isInstanceOfSatisfying(
              CommandFailedException.class,
              e -> assertThat(e.error()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT));
    }
  }

  @Test
  void aLogThatCannotBeWrittenStopsTheController() throws Exception {
    MetadataLog broken =
        new MetadataLog() {
          @Override
          public void follow(Follower follower) {
            follower.onLeading(1);
          }

          @Override
          public long append(int epoch, List<MetadataRecord> records) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public boolean isSnapshotDue() {
            return false;
          }

          @Override
          public void writeSnapshot(long offset, int epoch, List<MetadataRecord> records) {}

          @Override
          public void close() {}
        };
    try (ControllerRuntime runtime = runtime(broken)) {
      runtime.start();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> runtime.submit(Clusters.broker(1, ""), Deadline.NEVER))
            .isInstanceOfSatisfying(
                CommandFailedException.class,
                e -> assertThat(e.error()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
      }
    }
  }

  private static Thread submitting(
      ControllerRuntime runtime, Command<?> command, List<Object> outcomes) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                outcomes.add(runtime.submit(command, Deadline.NEVER));
              } catch (CommandFailedException e) {
                outcomes.add(e.error());
              } catch (InterruptedException e) {
                outcomes.add(e);
              }
            });
  }
}
