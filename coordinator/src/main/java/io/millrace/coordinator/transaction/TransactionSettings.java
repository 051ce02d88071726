package io.millrace.coordinator.transaction;

import io.millrace.metadata.config.Config;
import java.time.Duration;

/// The settings that transactions follow.
///
/// @param maxTimeoutMs the longest timeout a producer may ask for
/// @param idExpirationMs how long an id without a transaction is remembered
/// @param expirationInterval how often ids that have expired are looked for
public record TransactionSettings(
    int maxTimeoutMs, long idExpirationMs, Duration expirationInterval) {
  public static TransactionSettings of(Config config) {
    return new TransactionSettings(
        config.intValue("transaction.max.timeout.ms"),
        config.longValue("transactional.id.expiration.ms"),
        Duration.ofMillis(
            config.longValue("transaction.remove.expired.transaction.cleanup.interval.ms")));
  }
}
