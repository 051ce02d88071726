package io.millrace.metadata;

import io.millrace.host.Clock;
import io.millrace.host.Disk;
import io.millrace.host.Host;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.BatchStatus;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The metadata log of a cluster of one node: files in directory `__cluster_metadata-0` of the log
/// directory, in Kafka's format, so that `kafka-dump-log --cluster-metadata-decoder` reads them.
///
/// `<base offset>.log` holds record batches, one per append. An append is written at once and
/// forced to disk before it counts as committed, and the next one begins after that; so a crash can
/// leave at most one batch unfinished, at the end. `<end offset>-<epoch>.checkpoint` is a snapshot
/// of everything below its end offset. It is complete under that name (written under another,
/// forced, renamed); the log goes on in a new file after it, and older files are deleted.
///
/// At the start:
///
/// A. nothing is there: an empty log begins. B. the last log file ends with bytes that are no
/// intact batch, and no intact batch follows: an append that was cut short, and never acknowledged.
/// They are cut off. C. there is such a place with an intact batch after it, or in a file that is
/// not the last, or the offsets do not go on where the batch before ended: damage. The node does
/// not start. D. the log begins after the end of the snapshot, or without one not at offset 0: a
/// file is missing. The node does not start. E. the snapshot is not intact or has no end: damage.
/// The node does not start. F. a file of a snapshot that was not finished, or files older than the
/// snapshot: deleted.
///
/// What was read is forced to disk before it is used: after a crash it may have been in the page
/// cache only. Each start begins a new leader epoch. A failed write or force is final: the log
/// refuses every append after it.
public final class LocalMetadataLog implements MetadataLog {
  /// The directory, named like that of a partition.
  public static final TopicPartition PARTITION = new TopicPartition(TopicNames.CLUSTER_METADATA, 0);

  private static final String LOG_SUFFIX = ".log";
  private static final String SNAPSHOT_SUFFIX = ".checkpoint";
  private static final String UNFINISHED_SUFFIX = ".checkpoint.part";
  private static final int SNAPSHOT_BATCH_RECORDS = 2_000;

  private final Disk disk;
  private final Clock clock;
  private final Path logDirectory;
  private final Path directory;
  private final long bytesBetweenSnapshots;

  private Disk.@Nullable File file;
  private @Nullable Follower follower;
  private long position;
  private long nextOffset;
  private int epoch;
  private long bytesSinceSnapshot;
  private boolean isFailed;

  /// A log that is read by [#follow].
  ///
  /// @param logDirectory the directory of the data, which this process has locked
  /// @param bytesBetweenSnapshots bytes of log after which a snapshot is due, at least 1
  public LocalMetadataLog(Host host, Path logDirectory, long bytesBetweenSnapshots) {
    this.disk = host.disk();
    this.clock = host.clock();
    this.logDirectory = logDirectory;
    this.directory = logDirectory.resolve(PARTITION.toString());
    this.bytesBetweenSnapshots = bytesBetweenSnapshots;
  }

  @Override
  public void follow(Follower newFollower) throws IOException {
    follower = newFollower;
    disk.createDirectories(directory);
    List<Long> logs = new ArrayList<>();
    List<String> snapshots = new ArrayList<>();
    for (String name : disk.list(directory)) {
      if (name.endsWith(UNFINISHED_SUFFIX)) {
        disk.delete(directory.resolve(name)); // F
      } else if (name.matches("\\d{20}\\.log")) {
        logs.add(Long.parseLong(name.substring(0, 20)));
      } else if (name.matches("\\d{20}-\\d{10}\\.checkpoint")) {
        snapshots.add(name);
      }
    }
    if (logs.isEmpty() && snapshots.isEmpty()) {
      // The directory itself is new, and would be gone with everything in it after a crash.
      disk.forceDirectory(logDirectory);
    }
    if (!snapshots.isEmpty()) {
      loadSnapshot(snapshots.getLast());
    }
    long snapshotEnd = nextOffset;
    loadLogs(logs);
    deleteOlder(logs, snapshots, snapshotEnd);
    epoch++;
    newFollower.onLeading(epoch);
  }

