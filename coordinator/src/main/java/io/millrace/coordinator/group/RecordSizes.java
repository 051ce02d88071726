package io.millrace.coordinator.group;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import io.millrace.metadata.config.Config;

/// How large records get in the log, at most: what is decided at once has to fit into one batch.
final class RecordSizes {
  /// Lengths, versions and numbers of a record or of a member in it.
  private static final int OVERHEAD = 96;

  private static final int BATCH_OVERHEAD = 256;

  /// Where a decision may be cut into several, that is where.
  static final int CHUNK_BYTES = 256 * 1024;

  private RecordSizes() {}

  /// What one decision may write.
  static long limit(Config broker) {
    return broker.intValue("message.max.bytes") - (long) BATCH_OVERHEAD;
  }

  static long of(ClassicGroup group) {
    long size = OVERHEAD + utf8(group.id()) + utf8(group.protocolType());
    for (ClassicMember member : group.members()) {
      ClassicMember.Identity identity = member.identity();
      String instanceId = identity.instanceId();
      size +=
          OVERHEAD
              + utf8(identity.id())
              + (instanceId == null ? 0 : utf8(instanceId))
              + utf8(identity.clientId())
              + utf8(identity.clientHost())
              + member.metadata(group.protocolName()).length
              + member.assignment().length;
    }
    return size;
  }

  /// Of the tombstone of a group.
  static long ofKey(String groupId) {
    return OVERHEAD + utf8(groupId);
  }

  /// Of an offset, or of its tombstone.
  static long ofOffset(StateRecord record) {
    OffsetCommitKey key = (OffsetCommitKey) record.key();
    long size = OVERHEAD + utf8(key.group()) + utf8(key.topic());
    return record.value() instanceof OffsetCommitValue value ? size + utf8(value.metadata()) : size;
  }

  private static long utf8(String text) {
    long size = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      size += c < 0x80 ? 0 : c < 0x800 ? 1 : 2;
    }
    return size;
  }
}
