package io.millrace.metadata.config;

/// The table of a topic's settings, with the names, types and defaults of Kafka 4.4; [ConfigTable]
/// explains the columns.
final class TopicConfigText {
  static final String TOPIC =
      """
      cleanup.policy | LIST | delete | of compact, delete | used = log.cleanup.policy | What happens to old records: 'delete' drops old segments, 'compact' keeps the last record of each key; both may be given, none keeps everything.
      compression.gzip.level | INT | -1 | 1..9 or -1 | used = compression.gzip.level | Level at which gzip compresses when compression.type is gzip; -1 is the codec's own default.
      compression.lz4.level | INT | 9 | 1..17 | used = compression.lz4.level | Level at which LZ4 compresses when compression.type is lz4.
      compression.type | STRING | producer | of uncompressed, zstd, lz4, snappy, gzip, producer | used = compression.type | Codec in which batches are stored. 'producer' stores them as they come; any other value recompresses batches that differ.
      compression.zstd.level | INT | 3 | -131072..22 | used = compression.zstd.level | Level at which Zstandard compresses when compression.type is zstd.
      delete.retention.ms | LONG | 86400000 | >= 0 | = log.cleaner.delete.retention.ms | How long the tombstone of a deleted key stays in a compacted log, so that a reader who started before can still see it.
      durability | STRING | fsync | of fsync, replicated | used own = log.durability | When a record counts as acknowledged: 'fsync' once it is on stable storage of every in-sync replica, 'replicated' once it is in the memory of every in-sync replica, as in Kafka.
      errors.deadletterqueue.group.enable | BOOLEAN | false | any |  | Whether share groups may use this topic as the place for records that they gave up on.
      file.delete.delay.ms | LONG | 60000 | >= 0 | used = log.segment.delete.delay.ms | How long the files of a removed segment stay on disk, renamed, before they are deleted.
      flush.messages | LONG | 9223372036854775807 | >= 1 | used = log.flush.interval.messages | Records after which a log is forced to disk in durability mode 'replicated'. Mode 'fsync' forces every acknowledged record anyway.
      flush.ms | LONG | 9223372036854775807 | >= 0 | used = log.flush.interval.ms log.flush.scheduler.interval.ms | Time after which a log is forced to disk in durability mode 'replicated'. Mode 'fsync' forces every acknowledged record anyway.
      follower.replication.throttled.replicas | LIST | "" | throttled replicas |  | Replicas whose fetching is slowed down to the follower's rate, as partition:broker pairs, or '*' for all.
      index.interval.bytes | INT | 4096 | >= 0 | used = log.index.interval.bytes | Bytes of log after which the offset index gets its next entry.
      internal.segment.bytes | INT | - | any | used internal | Segment size below the lower bound of segment.bytes; for tests only.
      leader.replication.throttled.replicas | LIST | "" | throttled replicas |  | Replicas to which a leader sends at no more than its throttled rate, as partition:broker pairs, or '*' for all.
      local.retention.bytes | LONG | -2 | >= -2 | = log.local.retention.bytes | Bytes of a tiered partition that stay on local disks; -2 means as retention.bytes.
      local.retention.ms | LONG | -2 | >= -2 | = log.local.retention.ms | Time for which a tiered partition's segments stay on local disks; -2 means as retention.ms.
      max.compaction.lag.ms | LONG | 9223372036854775807 | >= 1 | = log.cleaner.max.compaction.lag.ms | Time after which a record becomes a candidate for compaction whatever the share of dirty bytes is.
      max.decompressed.message.bytes | INT | 2147483639 | 1..2147483639 | used = max.decompressed.message.bytes | Largest size in bytes to which one record batch may decompress.
      max.message.bytes | INT | 1048588 | >= 0 | used = message.max.bytes | Largest record batch in bytes that the topic takes, after compression.
      message.timestamp.after.max.ms | LONG | 3600000 | >= 0 | used = log.message.timestamp.after.max.ms | How far a record's timestamp may lie after the broker's clock if timestamps are the producer's.
      message.timestamp.before.max.ms | LONG | 9223372036854775807 | >= 0 | used = log.message.timestamp.before.max.ms | How far a record's timestamp may lie before the broker's clock if timestamps are the producer's.
      message.timestamp.type | STRING | CreateTime | of CreateTime, LogAppendTime | used = log.message.timestamp.type | Whose time a record carries: the producer's (CreateTime) or that of the append (LogAppendTime).
      min.cleanable.dirty.ratio | DOUBLE | 0.5 | 0..1 | = log.cleaner.min.cleanable.ratio | Share of a compacted log that has to be uncompacted before compaction runs.
      min.compaction.lag.ms | LONG | 0 | >= 0 | = log.cleaner.min.compaction.lag.ms | Time for which a record is left alone by compaction.
      min.insync.replicas | INT | 1 | >= 1 | used = min.insync.replicas | Replicas that must be in sync for a write with acks=all to be accepted.
      preallocate | BOOLEAN | false | any | = log.preallocate | Whether the file of a new segment takes its full size on disk from the start.
      remote.copy.lag.bytes | LONG | -1 | >= -1 | = log.remote.copy.lag.bytes | Bytes that a segment may stay behind the end of the log before it is copied to remote storage.
      remote.copy.lag.ms | LONG | 0 | >= -1 | = log.remote.copy.lag.ms | Time that a segment may wait before it is copied to remote storage.
      remote.log.copy.disable | BOOLEAN | false | any |  | Whether no further segments are copied to remote storage.
      remote.log.delete.on.disable | BOOLEAN | false | any |  | Whether switching remote storage off deletes what is stored there.
      remote.storage.enable | BOOLEAN | false | any |  | Whether the topic's older segments are kept in remote storage.
      retention.bytes | LONG | -1 | any | used = log.retention.bytes | Size of a partition in bytes beyond which its oldest segments are deleted; -1 is no limit.
      retention.ms | LONG | 604800000 | >= -1 | used = log.retention.ms log.retention.minutes*60000 log.retention.hours*3600000 | Age in milliseconds beyond which a partition's segments are deleted; -1 keeps them for ever.
      segment.bytes | INT | 1073741824 | >= 1048576 | used = log.segment.bytes | Size in bytes at which the log starts a new segment file.
      segment.index.bytes | INT | 10485760 | >= 4 | used = log.index.size.max.bytes | Largest size in bytes of a segment's offset index; a full index ends the segment.
      segment.jitter.ms | LONG | 0 | >= 0 | used = log.roll.jitter.ms log.roll.jitter.hours*3600000 | Random time taken off segment.ms, so that the segments of many partitions do not end at once.
      segment.ms | LONG | 604800000 | >= 1 | used = log.roll.ms log.roll.hours*3600000 | Age at which the log starts a new segment even if the current one is not full.
      unclean.leader.election.enable | BOOLEAN | false | any | = unclean.leader.election.enable | Whether a replica that is not in sync may become leader when no other is left; acknowledged records may then be lost.
      """;

  private TopicConfigText() {}
}
