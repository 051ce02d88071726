package io.millrace.storage;

import io.millrace.protocol.TopicPartition;
import java.util.Optional;

/// The names of Kafka's log directory layout.
final class LogNames {
  static final String LOG = ".log";
  static final String OFFSET_INDEX = ".index";
  static final String TIME_INDEX = ".timeindex";
  static final String TRANSACTION_INDEX = ".txnindex";
  static final String SNAPSHOT = ".snapshot";
  static final String DELETED = ".deleted";

  /// What recovery sets aside instead of losing it.
  static final String QUARANTINED = ".quarantined";

  static final String SWAP = ".swap";
  static final String CLEANED = ".cleaned";
  static final String TEMPORARY = ".tmp";
  static final String LEADER_EPOCHS = "leader-epoch-checkpoint";
  static final String PARTITION_METADATA = "partition.metadata";
  static final String DELETED_DIRECTORY = "-delete";
  static final String STRAY_DIRECTORY = "-stray";

  private static final int OFFSET_DIGITS = 20;
  private static final int MAX_NAME_LENGTH = 255;

  private LogNames() {}

  /// `<offset, 20 digits><suffix>`.
  static String file(long offset, String suffix) {
    String digits = Long.toString(offset);
    return "0".repeat(OFFSET_DIGITS - digits.length()) + digits + suffix;
  }

  /// The offset in a name that [#file] makes for this suffix; empty for any other name.
  static Optional<Long> offset(String name, String suffix) {
    if (name.length() != OFFSET_DIGITS + suffix.length() || !name.endsWith(suffix)) {
      return Optional.empty();
    }
    String digits = name.substring(0, OFFSET_DIGITS);
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(digits));
    } catch (NumberFormatException beyondLong) {
      return Optional.empty();
    }
  }

  /// The partition that a directory of this name holds; empty if it is not one of a partition.
  static Optional<TopicPartition> partition(String directoryName) {
    int dash = directoryName.lastIndexOf('-');
    if (dash <= 0 || dash == directoryName.length() - 1) {
      return Optional.empty();
    }
    try {
      String number = directoryName.substring(dash + 1);
      int partition = Integer.parseInt(number);
      return partition >= 0 && number.equals(Integer.toString(partition))
          ? Optional.of(new TopicPartition(directoryName.substring(0, dash), partition))
          : Optional.empty();
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  /// The new name of a partition's directory that goes: `<topic>-<partition>.<unique><suffix>`,
  /// with the topic cut off where the name would be too long.
  static String departing(TopicPartition partition, long unique1, long unique2, String suffix) {
    String tail = "-" + partition.partition() + "." + hex(unique1) + hex(unique2) + suffix;
    String topic = partition.topic();
    int room = MAX_NAME_LENGTH - tail.length();
    return (topic.length() > room ? topic.substring(0, room) : topic) + tail;
  }

  private static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
