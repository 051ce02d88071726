/// Transactions: the machine [io.millrace.coordinator.transaction.TransactionMachine] over
/// `__transaction_state`, and the writing of markers once a transaction's end is decided.
@NullMarked
package io.millrace.coordinator.transaction;

import org.jspecify.annotations.NullMarked;
