package io.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/// Many groups with one member each, of the consumer protocol, which do nothing but send their
/// heartbeats; a few connections carry them all.
final class IdleGroups implements AutoCloseable {
  private static final int CONNECTIONS = 20;
  private static final short VERSION = 1;
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final String bootstrap;
  private final String topic;
  private final CountDownLatch joined;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();

  /// Starts to join.
  IdleGroups(String bootstrap, String topic, int groups) {
    this.bootstrap = bootstrap;
    this.topic = topic;
    this.joined = new CountDownLatch(groups);
    for (int i = 0; i < CONNECTIONS; i++) {
      var members = new ArrayList<Member>();
      for (int group = i; group < groups; group += CONNECTIONS) {
        members.add(new Member("idle-" + group));
      }
      threads.add(Thread.startVirtualThread(() -> beat(members)));
    }
  }

  /// Returns once every member has the partition of its group.
  void awaitJoined() throws Exception {
    while (!joined.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
      check();
    }
  }

  /// Fails if a member has failed.
  void check() throws Exception {
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private void beat(List<Member> members) {
    try (var connection = new RawConnection(bootstrap)) {
      long roundNs = System.nanoTime();
      while (!Thread.currentThread().isInterrupted()) {
        for (int i = 0; i < members.size() && !Thread.currentThread().isInterrupted(); i++) {
          // Spread over the interval.
          long dueNs = roundNs + INTERVAL.toNanos() * i / members.size();
          if (members.get(i).isJoined()) {
            LockSupport.parkNanos(dueNs - System.nanoTime());
          }
          members.get(i).beat(connection);
        }
        roundNs = Math.max(roundNs + INTERVAL.toNanos(), System.nanoTime());
      }
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  private final class Member {
    private final String group;
    private final String id = Uuid.randomUuid().toString();
    private int epoch;
    private @Nullable List<TopicPartitions> toConfirm;
    private boolean joinedAlready;

    Member(String group) {
      this.group = group;
    }

    boolean isJoined() {
      return joinedAlready;
    }

    void beat(RawConnection connection) throws IOException {
      var request =
          new ConsumerGroupHeartbeatRequestData()
              .setGroupId(group)
              .setMemberId(id)
              .setMemberEpoch(epoch);
      if (epoch == 0) {
        request
            .setRebalanceTimeoutMs(300_000)
            .setSubscribedTopicNames(List.of(topic))
            .setTopicPartitions(List.of());
      } else if (toConfirm != null) {
        request.setTopicPartitions(toConfirm);
      }
      ConsumerGroupHeartbeatResponseData response =
          connection.ask(request, VERSION, new ConsumerGroupHeartbeatResponseData());
      Errors error = Errors.forCode(response.errorCode());
      if (epoch == 0 && isLoading(error)) {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        return;
      }
      if (error != Errors.NONE) {
        throw new IOException(group + ": " + error + " " + response.errorMessage());
      }
      epoch = response.memberEpoch();
      toConfirm = null;
      if (response.assignment() != null) {
        toConfirm =
            response.assignment().topicPartitions().stream()
                .map(
                    assigned ->
                        new TopicPartitions()
                            .setTopicId(assigned.topicId())
                            .setPartitions(assigned.partitions()))
                .toList();
        if (!joinedAlready && !toConfirm.isEmpty()) {
          joinedAlready = true;
          joined.countDown();
        }
      }
    }

    private static boolean isLoading(Errors error) {
      return error == Errors.COORDINATOR_LOAD_IN_PROGRESS
          || error == Errors.NOT_COORDINATOR
          || error == Errors.COORDINATOR_NOT_AVAILABLE;
    }
  }
}
