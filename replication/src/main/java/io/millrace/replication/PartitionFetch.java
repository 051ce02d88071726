package io.millrace.replication;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.storage.AbortedTransaction;
import io.millrace.storage.EpochEndOffset;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition in a [FetchSession]: where the client is in it, and what it was told last.
///
/// Guarded by the session's lock, except that [#onChange] takes it itself.
final class PartitionFetch implements Partition.Watcher {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionFetch.class);

  final PartitionKey key;
  private final FetchSession session;
  private @Nullable Partition partition;
  private FetchPosition position;
  private long toldHighWatermark = -1;
  private long toldLastStableOffset = -1;
  private long toldLogStartOffset = -1;
  private boolean removed;

  /// Whether it is in the session's queue of partitions to look at.
  boolean isReady;

  PartitionFetch(FetchSession session, PartitionKey key, FetchPosition position) {
    this.session = session;
    this.key = key;
    this.position = position;
  }

  void moveTo(FetchPosition newPosition) {
    position = newPosition;
  }

  boolean isRemoved() {
    return removed;
  }

  void remove() {
    removed = true;
    if (partition != null) {
      partition.unwatch(this);
      partition = null;
    }
  }

  @Override
  public void onChange() {
    session.markReady(this);
  }

  /// Reads what there is, up to `maxBytes`, or one whole batch if `atLeastOneBatch`.
  FetchedPartition read(IsolationLevel isolation, int maxBytes, boolean atLeastOneBatch) {
    Partition current = resolve();
    if (current == null) {
      return FetchedPartition.failed(key, session.whyMissing(key));
    }
    ErrorCode epochError = current.checkLeaderEpoch(position.currentLeaderEpoch());
    if (epochError != ErrorCode.NONE) {
      return FetchedPartition.failed(key, epochError);
    }
    long offset = position.fetchOffset();
    if (offset < current.log().logStartOffset() || offset > current.log().logEndOffset()) {
      return FetchedPartition.failed(key, ErrorCode.OFFSET_OUT_OF_RANGE);
    }
    try {
      return read(current, isolation, Math.min(maxBytes, position.maxBytes()), atLeastOneBatch);
    } catch (OffsetOutOfRangeException e) {
      // The log start offset moved past it since it was checked.
      return FetchedPartition.failed(key, ErrorCode.OFFSET_OUT_OF_RANGE);
    } catch (IOException e) {
      LOG.error("Cannot read {} at offset {}", current.name(), position.fetchOffset(), e);
      return FetchedPartition.failed(key, ErrorCode.KAFKA_STORAGE_ERROR);
    }
  }

  /// Whether the client, which has seen `result` with no records, still lacks a part of it.
  boolean isNews(FetchedPartition result) {
    return result.isUrgent()
        || result.records().sizeInBytes() > 0
        || result.highWatermark() != toldHighWatermark
        || result.lastStableOffset() != toldLastStableOffset
        || result.logStartOffset() != toldLogStartOffset;
  }

  void told(FetchedPartition result) {
    toldHighWatermark = result.highWatermark();
    toldLastStableOffset = result.lastStableOffset();
    toldLogStartOffset = result.logStartOffset();
  }

  /// Whether the next fetch has to look at the partition even if nothing changes until then: the
  /// client has not confirmed what it was given, there was no room for what there is, or it failed.
  boolean staysReady(FetchedPartition result) {
    return result.isUrgent()
        || result.records().sizeInBytes() > 0
        || position.fetchOffset() < result.highWatermark();
  }

  private FetchedPartition read(
      Partition current, IsolationLevel isolation, int maxBytes, boolean atLeastOneBatch)
      throws IOException {
    // The last stable offset first: it is never above the high watermark that is told with it.
    long lastStableOffset = current.lastStableOffset();
    long highWatermark = current.highWatermark();
    long logStartOffset = current.log().logStartOffset();
    Optional<EpochEndOffset> divergence = divergence(current);
    if (divergence.isPresent() && divergence.get().endOffset() < 0) {
      // The client has an epoch of which nothing is known here: where it parted cannot be told.
      return FetchedPartition.failed(key, ErrorCode.OFFSET_OUT_OF_RANGE);
    }
    RecordData records = RecordData.EMPTY;
    boolean isCut = false;
    long end = isolation == IsolationLevel.READ_COMMITTED ? lastStableOffset : highWatermark;
    if (divergence.isEmpty() && position.fetchOffset() < end) {
      records = readRecords(current, end, maxBytes, atLeastOneBatch);
      isCut = records instanceof LogSlice slice ? slice.isCut() : !atLeastOneBatch;
    }
    List<AbortedTransaction> aborted = List.of();
    if (isolation == IsolationLevel.READ_COMMITTED && records instanceof LogSlice slice) {
      aborted = aborted(current, slice);
    }
    return new FetchedPartition(
        key,
        ErrorCode.NONE,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        divergence,
        records,
        isCut,
        aborted);
  }

  private List<AbortedTransaction> aborted(Partition current, LogSlice slice) throws IOException {
    try {
      return current.abortedTransactions(position.fetchOffset(), slice.endOffset());
    } catch (IOException | RuntimeException e) {
      slice.close();
      throw e;
    }
  }

  private RecordData readRecords(Partition current, long end, int maxBytes, boolean atLeastOneBatch)
      throws IOException {
    if (maxBytes <= 0 && !atLeastOneBatch) {
      return RecordData.EMPTY;
    }
    LogSlice slice =
        current.log().read(position.fetchOffset(), Math.max(0, maxBytes), end, atLeastOneBatch);
    if (slice.sizeInBytes() == 0) {
      slice.close();
      return RecordData.EMPTY;
    }
    return slice;
  }

  /// Where the client's log and this one part, if they do (KIP-595).
  private Optional<EpochEndOffset> divergence(Partition current) {
    if (position.lastFetchedEpoch() < 0) {
      return Optional.empty();
    }
    EpochEndOffset end = current.log().endOffsetForEpoch(position.lastFetchedEpoch());
    boolean diverges =
        end.leaderEpoch() < position.lastFetchedEpoch() || end.endOffset() < position.fetchOffset();
    return diverges ? Optional.of(end) : Optional.empty();
  }

  private @Nullable Partition resolve() {
    if (partition == null || partition.isClosed()) {
      if (partition != null) {
        partition.unwatch(this);
      }
      partition = session.find(key);
      if (partition != null) {
        partition.watch(this);
      }
    }
    return partition;
  }
}
