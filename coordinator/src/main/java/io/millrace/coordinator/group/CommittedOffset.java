package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import io.millrace.protocol.Uuid;

/// What a group has committed for a partition.
///
/// @param recordOffset where the log says so: the later commit counts, also if it was part of a
///   transaction that ended afterwards
/// @param offset of the next record to read
/// @param leaderEpoch of the last record that was read, -1 if it is not known
/// @param expireMs when it expires by itself, as old clients could ask for; -1 if it does not
/// @param topicId zero if it is not known
record CommittedOffset(
    long recordOffset,
    long offset,
    int leaderEpoch,
    String metadata,
    long commitMs,
    long expireMs,
    Uuid topicId) {
  /// The last version that has the time of expiry.
  private static final int EXPIRING_VERSION = 1;

  private static final int VALUE_VERSION = 4;

  static CommittedOffset of(OffsetCommitValue value, long recordOffset) {
    return new CommittedOffset(
        recordOffset,
        value.offset(),
        value.leaderEpoch(),
        value.metadata().isEmpty() ? "" : value.metadata(),
        value.commitTimestamp(),
        value.expireTimestamp(),
        value.topicId().isZero() ? Uuid.ZERO : value.topicId());
  }

  /// What is written to commit `value`.
  static StateRecord record(OffsetCommitKey key, OffsetCommitValue value) {
    return StateRecord.of(
        key, value, value.expireTimestamp() < 0 ? VALUE_VERSION : EXPIRING_VERSION);
  }

  static OffsetCommitKey key(String groupId, String topic, int partition) {
    return OffsetCommitKey.builder().group(groupId).topic(topic).partition(partition).build();
  }

  static StateRecord tombstone(String groupId, String topic, int partition) {
    return StateRecord.tombstone(key(groupId, topic, partition));
  }
}
