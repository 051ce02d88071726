package io.millrace.storage;

/// Proof that the transaction coordinator was asked, after the guard was made, whether a
/// transaction is open (KIP-890). It lets one batch open the transaction in the log; a marker or a
/// newer epoch that is written meanwhile makes it worthless, so that a batch which comes after the
/// end of its transaction cannot open it again.
///
/// Compared by identity.
public final class VerificationGuard {
  /// No proof: for what belongs to no transaction, or to one that is open in the log.
  public static final VerificationGuard NONE = new VerificationGuard();

  VerificationGuard() {}
}
