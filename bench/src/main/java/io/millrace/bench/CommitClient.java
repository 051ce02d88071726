package io.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.Errors;

/// Commits offsets at a rate, from as many groups as connections, each commit a request of one
/// partition that waits for its answer. Prints a line when the measured time begins, and at the end
/// the commits in it and their p50 and p99 in microseconds, from when each was due.
///
/// Usage: `CommitClient BOOTSTRAP TOPIC COMMITS-PER-SECOND WARM-UP-SECONDS MEASURED-SECONDS`
public final class CommitClient {
  private static final int CONNECTIONS = 200;
  private static final short VERSION = 9;

  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final String bootstrap;
  private final String topic;
  private final long intervalNs;
  private final long startNs;
  private final long measuredFromNs;
  private final long endNs;

  private CommitClient(String[] args) {
    this.bootstrap = args[0];
    this.topic = args[1];
    this.intervalNs = 1_000_000_000L * CONNECTIONS / Long.parseLong(args[2]);
    this.startNs = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    this.measuredFromNs = startNs + Duration.ofSeconds(Long.parseLong(args[3])).toNanos();
    this.endNs = measuredFromNs + Duration.ofSeconds(Long.parseLong(args[4])).toNanos();
  }

  public static void main(String[] args) throws Exception {
    new CommitClient(args).run();
  }

  private void run() throws Exception {
    List<List<Long>> latencies = new ArrayList<>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < CONNECTIONS; i++) {
      int number = i;
      var own = new ArrayList<Long>();
      latencies.add(own);
      threads.add(Thread.startVirtualThread(() -> commit(number, own)));
    }
    sleepUntil(measuredFromNs);
    System.out.println("measuring");
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    long[] sorted = latencies.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    System.out.println(
        sorted.length
            + " "
            + Percentiles.of(sorted, 0.5) / 1000.0
            + " "
            + Percentiles.of(sorted, 0.99) / 1000.0);
  }

  private void commit(int number, List<Long> latencies) {
    try (var connection = new RawConnection(bootstrap)) {
      // Spread over the interval.
      long dueNs = startNs + intervalNs * number / CONNECTIONS;
      for (long offset = 0; dueNs < endNs && failure.get() == null; offset++) {
        sleepUntil(dueNs);
        Errors error = commit(connection, number, offset);
        if (error != Errors.NONE && !isLoading(error)) {
          throw new IOException("commit: " + error);
        }
        long nowNs = System.nanoTime();
        if (dueNs >= measuredFromNs) {
          latencies.add(nowNs - dueNs);
        }
        // A client that is behind does not catch up: what is not sustained is not counted.
        dueNs = Math.max(dueNs + intervalNs, nowNs);
      }
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  private boolean isLoading(Errors error) {
    return System.nanoTime() < measuredFromNs
        && (error == Errors.COORDINATOR_LOAD_IN_PROGRESS
            || error == Errors.NOT_COORDINATOR
            || error == Errors.COORDINATOR_NOT_AVAILABLE);
  }

  private Errors commit(RawConnection connection, int number, long offset) throws IOException {
    var partition =
        new OffsetCommitRequestPartition()
            .setPartitionIndex(0)
            .setCommittedOffset(offset)
            .setCommittedMetadata("");
    var request =
        new OffsetCommitRequestData()
            .setGroupId("commits-" + number)
            .setTopics(
                List.of(
                    new OffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(partition))));
    OffsetCommitResponseData response =
        connection.ask(request, VERSION, new OffsetCommitResponseData());
    return Errors.forCode(response.topics().getFirst().partitions().getFirst().errorCode());
  }

  private static void sleepUntil(long dueNs) {
    for (long now = System.nanoTime(); now < dueNs; now = System.nanoTime()) {
      LockSupport.parkNanos(dueNs - now);
    }
  }
}
