package io.millrace.broker.api;

import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.CoordinatorException;
import io.millrace.coordinator.transaction.TransactionMachine;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeTransactionsRequest;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import java.util.ArrayList;
import java.util.List;

/// Shows the transactions of some transactional ids (KIP-664). There is one version, 0.
public final class DescribeTransactionsHandler implements ApiHandler<DescribeTransactionsRequest> {
  private final Coordinator<TransactionMachine> transactions;

  DescribeTransactionsHandler(Coordinator<TransactionMachine> transactions) {
    this.transactions = transactions;
  }

  @Override
  public ApiKey api() {
    return ApiKey.DESCRIBE_TRANSACTIONS;
  }

  @Override
  public Reply handle(DescribeTransactionsRequest request, RequestContext context) {
    return new Reply.Later(() -> describe(request));
  }

  private ApiMessage describe(DescribeTransactionsRequest request) throws InterruptedException {
    List<DescribeTransactionsResponse.TransactionState> shown = new ArrayList<>();
    for (String id : request.transactionalIds()) {
      try {
        shown.add(
            transactions
                .submit(id, (machine, _) -> machine.describe(id))
                .await(CoordinatorReply.COMMIT_LIMIT));
      } catch (CoordinatorException e) {
        shown.add(
            DescribeTransactionsResponse.TransactionState.builder()
                .transactionalId(id)
                .errorCode(e.error().code())
                .build());
      }
    }
    return DescribeTransactionsResponse.builder().transactionStates(shown).build();
  }
}
