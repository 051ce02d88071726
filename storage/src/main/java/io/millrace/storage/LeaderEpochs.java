package io.millrace.storage;

import java.util.ArrayList;
import java.util.List;

/// Which leader epoch began at which offset of a log (KIP-101). Changed under the lock of the log,
/// read without: a change publishes a new list.
final class LeaderEpochs {
  /// An epoch and the offset of its first record.
  record Entry(int epoch, long startOffset) {}

  private volatile List<Entry> entries;

  LeaderEpochs(List<Entry> ascending) {
    entries = List.copyOf(ascending);
  }

  List<Entry> entries() {
    return entries;
  }

  /// -1 if there is none.
  int latestEpoch() {
    List<Entry> all = entries;
    return all.isEmpty() ? -1 : all.getLast().epoch();
  }

  /// Notes that records of `epoch` begin at `startOffset`. Entries that contradict it go: those of
  /// later epochs or offsets. Returns whether anything changed.
  boolean assign(int epoch, long startOffset) {
    List<Entry> all = entries;
    if (epoch < 0) {
      return false;
    }
    if (!all.isEmpty()) {
      Entry last = all.getLast();
      if (last.epoch() == epoch && last.startOffset() <= startOffset) {
        return false;
      }
    }
    List<Entry> changed = new ArrayList<>(all);
    while (!changed.isEmpty()
        && (changed.getLast().epoch() >= epoch || changed.getLast().startOffset() >= startOffset)) {
      changed.removeLast();
    }
    changed.add(new Entry(epoch, startOffset));
    entries = List.copyOf(changed);
    return true;
  }

  /// The largest epoch at or below `epoch` and the offset after its last record, as Kafka's
  /// OffsetForLeaderEpoch answers it.
  EpochEndOffset endOffset(int epoch, long logEndOffset) {
    List<Entry> all = entries;
    if (epoch < 0 || all.isEmpty() || epoch > all.getLast().epoch()) {
      return EpochEndOffset.UNKNOWN;
    }
    if (epoch == all.getLast().epoch()) {
      return new EpochEndOffset(epoch, logEndOffset);
    }
    int higher = 0;
    while (all.get(higher).epoch() <= epoch) {
      higher++;
    }
    int found = higher == 0 ? epoch : all.get(higher - 1).epoch();
    return new EpochEndOffset(found, all.get(higher).startOffset());
  }

  /// The epoch of the record at `offset`, -1 if unknown.
  int epochAt(long offset) {
    int epoch = -1;
    for (Entry entry : entries) {
      if (entry.startOffset() > offset) {
        break;
      }
      epoch = entry.epoch();
    }
    return epoch;
  }

  /// Forgets epochs that begin at or after `endOffset`.
  void truncateFromEnd(long endOffset) {
    List<Entry> all = entries;
    if (!all.isEmpty() && all.getLast().startOffset() >= endOffset) {
      entries = all.stream().filter(entry -> entry.startOffset() < endOffset).toList();
    }
  }

  /// Forgets epochs that end at or before `startOffset`; the one that spans it then begins there.
  void truncateFromStart(long startOffset) {
    List<Entry> all = entries;
    int keep = 0;
    while (keep + 1 < all.size() && all.get(keep + 1).startOffset() <= startOffset) {
      keep++;
    }
    if (all.isEmpty() || all.get(keep).startOffset() >= startOffset) {
      return;
    }
    List<Entry> changed = new ArrayList<>(all.subList(keep, all.size()));
    changed.set(0, new Entry(changed.getFirst().epoch(), startOffset));
    entries = List.copyOf(changed);
  }

  void clear() {
    entries = List.of();
  }

  /// The content of Kafka's `leader-epoch-checkpoint`: version, number of entries, entries.
  String toText() {
    List<Entry> all = entries;
    StringBuilder text = new StringBuilder("0\n").append(all.size()).append('\n');
    for (Entry entry : all) {
      text.append(entry.epoch()).append(' ').append(entry.startOffset()).append('\n');
    }
    return text.toString();
  }
}
