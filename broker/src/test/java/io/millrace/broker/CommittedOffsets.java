package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Asks for the committed offsets of a group, and has the ledger judge them.
final class CommittedOffsets {
  private static final int VERSION = 9;

  private CommittedOffsets() {}

  /// The offsets where a member goes on, 0 where nothing is committed; empty if the coordinator
  /// does not take it for a member.
  ///
  /// @param isStable to wait for open transactions
  static Map<Integer, Long> fetch(
      SimulatedClient client,
      CommitLedger ledger,
      String topic,
      Collection<Integer> partitions,
      Membership membership,
      boolean isStable)
      throws InterruptedException {
    Map<Integer, Long> bounds = new TreeMap<>();
    partitions.forEach(partition -> bounds.put(partition, ledger.bound(partition)));
    OffsetFetchRequest.OffsetFetchRequestGroup.Builder group =
        OffsetFetchRequest.OffsetFetchRequestGroup.builder()
            .groupId(ledger.group())
            .topics(
                List.of(
                    OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                        .name(topic)
                        .partitionIndexes(List.copyOf(partitions))
                        .build()));
    if (membership instanceof ConsumerMembership) {
      group.memberId(membership.memberId()).memberEpoch(membership.generation());
    }
    OffsetFetchResponse.OffsetFetchResponseGroup answer =
        client
            .ask(
                new Call<>(
                    OffsetFetchResponse.class,
                    ApiKey.OFFSET_FETCH,
                    VERSION,
                    OffsetFetchRequest.builder()
                        .groups(List.of(group.build()))
                        .requireStable(isStable)
                        .build(),
                    CommittedOffsets::error))
            .groups()
            .getFirst();
    ErrorCode error = ErrorCode.forCode(answer.errorCode());
    Map<Integer, Long> offsets = new TreeMap<>();
    switch (error) {
      case NONE -> {
        for (OffsetFetchResponse.OffsetFetchResponsePartitions found :
            answer.topics().getFirst().partitions()) {
          BrokerClient.check(found.errorCode());
          int partition = found.partitionIndex();
          long offset = found.committedOffset();
          long bound = bounds.getOrDefault(partition, -1L);
          ledger.fetched(partition, bound, offset, String.valueOf(found.metadata()));
          offsets.put(partition, Math.max(0, offset));
        }
      }
      case UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, FENCED_MEMBER_EPOCH, ILLEGAL_GENERATION ->
          membership.refused(error);
      default -> throw new AssertionError("OffsetFetch was answered " + error);
    }
    return offsets;
  }

  /// The error of the group, or else one of a partition that a client asks again after.
  private static int error(OffsetFetchResponse response) {
    OffsetFetchResponse.OffsetFetchResponseGroup group = response.groups().getFirst();
    if (group.errorCode() != ErrorCode.NONE.code()) {
      return group.errorCode();
    }
    return group.topics().getFirst().partitions().stream()
        .mapToInt(OffsetFetchResponse.OffsetFetchResponsePartitions::errorCode)
        .filter(code -> code != ErrorCode.NONE.code())
        .findFirst()
        .orElse(ErrorCode.NONE.code());
  }
}
