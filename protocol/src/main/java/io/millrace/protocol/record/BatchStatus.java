package io.millrace.protocol.record;

/// What lies at a cursor's position: a batch, or one of the ways in which bytes are not a batch.
///
/// A scan over a log file that a crash may have torn branches on these; none of them is an
/// exception. Only the framing is judged: a complete batch may still fail its checksum.
public enum BatchStatus {
  /// All bytes of a batch of magic 2 are there.
  COMPLETE,
  /// No byte is left.
  END,
  /// The bytes so far could be the beginning of a batch; [BatchCursor#requiredBytes] says how many
  /// it takes to go on.
  INCOMPLETE,
  /// The length field is below the size of a header, or above the limit that the cursor was given.
  CORRUPT_SIZE,
  /// Magic 0 or 1: a message set of Kafka before 0.11.
  LEGACY_MAGIC,
  /// A magic that no version of the format has.
  UNKNOWN_MAGIC
}
