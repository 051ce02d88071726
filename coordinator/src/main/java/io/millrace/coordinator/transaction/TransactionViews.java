package io.millrace.coordinator.transaction;

import com.google.re2j.Pattern;
import io.millrace.coordinator.Now;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is shown of transactions to people and their tools (KIP-664, KIP-994, KIP-1152).
public final class TransactionViews {
  private TransactionViews() {}

  /// Those of the names of states that there are none of.
  public static List<String> unknownStates(List<String> names) {
    return names.stream().filter(name -> TransactionState.named(name).isEmpty()).toList();
  }

  static DescribeTransactionsResponse.TransactionState describe(
      String id, @Nullable Transaction known) {
    DescribeTransactionsResponse.TransactionState.Builder shown =
        DescribeTransactionsResponse.TransactionState.builder().transactionalId(id);
    if (known == null) {
      ErrorCode error =
          id.isEmpty() ? ErrorCode.INVALID_REQUEST : ErrorCode.TRANSACTIONAL_ID_NOT_FOUND;
      return shown.errorCode(error.code()).build();
    }
    return shown
        .transactionState(known.state().title())
        .transactionTimeoutMs(known.timeoutMs())
        .transactionStartTimeMs(known.startMs())
        .producerId(known.producer().id())
        .producerEpoch(known.producer().epoch())
        .topics(topics(known.partitions()))
        .build();
  }

  private static List<DescribeTransactionsResponse.TopicData> topics(
      Collection<TopicPartition> partitions) {
    TreeMap<String, List<Integer>> byTopic = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>()).add(partition.partition());
    }
    List<DescribeTransactionsResponse.TopicData> topics = new ArrayList<>();
    for (Map.Entry<String, List<Integer>> entry : byTopic.entrySet()) {
      topics.add(
          DescribeTransactionsResponse.TopicData.builder()
              .topic(entry.getKey())
              .partitions(entry.getValue())
              .build());
    }
    return topics;
  }

  static List<ListTransactionsResponse.TransactionState> list(
      Collection<Transaction> all,
      ListTransactionsRequest request,
      @Nullable Pattern pattern,
      Now now) {
    List<ListTransactionsResponse.TransactionState> shown = new ArrayList<>();
    for (Transaction known : all) {
      if (isAskedFor(known, request, now)
          && (pattern == null || pattern.matcher(known.id()).matches())) {
        shown.add(
            ListTransactionsResponse.TransactionState.builder()
                .transactionalId(known.id())
                .producerId(known.producer().id())
                .transactionState(known.state().title())
                .build());
      }
    }
    return shown;
  }

  private static boolean isAskedFor(Transaction known, ListTransactionsRequest request, Now now) {
    List<Long> producers = request.producerIdFilters();
    List<String> states = request.stateFilters();
    long durationMs = request.durationFilter();
    return (producers.isEmpty() || producers.contains(known.producer().id()))
        && (states.isEmpty() || states.contains(known.state().title()))
        && (durationMs < 0 || now.wallMs() - known.startMs() > durationMs);
  }
}
