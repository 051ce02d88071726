package io.millrace.interop;

import io.millrace.interop.GroupRecorder.End;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/// A member of a group: Kafka's Java consumer on a thread of its own, which tells a [GroupRecorder]
/// what it owns and gets.
final class GroupMember implements AutoCloseable {
  /// When a member commits what it polled.
  enum Commits {
    /// The client does, from time to time and when it gives partitions up.
    AUTO,
    /// After the records were taken: they come at least once.
    AFTER,
    /// Before the records are taken, which are dropped if that fails: they come at most once.
    BEFORE;

    Object autoCommit() {
      return this == AUTO;
    }
  }

  private enum Ending {
    LEAVE,
    CRASH
  }

  private final String name;
  private final KafkaConsumer<String, String> consumer;
  private final GroupRecorder recorder;
  private final Commits commits;
  private final Thread thread;
  private final AtomicReference<Ending> ending = new AtomicReference<>();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private GroupMember(
      String name,
      KafkaConsumer<String, String> consumer,
      GroupRecorder recorder,
      Commits commits,
      BiConsumer<KafkaConsumer<String, String>, ConsumerRebalanceListener> subscribe) {
    this.name = name;
    this.consumer = consumer;
    this.recorder = recorder;
    this.commits = commits;
    subscribe.accept(consumer, new Listener());
    this.thread = Thread.ofPlatform().name("member-" + name).start(this::run);
  }

  static GroupMember of(
      String name,
      KafkaConsumer<String, String> consumer,
      GroupRecorder recorder,
      Commits commits,
      String topic) {
    return new GroupMember(
        name,
        consumer,
        recorder,
        commits,
        (subscribing, listener) -> subscribing.subscribe(List.of(topic), listener));
  }

  /// @param subscribe subscribes the consumer, with the listener
  static GroupMember of(
      String name,
      KafkaConsumer<String, String> consumer,
      GroupRecorder recorder,
      BiConsumer<KafkaConsumer<String, String>, ConsumerRebalanceListener> subscribe) {
    return new GroupMember(name, consumer, recorder, Commits.AFTER, subscribe);
  }

  String name() {
    return name;
  }

  private void run() {
    try {
      while (ending.get() == null) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        if (commits == Commits.BEFORE && !records.isEmpty() && !commit()) {
          continue;
        }
        records.forEach(
            record ->
                recorder.delivered(name, record.topic(), record.partition(), record.offset()));
        if (commits == Commits.AFTER && !records.isEmpty()) {
          commit();
        }
      }
    } catch (RuntimeException e) {
      failure.set(e);
      if (!(e instanceof FencedInstanceIdException)) {
        recorder.violation("member " + name + " ended: " + e);
      }
    } finally {
      close(ending.get() == Ending.CRASH);
    }
  }

  /// Returns whether the group took it.
  private boolean commit() {
    try {
      consumer.commitSync(Duration.ofSeconds(20));
      return true;
    } catch (CommitFailedException | RebalanceInProgressException | TimeoutException _) {
      return false;
    }
  }

  private void close(boolean isCrash) {
    try {
      consumer.close(
          isCrash
              ? CloseOptions.timeout(Duration.ZERO)
                  .withGroupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP)
              : CloseOptions.timeout(Duration.ofSeconds(20)));
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    } finally {
      recorder.endedAll(name, End.DIED, System.nanoTime());
    }
  }

  /// Ends as a program should: commits as its mode says and leaves the group.
  void leave() throws InterruptedException {
    end(Ending.LEAVE);
  }

  /// Is gone without a word to the group, which learns it from the session's time-out.
  void crash() throws InterruptedException {
    end(Ending.CRASH);
  }

  private void end(Ending how) throws InterruptedException {
    ending.compareAndSet(null, how);
    thread.join();
  }

  /// What ended the member against its will.
  Exception awaitFailure() throws InterruptedException {
    thread.join();
    Exception e = failure.get();
    if (e == null) {
      throw new AssertionError("member " + name + " ended without an error");
    }
    return e;
  }

  @Override
  public void close() {
    try {
      leave();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Listener implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      recorder.assigned(name, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      recorder.ended(name, partitions, End.REVOKED);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      recorder.ended(name, partitions, End.LOST);
    }
  }
}