  private void loadSnapshot(String name) throws IOException {
    Path path = directory.resolve(name);
    long end = Long.parseLong(name.substring(0, 20));
    int snapshotEpoch = Integer.parseInt(name.substring(21, 31));
    List<MetadataRecord> records = new ArrayList<>();
    boolean isComplete = false;
    BatchCursor batches = RecordBatches.over(readAll(path));
    while (batches.next() && batches.isCrcValid()) {
      records.addAll(MetadataBatches.records(path, batches));
      isComplete = MetadataBatches.isSnapshotFooter(batches);
    }
    if (!isComplete || batches.position() < batches.buffer().limit()) {
      throw new MetadataLogException( // E
          "%s is damaged at byte %d. Restore the file from a copy of the directory"
              .formatted(path, batches.position()));
    }
    nextOffset = end;
    epoch = snapshotEpoch;
    Objects.requireNonNull(follower).onSnapshot(end - 1, snapshotEpoch, records);
  }

  private void loadLogs(List<Long> baseOffsets) throws IOException {
    long snapshotEnd = nextOffset;
    if (!baseOffsets.isEmpty() && baseOffsets.getFirst() > snapshotEnd) {
      throw new MetadataLogException( // D
          "%s: the records from offset %d to %d are missing. Restore the files from a copy of the"
                  .formatted(directory, snapshotEnd, baseOffsets.getFirst() - 1)
              + " directory");
    }
    long next = baseOffsets.isEmpty() ? snapshotEnd : baseOffsets.getFirst();
    for (int i = 0; i < baseOffsets.size(); i++) {
      if (baseOffsets.get(i) != next) {
        throw damaged(logPath(baseOffsets.get(i)), 0, "begins at the wrong offset");
      }
      boolean isLast = i == baseOffsets.size() - 1;
      next = loadLog(baseOffsets.get(i), isLast, snapshotEnd);
    }
    if (baseOffsets.isEmpty() || next < snapshotEnd) {
      closeFile();
      openNewFile(snapshotEnd); // A, or all of the log is in the snapshot
    } else {
      nextOffset = next;
    }
  }

  /// Reads one file; returns the offset after its last record.
  private long loadLog(long baseOffset, boolean isLast, long snapshotEnd) throws IOException {
    Path path = logPath(baseOffset);
    ByteBuffer bytes = readAll(path);
    BatchCursor batches = RecordBatches.over(bytes);
    long next = baseOffset;
    int end = 0;
    while (batches.next() && batches.isCrcValid()) {
      if (batches.baseOffset() != next) {
        throw damaged(path, end, "offset " + batches.baseOffset() + " follows " + next); // C
      }
      next = batches.nextOffset();
      epoch = Math.max(epoch, batches.partitionLeaderEpoch());
      if (batches.baseOffset() >= snapshotEnd) {
        Objects.requireNonNull(follower)
            .onCommitted(
                batches.baseOffset(),
                batches.partitionLeaderEpoch(),
                MetadataBatches.records(path, batches));
        bytesSinceSnapshot += batches.sizeInBytes();
      }
      end = batches.position() + batches.sizeInBytes();
    }
    if (end < bytes.limit() && (!isLast || hasBatchAfter(bytes, end, next))) {
      throw damaged(path, end, "an intact batch follows"); // C
    }
    if (isLast) {
      Disk.File opened = disk.open(path, Disk.OpenMode.EXISTING);
      if (end < bytes.limit()) {
        opened.truncate(end); // B
      }
      opened.force();
      file = opened;
      position = end;
    }
    return next;
  }

  private static MetadataLogException damaged(Path path, long at, String how) {
    return new MetadataLogException(
        "%s is damaged at byte %d (%s). Restore the file from a copy of the directory"
            .formatted(path, at, how));
  }

  /// Whether an intact batch with a later offset lies anywhere after `from`.
  private static boolean hasBatchAfter(ByteBuffer bytes, int from, long nextOffset) {
    BatchCursor cursor = RecordBatches.over(bytes);
    for (int at = from + 1; at <= bytes.limit() - RecordBatches.HEADER_SIZE; at++) {
      long offset = bytes.getLong(at);
      if (offset >= nextOffset && offset < nextOffset + Integer.MAX_VALUE) {
        if (cursor.moveTo(at) == BatchStatus.COMPLETE && cursor.isCrcValid()) {
          return true;
        }
      }
    }
    return false;
  }

  private void deleteOlder(List<Long> logs, List<String> snapshots, long snapshotEnd)
      throws IOException {
    for (String name : snapshots.subList(0, Math.max(0, snapshots.size() - 1))) {
      disk.delete(directory.resolve(name)); // F
    }
    for (int i = 0; i + 1 < logs.size(); i++) {
      if (logs.get(i + 1) <= snapshotEnd) {
        disk.delete(logPath(logs.get(i))); // F
      }
    }
  }

