package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.simulator.SimulatedHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// A consumer in a group that commits what it has processed (at least once).
final class SimulatedConsumer {
  private final SimulatedHost host;
  private final String name;
  private final String topic;
  private final CommitLedger ledger;
  private final Map<Integer, Set<String>> delivered;
  private final SimulatedClient client;
  private final Membership membership;
  private final Map<Integer, Long> positions = new TreeMap<>();
  private final Map<Integer, Long> committed = new TreeMap<>();
  private int positionsTerm;
  private int commitCount;

  /// @param delivered to which it adds, by partition
  SimulatedConsumer(
      SimulatedHost host,
      String name,
      String topic,
      CommitLedger ledger,
      Map<Integer, Set<String>> delivered,
      Function<SimulatedClient, Membership> membership) {
    this.host = host;
    this.name = name;
    this.topic = topic;
    this.ledger = ledger;
    this.delivered = delivered;
    this.client = new SimulatedClient(host);
    this.membership = membership.apply(client);
  }

  /// Consumes until it is told to stop; then it leaves the group.
  void run(BooleanSupplier stopped) throws InterruptedException {
    client.findCoordinator(SimulatedClient.GROUP, ledger.group());
    while (!stopped.getAsBoolean()) {
      Set<Integer> owned = membership.poll();
      if (position(owned)) {
        fetch();
        if (host.entropy().nextInt(3) == 0) {
          commit();
        }
      }
      boolean isLongPause = host.entropy().nextInt(150) == 0;
      host.clock().sleep(Duration.ofMillis(isLongPause ? 8_000 : 20 + host.entropy().nextInt(150)));
    }
    membership.leave();
    client.close();
  }

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
          CommittedOffsets.fetch(client, ledger, topic, missing, membership, false);
      if (found.isEmpty()) {
        return false;
      }
      positions.putAll(found);
      committed.putAll(found);
    }
    return true;
  }

  private void fetch() throws InterruptedException {
    for (Map.Entry<Integer, Long> position : positions.entrySet()) {
      FetchedRecords fetched =
          FetchedRecords.read(client, topic, position.getKey(), position.getValue(), false);
      delivered.computeIfAbsent(position.getKey(), _ -> new TreeSet<>()).addAll(fetched.values());
      position.setValue(fetched.nextOffset());
    }
  }

  private void commit() throws InterruptedException {
    Map<Integer, Long> offsets = new TreeMap<>(positions);
    offsets.entrySet().removeIf(entry -> entry.getValue().equals(committed.get(entry.getKey())));
    if (offsets.isEmpty()) {
      return;
    }
    String metadata = name + "-" + commitCount++;
    offsets.forEach((partition, offset) -> ledger.tried(partition, offset, metadata));
    OffsetCommitResponse answer =
        client.ask(commitCall(ledger.group(), topic, offsets, metadata, membership));
    ErrorCode error = ErrorCode.forCode((short) error(answer));
    if (error == ErrorCode.NONE) {
      offsets.forEach(ledger::acknowledged);
      committed.putAll(offsets);
    } else if (SimulatedWorker.isLostMembership(error)) {
      membership.refused(error);
    } else {
      throw new AssertionError("OffsetCommit of " + name + " was answered " + error);
    }
  }

  static Call<OffsetCommitResponse> commitCall(
      String group,
      String topic,
      Map<Integer, Long> offsets,
      String metadata,
      Membership membership) {
    List<OffsetCommitRequest.OffsetCommitRequestPartition> partitions = new ArrayList<>();
    offsets.forEach(
        (partition, offset) ->
            partitions.add(
                OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                    .partitionIndex(partition)
                    .committedOffset(offset)
                    .committedMetadata(metadata)
                    .build()));
    return new Call<>(
        OffsetCommitResponse.class,
        ApiKey.OFFSET_COMMIT,
        9,
        OffsetCommitRequest.builder()
            .groupId(group)
            .memberId(membership.memberId())
            .generationIdOrMemberEpoch(membership.generation())
            .topics(
                List.of(
                    OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name(topic)
                        .partitions(partitions)
                        .build()))
            .build(),
        SimulatedConsumer::error);
  }

  static int error(OffsetCommitResponse response) {
    return response.topics().getFirst().partitions().stream()
        .mapToInt(OffsetCommitResponse.OffsetCommitResponsePartition::errorCode)
        .filter(code -> code != ErrorCode.NONE.code())
        .findFirst()
        .orElse(ErrorCode.NONE.code());
  }
}
