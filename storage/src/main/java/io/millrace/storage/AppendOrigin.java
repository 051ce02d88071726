package io.millrace.storage;

/// Who made the batches that are appended, which decides what is checked and what is assigned.
public enum AppendOrigin {
  /// A producer: exactly one batch, everything is validated, sequences are checked, offsets are
  /// assigned.
  CLIENT,
  /// A coordinator of this node: trusted batches (control batches too), offsets are assigned.
  COORDINATOR,
  /// A leader, through the fetch of a follower: offsets and leader epochs are already in the
  /// batches and have to follow the log end offset.
  REPLICATION
}
