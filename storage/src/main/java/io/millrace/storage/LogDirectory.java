package io.millrace.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.host.Disk;
import io.millrace.host.Host;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A directory of partition logs, which belongs to one node: the only way to get at logs.
///
/// It owns the lock file, the flusher, the background job ([Housekeeping]) and the checkpoint from
/// which the logs are opened after a restart ([DirectoryCheckpoint]). Safe for use by many tasks.
public final class LogDirectory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);
  private static final String LOCK_FILE = ".lock";

  private final Host host;
  private final Path path;
  private final LogDirectoryOptions options;
  private final MetaProperties meta;
  private final Disk.Lock directoryLock;
  private final Flusher flusher;
  private final Deletions deletions;
  private final Housekeeping housekeeping;
  private final LogLoader loader;
  private final DirectoryFailure failure;
  private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();

  /// States of logs that the last checkpoint knows and that have not been opened yet.
  @GuardedBy("lock")
  private final TreeMap<TopicPartition, LogState> unopened = new TreeMap<>();

  /// Logs that are being opened.
  @GuardedBy("lock")
  private final Set<TopicPartition> opening = new HashSet<>();

  @GuardedBy("lock")
  private boolean isClosed;

  /// Held while a checkpoint is written; taken before the lock of any log.
  private final ReentrantLock checkpointLock = new ReentrantLock();

  @GuardedBy("checkpointLock")
  private long generation;

  /// Held while the names of partitions' directories are made durable.
  private final ReentrantLock namesLock = new ReentrantLock();

  /// Directories that were made so far, and how many of them had been when their names were last
  /// made durable.
  private final AtomicLong directoriesMade = new AtomicLong();

  @GuardedBy("namesLock")
  private long directoriesForced;

  private volatile boolean hasChanged;

  private LogDirectory(
      Host host,
      Path path,
      LogDirectoryOptions options,
      MetaProperties meta,
      Disk.Lock directoryLock,
      Optional<DirectoryCheckpoint.Content> checkpoint,
      Map<TopicPartition, Long> foreignStartOffsets) {
    this.host = host;
    this.path = path;
    this.options = options;
    this.meta = meta;
    this.directoryLock = directoryLock;
    this.failure = new DirectoryFailure(path, host.tasks());
    this.loader = new LogLoader(this, foreignStartOffsets);
    this.generation = checkpoint.map(DirectoryCheckpoint.Content::generation).orElse(0L);
    checkpoint.ifPresent(
        content -> content.logs().forEach(state -> unopened.put(state.partition(), state)));
    this.flusher = new Flusher(host.clock(), host.tasks());
    this.deletions = new Deletions(host);
    this.housekeeping = new Housekeeping(host, this, options);
  }

  /// Locks the directory, reads `meta.properties` or formats a directory that is new, and starts
  /// the flusher and the background job. No log is opened yet.
  ///
  /// Throws [LogDirectoryException], with a message for the operator, if the directory cannot be
  /// used.
  public static LogDirectory open(Host host, Path path, LogDirectoryOptions options)
      throws IOException {
    Disk disk = host.disk();
    try {
      createDurably(disk, path);
    } catch (FileSystemException e) {
      throw new LogDirectoryException(
          "cannot use " + path + " as a log directory: " + e.getMessage(), e);
    }
    Disk.Lock held = lock(disk, path);
    try {
      MetaProperties meta = MetaProperties.readOrFormat(disk, host.entropy(), path, options);
      Optional<DirectoryCheckpoint.Content> checkpoint = readCheckpoint(disk, path);
      Map<TopicPartition, Long> startOffsets =
          checkpoint.isPresent()
              ? Map.of()
              : OffsetCheckpoint.read(disk, path, OffsetCheckpoint.LOG_START_OFFSETS)
                  .orElse(Map.of());
      LogDirectory directory =
          new LogDirectory(host, path, options, meta, held, checkpoint, startOffsets);
      directory.begin();
      return directory;
    } catch (IOException | RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /// Creates a directory and those above it that are missing, and makes their names durable.
  private static void createDurably(Disk disk, Path path) throws IOException {
    List<Path> parents = new ArrayList<>();
    Path missing = path.toAbsolutePath();
    while (!disk.exists(missing)) {
      Path parent = SmallFile.directoryOf(missing);
      parents.add(parent);
      missing = parent;
    }
    disk.createDirectories(path);
    for (Path parent : parents.reversed()) {
      disk.forceDirectory(parent);
    }
  }

  private static Disk.Lock lock(Disk disk, Path path) throws IOException {
    Optional<Disk.Lock> held;
    try {
      held = disk.tryLock(path.resolve(LOCK_FILE));
    } catch (FileSystemException e) {
      throw new LogDirectoryException(
          "cannot write to the log directory " + path + ": " + e.getMessage(), e);
    }
    return held.orElseThrow(
        () ->
            new LogDirectoryException(
                "the log directory "
                    + path
                    + " is in use by another process: stop that one, or use another directory"));
  }

  private static Optional<DirectoryCheckpoint.Content> readCheckpoint(Disk disk, Path path)
      throws IOException {
    Optional<DirectoryCheckpoint.Content> content = DirectoryCheckpoint.read(disk, path);
    if (content.isEmpty() && disk.exists(path.resolve(DirectoryCheckpoint.FILE))) {
      LOG.warn(
          "{} is damaged and is not used: all logs in it are read in full",
          path.resolve(DirectoryCheckpoint.FILE));
    }
    return content;
  }

  /// From here on the checkpoint must not say any more that logs were closed in order, since they
  /// will be written to.
  private void begin() throws IOException {
    boolean wasClean;
    lock.lock();
    try {
      wasClean = unopened.values().stream().anyMatch(LogState::isExact);
    } finally {
      lock.unlock();
    }
    if (wasClean) {
      writeCheckpoint(List.of());
    }
    // The process before this one may have been killed before it came to that.
    host.disk().forceDirectory(path);
    for (String name : host.disk().list(path)) {
      if (name.endsWith(LogNames.DELETED_DIRECTORY)) {
        deletions.addDirectory(path.resolve(name), 0);
      }
    }
    housekeeping.start();
  }

  public int nodeId() {
    return meta.nodeId();
  }

  public String clusterId() {
    return meta.clusterId();
  }

  public Uuid directoryId() {
    return meta.directoryId();
  }

  public Path path() {
    return path;
  }

  Host host() {
    return host;
  }

  LogDirectoryOptions options() {
    return options;
  }

  Flusher flusher() {
    return flusher;
  }

  Deletions deletions() {
    return deletions;
  }

  /// Whether a write or fsync has failed: nothing is written here any more.
  public boolean isFailed() {
    return failure.hasHappened();
  }

  void ensureNotFailed() throws LogDirectoryFailedException {
    failure.throwIfHappened();
  }

  /// Takes the directory offline. Returns what is to be thrown.
  LogDirectoryFailedException fail(IOException cause) {
    return failure.happen(cause);
  }

  /// Has `callback` called when the directory fails; at once if it has.
  public void onFailure(Runnable callback) {
    failure.whenHappened(callback);
  }

  /// Opens the log of a partition, recovering it if need be, or creates it. A directory of that
  /// name that holds another topic's id is set aside first. [Uuid#ZERO] stands for any topic id.
  public PartitionLog openLog(TopicPartition partition, Uuid topicId, LogConfig config)
      throws IOException {
    ensureNotFailed();
    LogState state;
    lock.lock();
    try {
      if (isClosed || logs.containsKey(partition) || !opening.add(partition)) {
        throw new IllegalStateException(
            "the log of " + partition + " is open, or its directory closed");
      }
      state = unopened.get(partition);
    } finally {
      lock.unlock();
    }
    PartitionLog log = null;
    try {
      log = loader.load(partition, topicId, config, state);
    } finally {
      lock.lock();
      try {
        opening.remove(partition);
        if (log != null) {
          unopened.remove(partition);
          logs.put(partition, log);
        }
      } finally {
        lock.unlock();
      }
    }
    hasChanged = true;
    return log;
  }

  public Optional<PartitionLog> log(TopicPartition partition) {
    return Optional.ofNullable(logs.get(partition));
  }

  /// All open logs, in the order of their partitions.
  public List<PartitionLog> logs() {
    List<PartitionLog> all = new ArrayList<>(logs.values());
    all.sort((a, b) -> a.partition().compareTo(b.partition()));
    return Collections.unmodifiableList(all);
  }

  /// Removes a log: its directory is renamed at once, its files go in the background.
  public void deleteLog(TopicPartition partition) throws IOException {
    ensureNotFailed();
    PartitionLog log;
    lock.lock();
    try {
      log = logs.remove(partition);
      unopened.remove(partition);
    } finally {
      lock.unlock();
    }
    if (log != null) {
      log.markClosed();
    }
    Path directory = path.resolve(partition.toString());
    if (!host.disk().exists(directory)) {
      return;
    }
    Path renamed = loader.rename(partition, LogNames.DELETED_DIRECTORY);
    if (log != null) {
      for (Segment segment : log.segments.all()) {
        segment.file().retire();
      }
    }
    deletions.addDirectory(renamed, log == null ? 0 : log.config().fileDeleteDelayMs());
    hasChanged = true;
  }

  /// Renames the directories of partitions that `known` does not accept, so that they are kept but
  /// not in the way.
  public void setAsideStrays(Predicate<TopicPartition> known) throws IOException {
    boolean hasStrays = false;
    for (String name : host.disk().list(path)) {
      Optional<TopicPartition> partition = LogNames.partition(name);
      if (partition.isPresent()
          && !known.test(partition.get())
          && !logs.containsKey(partition.get())
          && host.disk().isDirectory(path.resolve(name))) {
        loader.setAside(partition.get(), "no topic owns it");
        forget(partition.get());
        hasStrays = true;
      }
    }
    if (hasStrays) {
      host.disk().forceDirectory(path);
    }
  }

  private void forget(TopicPartition partition) {
    lock.lock();
    try {
      unopened.remove(partition);
    } finally {
      lock.unlock();
    }
    hasChanged = true;
  }

  /// Notes that a directory for a partition was made, whose name is not durable yet.
  void noteDirectoryMade() {
    directoriesMade.incrementAndGet();
  }

  /// Makes the names of the partitions' directories durable: of all that were made before the call,
  /// at once.
  void forceNames() throws IOException {
    long made = directoriesMade.get();
    namesLock.lock();
    try {
      if (directoriesForced < made) {
        long covered = directoriesMade.get();
        host.disk().forceDirectory(path);
        directoriesForced = covered;
      }
    } finally {
      namesLock.unlock();
    }
  }

  /// Notes that a checkpoint would say something new.
  void noteChanged() {
    hasChanged = true;
  }

  /// Writes a checkpoint if there is something new to say.
  void checkpointIfChanged() throws IOException {
    if (hasChanged) {
      checkpoint();
    }
  }

  /// Writes a checkpoint of all logs; it is durable on return.
  void checkpoint() throws IOException {
    ensureNotFailed();
    checkpointLock.lock();
    try {
      if (isClosed()) {
        return; // closing has written, or will write, a better one
      }
      hasChanged = false;
      List<LogState> states = new ArrayList<>();
      for (PartitionLog log : logs()) {
        LogState state = log.flushes().checkpoint();
        if (state != null) {
          states.add(state);
        }
      }
      writeCheckpoint(states);
    } catch (IOException e) {
      throw fail(e);
    } finally {
      checkpointLock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  private void writeCheckpoint(List<LogState> open) throws IOException {
    checkpointLock.lock();
    try {
      Map<TopicPartition, LogState> states = new TreeMap<>();
      lock.lock();
      try {
        boolean isLast = isClosed;
        unopened.forEach((key, state) -> states.put(key, isLast ? state : state.inexact()));
      } finally {
        lock.unlock();
      }
      open.forEach(state -> states.put(state.partition(), state));
      generation++;
      DirectoryCheckpoint.write(host.disk(), path, generation, states.values());
    } finally {
      checkpointLock.unlock();
    }
  }

  /// Writes Kafka's checkpoints, for Kafka and its tools.
  void writeKafkaCheckpoints() throws IOException {
    TreeMap<TopicPartition, Long> recoveryPoints = new TreeMap<>();
    TreeMap<TopicPartition, Long> startOffsets = new TreeMap<>();
    for (PartitionLog log : logs()) {
      recoveryPoints.put(log.partition(), log.flushedOffset());
      if (log.logStartOffset() > log.segments.first().baseOffset()) {
        startOffsets.put(log.partition(), log.logStartOffset());
      }
    }
    OffsetCheckpoint.write(host.disk(), path, OffsetCheckpoint.RECOVERY_POINTS, recoveryPoints);
    OffsetCheckpoint.write(host.disk(), path, OffsetCheckpoint.LOG_START_OFFSETS, startOffsets);
  }

  /// Closes all logs in order, so that the next start need not read them: all is flushed, and
  /// noted. A directory that has failed is only unlocked.
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
    } finally {
      lock.unlock();
    }
    try {
      housekeeping.stop();
      flusher.stop();
      closeLogs();
    } finally {
      directoryLock.close();
    }
  }

  private void closeLogs() throws IOException {
    Map<TopicPartition, LogState> states = new HashMap<>();
    for (PartitionLog log : logs()) {
      if (!isFailed()) {
        log.markClosed();
        log.flush();
        states.put(log.partition(), log.flushes().close());
      }
      for (Segment segment : log.segments.all()) {
        segment.file().retire();
      }
    }
    if (!isFailed()) {
      writeCheckpoint(List.copyOf(new TreeMap<>(states).values()));
      writeKafkaCheckpoints();
    }
  }
}
