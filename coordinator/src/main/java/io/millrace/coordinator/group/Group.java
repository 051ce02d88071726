package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A group of either protocol: what offsets, listings and deletion have to know of it.
interface Group {
  String id();

  /// As ListGroups names it: `Classic` or `Consumer` (KIP-848).
  String type();

  /// As ListGroups names it: `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Dead`
  /// (classic); `Empty`, `Assigning`, `Reconciling`, `Stable`, `Dead` (consumer).
  String state();

  /// As JoinGroup names it: `consumer` for consumers; empty for a group without members that only
  /// keeps offsets.
  String protocolType();

  /// Whether there are no members.
  boolean isEmpty();

  /// Whether a member reads `topic`, so that its offsets do not expire and may not be deleted.
  boolean isSubscribedTo(String topic);

  /// Why the sender may not commit offsets; `NONE` if it may.
  ///
  /// @param memberId empty for a committer outside the group's membership
  /// @param generationOrEpoch of the member; negative for a committer outside the membership
  /// @param isTransactional whether it is a TxnOffsetCommit, whose older versions name no member
  ErrorCode checkOffsetCommit(
      String memberId,
      @Nullable String instanceId,
      int generationOrEpoch,
      boolean isTransactional,
      short version);

  /// Why the sender, which [#checkOffsetCommit] let pass, may not commit the offset of this
  /// partition; `NONE` if it may.
  ///
  /// @param topic the topic's id; zero if there is no such topic
  default ErrorCode checkPartitionCommit(
      String memberId, int generationOrEpoch, Uuid topic, int partition) {
    return ErrorCode.NONE;
  }

  /// Why the sender may not fetch offsets; `NONE` if it may.
  default ErrorCode checkOffsetFetch(@Nullable String memberId, int memberEpoch) {
    return ErrorCode.NONE;
  }

  /// `NONE` if the group may be deleted, else `NON_EMPTY_GROUP`.
  default ErrorCode checkDelete() {
    return isEmpty() ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  /// `NONE` if offsets of topics that no member reads may be deleted.
  default ErrorCode checkOffsetDelete() {
    return ErrorCode.NONE;
  }

  /// From when on the retention of an offset counts that was committed at `commitMs`: milliseconds
  /// since the Unix epoch; empty if the group's offsets do not expire as it is now.
  default OptionalLong retentionStartMs(long commitMs) {
    return OptionalLong.of(commitMs);
  }

  /// The records that remove the group itself, not its offsets.
  List<StateRecord> tombstones();
}
