package io.millrace.replication;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.storage.AbortedTransaction;
import io.millrace.storage.EpochEndOffset;
import io.millrace.storage.LogSlice;
import java.util.List;
import java.util.Optional;

/// What a fetch answers for one partition. Offsets are -1 where the error leaves them unknown.
///
/// `isCut`: there are more records for the client, which a limit of size keeps out of this answer:
/// it gains nothing by waiting. `aborted`: the aborted transactions that may have records among
/// these, for a reader of committed data; else none.
///
/// Owns the [LogSlice] in `records`, if there is one, until [#release] or until the response is
/// sent.
public record FetchedPartition(
    PartitionKey key,
    ErrorCode error,
    long highWatermark,
    long lastStableOffset,
    long logStartOffset,
    Optional<EpochEndOffset> divergingEpoch,
    RecordData records,
    boolean isCut,
    List<AbortedTransaction> aborted) {

  /// The answer for a partition that cannot be read.
  public static FetchedPartition failed(PartitionKey key, ErrorCode error) {
    return new FetchedPartition(
        key, error, -1, -1, -1, Optional.empty(), RecordData.EMPTY, false, List.of());
  }

  /// Whether a client waits no longer once it has this: an error or a divergence.
  boolean isUrgent() {
    return error != ErrorCode.NONE || divergingEpoch.isPresent();
  }

  /// Gives back what the answer holds open, if it is not sent.
  void release() {
    if (records instanceof LogSlice slice) {
      slice.close();
    }
  }
}
