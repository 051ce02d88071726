package io.millrace.broker;

import io.millrace.host.Entropy;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.simulator.SimulatedHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// An application that reads, processes and writes exactly once: it fetches records, produces what
/// it makes of them to two topics and commits how far it got, all in one transaction.
final class SimulatedWorker {
  private static final int MAX_RECORDS = 12;

  private final SimulatedHost host;
  private final Job job;
  private final CommitLedger ledger;
  private final SimulatedClient client;
  private final Membership membership;
  private final TransactionalProducer producer;
  private final Map<Integer, Long> positions = new TreeMap<>();
  private int positionsTerm;
  private int commitCount;

  /// What a worker does.
  ///
  /// @param flaw a bug that it has, to see whether it is found
  record Job(
      String transactionalId,
      String input,
      String output,
      String audit,
      boolean isVersion2,
      int timeoutMs,
      Flaw flaw) {}

  /// Bugs of applications and clients.
  enum Flaw {
    NONE,
    /// Offsets are committed at once, not with the transaction.
    COMMITS_OUTSIDE,
    /// After an abort the worker goes on behind what it had read.
    FORGETS_ABORT,
    /// What was produced is sent again with a new sequence number after its answer got lost.
    RETRIES_ANEW
  }

  SimulatedWorker(
      SimulatedHost host,
      Job job,
      LateRequests late,
      CommitLedger ledger,
      Function<SimulatedClient, Membership> membership) {
    this.host = host;
    this.job = job;
    this.ledger = ledger;
    this.client = new SimulatedClient(host, late);
    this.membership = membership.apply(client);
    this.producer = new TransactionalProducer(host, client, late, job, ledger.group());
  }

  /// What the application makes of a value, for its two topics.
  static String processed(String value) {
    return "out:" + value;
  }

  static String audited(String value) {
    return "audit:" + value;
  }

  /// Works until it is told to stop, or until it finds itself replaced by another worker of the
  /// same transactional id.
  void run(BooleanSupplier stopped, BooleanSupplier replaced) throws InterruptedException {
    client.findCoordinator(SimulatedClient.TRANSACTION, job.transactionalId());
    client.findCoordinator(SimulatedClient.GROUP, ledger.group());
    producer.initialise();
    while (!stopped.getAsBoolean()) {
      try {
        if (!transact()) {
          host.clock().sleep(Duration.ofMillis(50 + host.entropy().nextInt(100)));
        }
      } catch (TransactionalProducer.Failed e) {
        positions.clear();
        if (e.isToBeInitialised()) {
          if (replaced.getAsBoolean()) {
            break;
          }
          producer.initialise();
        }
      }
    }
    membership.leave();
    client.close();
  }

  /// Returns whether there was anything to do.
  private boolean transact() throws InterruptedException, TransactionalProducer.Failed {
    Set<Integer> owned = membership.poll();
    if (!position(owned)) {
      return false;
    }
    Map<Integer, List<String>> inputs = new TreeMap<>();
    Map<Integer, Long> next = new TreeMap<>();
    for (Map.Entry<Integer, Long> position : positions.entrySet()) {
      FetchedRecords fetched =
          FetchedRecords.read(client, job.input(), position.getKey(), position.getValue(), true);
      int count = Math.min(fetched.values().size(), 1 + host.entropy().nextInt(MAX_RECORDS));
      if (count > 0) {
        inputs.put(position.getKey(), fetched.values().subList(0, count));
        // Records of the input have offsets one by one: it has no markers.
        next.put(position.getKey(), position.getValue() + count);
      }
    }
    if (inputs.isEmpty()) {
      return false;
    }
    transact(inputs, next);
    return true;
  }

  /// Finds where to go on in every partition; returns false if the member is none any more.
  private boolean position(Set<Integer> owned) throws InterruptedException {
    if (positionsTerm != membership.term()) {
      positions.clear();
      positionsTerm = membership.term();
    }
    positions.keySet().retainAll(owned);
    List<Integer> missing = new ArrayList<>(owned);
    missing.removeAll(positions.keySet());
    if (!missing.isEmpty()) {
      Map<Integer, Long> found =
          CommittedOffsets.fetch(client, ledger, job.input(), missing, membership, true);
      if (found.isEmpty()) {
        return false;
      }
      positions.putAll(found);
    }
    return true;
  }

  private void transact(Map<Integer, List<String>> inputs, Map<Integer, Long> next)
      throws InterruptedException, TransactionalProducer.Failed {
    Entropy entropy = host.entropy();
    String metadata = host.name() + "-" + commitCount++;
    try {
      producer.begin(inputs);
      for (Map.Entry<Integer, List<String>> input : inputs.entrySet()) {
        produce(input.getKey(), input.getValue());
      }
      if (entropy.nextInt(40) == 0) {
        // Stopped by its garbage collector for longer than its transaction may take.
        host.clock().sleep(Duration.ofMillis(job.timeoutMs() + entropy.nextInt(4_000)));
      }
      if (job.flaw() == Flaw.COMMITS_OUTSIDE) {
        next.forEach((partition, offset) -> ledger.tried(partition, offset, metadata));
        if (producer.commitOutside(next, metadata, membership)) {
          next.forEach(ledger::acknowledged);
        }
      } else {
        producer.commitOffsets(next, metadata, membership);
      }
    } catch (TransactionalProducer.Failed e) {
      if (e.isToBeAborted()) {
        producer.end(false);
      }
      throw e;
    }
    if (entropy.nextInt(6) == 0) {
      producer.end(false);
      if (job.flaw() == Flaw.FORGETS_ABORT) {
        positions.putAll(next);
      } else {
        positions.clear();
      }
      return;
    }
    next.forEach((partition, offset) -> ledger.tried(partition, offset, metadata));
    producer.end(true);
    next.forEach(ledger::acknowledged);
    positions.putAll(next);
  }

  private void produce(int partition, List<String> values)
      throws InterruptedException, TransactionalProducer.Failed {
    int split = host.entropy().nextInt(values.size() + 1);
    for (List<String> part :
        List.of(values.subList(0, split), values.subList(split, values.size()))) {
      if (!part.isEmpty()) {
        producer.produce(
            job.output(), partition, part.stream().map(SimulatedWorker::processed).toList());
        // An audit of one partition orders what comes from many.
        producer.produce(job.audit(), 0, part.stream().map(SimulatedWorker::audited).toList());
      }
    }
  }

  /// Errors of commits that say that the member is none, or not in the present generation.
  static boolean isLostMembership(ErrorCode error) {
    return switch (error) {
      case UNKNOWN_MEMBER_ID,
          ILLEGAL_GENERATION,
          STALE_MEMBER_EPOCH,
          FENCED_MEMBER_EPOCH,
          REBALANCE_IN_PROGRESS ->
          true;
      default -> false;
    };
  }
}
