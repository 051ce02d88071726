package io.millrace.protocol.record;

/// Whose clock the timestamps of a batch come from (attribute bit 3, KIP-32).
public enum TimestampType {
  /// Each record carries the time its producer gave it.
  CREATE_TIME,
  /// The maximum timestamp of the batch, set by the broker, is the time of every record in it.
  LOG_APPEND_TIME
}
