package io.millrace.metadata;

import io.millrace.metadata.record.MetadataRecord;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// The log of metadata records, which orders and keeps what controllers decided: a port. Whoever is
/// its leader appends, everybody follows. Nothing may be assumed of where it is kept: with a
/// quorum, what was appended may turn out not to be committed, and the leader may change at any
/// time.
public interface MetadataLog extends Closeable {

  /// Begins to hand the log to `follower`: the newest snapshot if there is one, then what was
  /// committed after it, in order. Returns when everything was handed over that was committed
  /// before; what comes later is handed over by one task at a time. Called once.
  ///
  /// Throws [MetadataLogException] if what is stored cannot be read.
  void follow(Follower follower) throws IOException;

  /// Appends records as the leader of `epoch`, all or none of them. Returns the offset of the last;
  /// that they are committed is known when the follower got them, which may be before this returns.
  /// One task at a time.
  ///
  /// Throws [NotLeaderException] if this node does not lead (in that epoch). Any other
  /// `IOException` means that the log cannot be written any more: what becomes of the records is
  /// unknown.
  long append(int epoch, List<MetadataRecord> records) throws IOException, NotLeaderException;

  /// Whether so much was written since the last snapshot that another one should be made.
  boolean isSnapshotDue();

  /// Keeps records that stand for everything up to and including `offset`, which is committed and
  /// was written in `epoch`. What they replace may then be deleted. By the task that appends.
  void writeSnapshot(long offset, int epoch, List<MetadataRecord> records) throws IOException;

  /// Receives the log.
  interface Follower {
    /// Everything up to and including `offset`: replaces all that came before.
    void onSnapshot(long offset, int epoch, List<MetadataRecord> records);

    /// Committed records, the first of them at `baseOffset`, written by the leader of `epoch`.
    void onCommitted(long baseOffset, int epoch, List<MetadataRecord> records);

    /// This node leads from now on, in a new `epoch`. All records of earlier epochs that are
    /// committed were handed over.
    void onLeading(int epoch);

    /// This node does not lead any more.
    void onNotLeading();
  }

  /// This node is not the leader of the metadata log, or not in that epoch.
  final class NotLeaderException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotLeaderException(String message) {
      super(message);
    }
  }
}
