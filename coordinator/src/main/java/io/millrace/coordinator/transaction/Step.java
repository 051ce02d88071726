package io.millrace.coordinator.transaction;

/// What [TransactionRules] say of a request, given what is known of the transactional id.
sealed interface Step<A> {
  /// Nothing changes.
  record Answered<A>(A answer) implements Step<A> {}

  record Changed<A>(Transaction next, A answer) implements Step<A> {}

  /// The request goes on waiting after the change.
  record ChangedFirst<A>(Transaction next) implements Step<A> {}

  /// The request has to wait until the transaction that is ending has ended.
  record Busy<A>() implements Step<A> {}
}
