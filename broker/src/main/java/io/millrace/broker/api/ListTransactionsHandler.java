package io.millrace.broker.api;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.coordinator.transaction.TransactionViews;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lists the transactions that this broker coordinates (KIP-664).
///
/// Versions: 1 adds the duration (KIP-994); 2 adds a pattern of transactional ids (KIP-1152), which
/// takes time linear in the length of the id.
public final class ListTransactionsHandler implements ApiHandler<ListTransactionsRequest> {
  private final Coordinator<TransactionMachine> transactions;

  ListTransactionsHandler(Coordinator<TransactionMachine> transactions) {
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.LIST_TRANSACTIONS;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.of(failed(error));
  }

  @Override
  public Reply handle(ListTransactionsRequest request, RequestContext context)
      throws InterruptedException {
    try {
      Pattern pattern = pattern(request.transactionalIdPattern());
      List<Answer<List<ListTransactionsResponse.TransactionState>>> answers =
          transactions.submitToAll((machine, now) -> machine.list(request, pattern, now));
      return new Reply.Later(() -> response(request, answers));
    } catch (PatternSyntaxException e) {
      return new Reply.Now(failed(ErrorCode.INVALID_REGULAR_EXPRESSION));
    } catch (CoordinatorException e) {
      return new Reply.Now(failed(e.error()));
    }
  }

  private static @Nullable Pattern pattern(@Nullable String text) {
    return text == null || text.isEmpty() ? null : Pattern.compile(text);
  }

  private static ApiMessage response(
      ListTransactionsRequest request,
      List<Answer<List<ListTransactionsResponse.TransactionState>>> answers)
      throws InterruptedException {
    List<ListTransactionsResponse.TransactionState> shown = new ArrayList<>();
    for (Answer<List<ListTransactionsResponse.TransactionState>> answer : answers) {
      try {
        shown.addAll(answer.await(CoordinatorReply.COMMIT_LIMIT));
      } catch (CoordinatorException e) {
        return failed(e.error());
      }
    }
    return ListTransactionsResponse.builder()
        .unknownStateFilters(TransactionViews.unknownStates(request.stateFilters()))
        .transactionStates(shown)
        .build();
  }

  private static ListTransactionsResponse failed(ErrorCode error) {
    return ListTransactionsResponse.builder().errorCode(error.code()).build();
  }
}
