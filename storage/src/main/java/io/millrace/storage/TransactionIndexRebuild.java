package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes the transaction indexes of a log anew while it is in use, from its batches. Called under
/// the lock of the log. Readers see the old index of a segment or the new one, whole.
final class TransactionIndexRebuild {
  private final Disk disk;
  private final Path directory;
  private final long nowMs;

  TransactionIndexRebuild(Disk disk, Path directory, long nowMs) {
    this.disk = disk;
    this.directory = directory;
    this.nowMs = nowMs;
  }

  /// Rebuilds those from segment number `first` on.
  void run(Segment[] all, int first) throws IOException {
    Map<Long, List<EndedTransaction>> aborted = new LinkedHashMap<>();
    ProducerReplay replay =
        new ProducerReplay(
                disk, directory, List.of(all), nowMs, new ProducerStates(Integer.MAX_VALUE))
            .load(LogFiles.listed(disk, directory), all[first].baseOffset());
    replay.run(
        (segment, transaction) ->
            aborted
                .computeIfAbsent(segment.baseOffset(), base -> new ArrayList<>())
                .add(transaction));
    Segment unreadable = replay.unreadable();
    if (unreadable != null) {
      throw new IOException(directory + ": a batch of " + unreadable + " is damaged");
    }
    for (int i = first; i < all.length; i++) {
      Segment segment = all[i];
      segment.transactionIndex().file().delete();
      TransactionIndex rebuilt = new TransactionIndex(disk, directory, segment.baseOffset(), 0);
      for (EndedTransaction transaction : aborted.getOrDefault(segment.baseOffset(), List.of())) {
        rebuilt.append(transaction);
      }
      rebuilt.file().writePending();
      segment.replaceTransactionIndex(rebuilt);
    }
  }
}