  @Override
  public long append(int appendEpoch, List<MetadataRecord> records)
      throws IOException, NotLeaderException {
    if (appendEpoch != epoch) {
      throw new NotLeaderException("this node leads in epoch " + epoch + ", not in " + appendEpoch);
    }
    long baseOffset = nextOffset;
    ByteBuffer batch = MetadataBatches.batch(baseOffset, appendEpoch, clock.wallMs(), records);
    int size = batch.remaining();
    write(batch);
    position += size;
    bytesSinceSnapshot += size;
    nextOffset = baseOffset + records.size();
    Objects.requireNonNull(follower).onCommitted(baseOffset, appendEpoch, records);
    return nextOffset - 1;
  }

  private void write(ByteBuffer batch) throws IOException {
    if (isFailed) {
      throw new IOException("an earlier write to " + directory + " failed");
    }
    Disk.File current = Objects.requireNonNull(file, "follow comes before append");
    isFailed = true;
    current.write(batch, position);
    current.force();
    isFailed = false;
  }

  @Override
  public boolean isSnapshotDue() {
    return bytesSinceSnapshot >= bytesBetweenSnapshots;
  }

  @Override
  public void writeSnapshot(long offset, int snapshotEpoch, List<MetadataRecord> records)
      throws IOException {
    String name =
        String.format(Locale.ROOT, "%020d-%010d%s", offset + 1, snapshotEpoch, SNAPSHOT_SUFFIX);
    Path unfinished = directory.resolve(name + ".part");
    try (Disk.File snapshot = disk.open(unfinished, Disk.OpenMode.CREATE_IF_MISSING)) {
      snapshot.truncate(0);
      writeSnapshot(snapshot, snapshotEpoch, records);
      snapshot.force();
    }
    disk.rename(unfinished, directory.resolve(name));
    disk.forceDirectory(directory);
    closeFile();
    openNewFile(nextOffset);
    bytesSinceSnapshot = 0;
    for (String other : disk.list(directory)) {
      boolean isOlder =
          (other.endsWith(SNAPSHOT_SUFFIX) && other.compareTo(name) < 0)
              || (other.endsWith(LOG_SUFFIX) && other.compareTo(logName(nextOffset)) < 0);
      if (isOlder) {
        disk.delete(directory.resolve(other));
      }
    }
  }

  private void writeSnapshot(Disk.File snapshot, int snapshotEpoch, List<MetadataRecord> records)
      throws IOException {
    long nowMs = clock.wallMs();
    long at = append(snapshot, MetadataBatches.snapshotHeader(snapshotEpoch, nowMs), 0);
    for (int from = 0; from < records.size(); from += SNAPSHOT_BATCH_RECORDS) {
      int to = Math.min(records.size(), from + SNAPSHOT_BATCH_RECORDS);
      ByteBuffer batch =
          MetadataBatches.batch(from + 1L, snapshotEpoch, nowMs, records.subList(from, to));
      at = append(snapshot, batch, at);
    }
    append(snapshot, MetadataBatches.snapshotFooter(records.size() + 1L, snapshotEpoch, nowMs), at);
  }

  private static long append(Disk.File target, ByteBuffer bytes, long at) throws IOException {
    int size = bytes.remaining();
    target.write(bytes, at);
    return at + size;
  }

  private void openNewFile(long baseOffset) throws IOException {
    Disk.File opened = disk.open(logPath(baseOffset), Disk.OpenMode.CREATE_IF_MISSING);
    opened.force();
    disk.forceDirectory(directory);
    file = opened;
    position = opened.size();
    nextOffset = baseOffset;
  }

  private ByteBuffer readAll(Path path) throws IOException {
    try (Disk.File opened = disk.openReadOnly(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(opened.size()));
      opened.read(bytes, 0);
      return bytes.flip();
    }
  }

  private Path logPath(long baseOffset) {
    return directory.resolve(logName(baseOffset));
  }

  private static String logName(long baseOffset) {
    return String.format(Locale.ROOT, "%020d%s", baseOffset, LOG_SUFFIX);
  }

  private void closeFile() throws IOException {
    Disk.@Nullable File open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() throws IOException {
    closeFile();
  }
}
