package io.millrace.metadata.config;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import java.util.List;
import java.util.Locale;

/// From the settings of a topic to what its partitions' logs are told.
public final class TopicLogs {
  private TopicLogs() {}

  /// The configuration of the logs of a topic with these settings ([TopicConfigs#effective]).
  public static LogConfig logConfig(Config topic) {
    List<String> cleanup = topic.list("cleanup.policy");
    String segmentBytes =
        topic.find("internal.segment.bytes").isPresent()
            ? "internal.segment.bytes"
            : "segment.bytes";
    return LogConfig.builder()
        .segmentBytes(topic.intValue(segmentBytes))
        .segmentMs(topic.longValue("segment.ms"))
        .segmentJitterMs(topic.longValue("segment.jitter.ms"))
        .segmentIndexBytes(topic.intValue("segment.index.bytes"))
        .indexIntervalBytes(topic.intValue("index.interval.bytes"))
        .retentionBytes(topic.longValue("retention.bytes"))
        .retentionMs(topic.longValue("retention.ms"))
        .cleanupDelete(cleanup.contains("delete"))
        .cleanupCompact(cleanup.contains("compact"))
        .fileDeleteDelayMs(topic.longValue("file.delete.delay.ms"))
        .flushMessages(topic.longValue("flush.messages"))
        .flushMs(topic.longValue("flush.ms"))
        .maxMessageBytes(topic.intValue("max.message.bytes"))
        .maxDecompressedMessageBytes(topic.intValue("max.decompressed.message.bytes"))
        .compressionType(topic.string("compression.type"))
        .compressionLevel(compressionLevel(topic))
        .logAppendTime(topic.string("message.timestamp.type").equals("LogAppendTime"))
        .messageTimestampBeforeMaxMs(topic.longValue("message.timestamp.before.max.ms"))
        .messageTimestampAfterMaxMs(topic.longValue("message.timestamp.after.max.ms"))
        .durability(Durability.valueOf(topic.string("durability").toUpperCase(Locale.ROOT)))
        .build();
  }

  private static int compressionLevel(Config topic) {
    String codec = topic.string("compression.type");
    return switch (codec) {
      case "lz4", "zstd" -> topic.intValue("compression." + codec + ".level");
      case "gzip" -> {
        int level = topic.intValue("compression.gzip.level");
        yield level == -1 ? Integer.MIN_VALUE : level;
      }
      default -> Integer.MIN_VALUE;
    };
  }
}
