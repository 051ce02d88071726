/// Transactions: the machine [io.millrace.coordinator.transaction.TransactionMachine] over
/// `__transaction_state`.
@NullMarked
package io.millrace.coordinator.transaction;

import org.jspecify.annotations.NullMarked;
