package io.millrace.simulator;

import io.millrace.host.Disk;
import io.millrace.simulator.Inode.DirectoryInode;
import io.millrace.simulator.Inode.FileInode;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The file system of a node, in memory. A relative path starts at its root.
///
/// It knows for every file and every directory what is durable and what a crash would take away;
/// today a crash takes everything that was not forced, the strictest of what a real disk may do.
/// Forces take simulated time.
public final class SimulatedDisk implements Disk {
  private final SimulatedHost host;
  private final Scheduler scheduler;
  private final Trace trace;
  private final SplittableRandom random;
  private final DiskBudget budget = new DiskBudget();
  private final DirectoryInode root = new DirectoryInode();
  private final Set<FileInode> locked = new LinkedHashSet<>();

  /// Counts the processes that have used the disk. Files that an earlier one opened are closed.
  private int generation;

  SimulatedDisk(SimulatedHost host, Scheduler scheduler, Trace trace, SplittableRandom random) {
    this.host = host;
    this.scheduler = scheduler;
    this.trace = trace;
    this.random = random;
  }

  /// Sets how many bytes fit on the disk; 1 TiB by default. It may be less than what is on it.
  public void setCapacity(long bytes) {
    budget.setCapacity(bytes);
  }

  @Override
  public File open(Path path, OpenMode mode) throws IOException {
    mayYield();
    Inode found = find(path);
    if (found != null && mode == OpenMode.CREATE_NEW) {
      throw new FileAlreadyExistsException(path.toString());
    }
    FileInode file = found == null && mode != OpenMode.EXISTING ? create(path) : file(path, found);
    trace("open", path, 0);
    return new SimulatedFile(this, file, path.toString(), false, generation);
  }

  @Override
  public File openReadOnly(Path path) throws IOException {
    mayYield();
    FileInode file = file(path, find(path));
    trace("open", path, 1);
    return new SimulatedFile(this, file, path.toString(), true, generation);
  }

  @Override
  public Mapping map(Path path, long size) throws IOException {
    mayYield();
    Inode found = find(path);
    FileInode file = found == null ? create(path) : file(path, found);
    if (file.mapping() != null) {
      throw new UnsupportedOperationException(
          path + " is mapped already: the simulated disk maps a file once at a time");
    }
    trace("map", path, size);
    file.bytes().extend(size);
    return new SimulatedMapping(this, file, path.toString(), generation, Math.toIntExact(size));
  }

  @Override
  public boolean exists(Path path) {
    return find(path) != null;
  }

  @Override
  public boolean isDirectory(Path path) {
    return find(path) instanceof DirectoryInode;
  }

  @Override
  public long size(Path path) throws IOException {
    return file(path, find(path)).bytes().size();
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    mayYield();
    List<String> names = new ArrayList<>(directory(directory).names().keySet());
    trace("list", directory, names.size());
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    mayYield();
    trace("mkdirs", directory, 0);
    DirectoryInode at = root;
    for (Path name : absolute(directory)) {
      Inode next = at.names().get(name.toString());
      if (next == null) {
        next = new DirectoryInode();
        at.names().put(name.toString(), next);
      }
      if (!(next instanceof DirectoryInode nextDirectory)) {
        throw new FileAlreadyExistsException(directory.toString());
      }
      at = nextDirectory;
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    mayYield();
    Inode moved = find(from);
    if (moved == null) {
      throw new NoSuchFileException(from.toString());
    }
    DirectoryInode source = parent(from);
    DirectoryInode target = parent(to);
    Inode replaced = find(to);
    if (replaced == moved) {
      return;
    }
    if (replaced instanceof DirectoryInode occupied
        && (moved instanceof FileInode || !occupied.names().isEmpty())) {
      throw new DirectoryNotEmptyException(to.toString());
    }
    if (replaced instanceof FileInode && moved instanceof DirectoryInode) {
      throw new FileSystemException(from.toString(), to.toString(), "Not a directory");
    }
    if (absolute(to).startsWith(absolute(from))) {
      throw new FileSystemException(from.toString(), to.toString(), "Invalid argument");
    }
    trace("rename", from, to.toString().hashCode());
    if (replaced instanceof FileInode file) {
      file.unnamed();
    }
    source.names().remove(name(from));
    target.names().put(name(to), moved);
    source.movedTo(target);
  }

  @Override
  public void delete(Path path) throws IOException {
    mayYield();
    Inode found = find(path);
    if (found == null) {
      return;
    }
    if (found instanceof DirectoryInode directory && !directory.names().isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    trace("delete", path, 0);
    parent(path).names().remove(name(path));
    if (found instanceof FileInode file) {
      file.unnamed();
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    DirectoryInode forced = directory(directory);
    force(directory.toString(), forced::force);
  }

  @Override
  public Space space(Path path) throws IOException {
    if (find(path) == null) {
      throw new NoSuchFileException(path.toString());
    }
    return new Space(budget.usable(), budget.capacity());
  }

  @Override
  public Optional<Lock> tryLock(Path path) throws IOException {
    mayYield();
    Inode found = find(path);
    FileInode file = found == null ? create(path) : file(path, found);
    boolean taken = locked.add(file);
    trace("lock", path, taken ? 1 : 0);
    return taken ? Optional.of(new HeldLock(file, generation)) : Optional.empty();
  }

  private final class HeldLock implements Lock {
    private final FileInode file;
    private final int process;
    private boolean released;

    HeldLock(FileInode file, int process) {
      this.file = file;
      this.process = process;
    }

    @Override
    public void close() {
      if (!released && isAlive(process)) {
        released = true;
        locked.remove(file);
      }
    }
  }

  /// Makes something durable by `action`, before or after the time that takes: what is written
  /// meanwhile may or may not be included. A cancelled task finishes it all the same.
  void force(String name, Runnable action) throws IOException {
    int process = generation;
    boolean first = random.nextBoolean();
    if (first) {
      action.run();
    }
    scheduler.sleepUninterruptibly(host, forceNanos());
    checkAlive(process);
    if (!first) {
      action.run();
    }
    trace("force", name, first ? 1 : 0);
  }

  /// 0.1 to 0.4 ms mostly; once in a while the disk is busy.
  private long forceNanos() {
    return random.nextInt(50) == 0
        ? random.nextLong(1_000_000, 20_000_000)
        : random.nextLong(100_000, 400_000);
  }

  void mayYield() {
    scheduler.mayYield();
  }

  boolean isAlive(int process) {
    return process == generation;
  }

  void checkAlive(int process) throws IOException {
    if (!isAlive(process)) {
      throw new ClosedChannelException();
    }
  }

  void trace(String operation, String name, long value) {
    trace.add(scheduler.nanos(), operation, name, value);
  }

  private void trace(String operation, Path path, long value) {
    trace(operation, path.toString(), value);
  }

  void processDied() {
    generation++;
    locked.clear();
    budget.reset();
    processDied(root);
  }

  private static void processDied(DirectoryInode directory) {
    for (Inode inode : directory.names().values()) {
      switch (inode) {
        case FileInode file -> file.processDied();
        case DirectoryInode inner -> processDied(inner);
      }
    }
  }

  void crash() {
    generation++;
    locked.clear();
    budget.reset();
    root.crash();
  }

  private @Nullable Inode find(Path path) {
    Inode at = root;
    for (Path name : absolute(path)) {
      if (!(at instanceof DirectoryInode directory)) {
        return null;
      }
      at = directory.names().get(name.toString());
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  private FileInode file(Path path, @Nullable Inode found) throws IOException {
    return switch (found) {
      case null -> throw new NoSuchFileException(path.toString());
      case DirectoryInode _ ->
          throw new FileSystemException(path.toString(), null, "Is a directory");
      case FileInode file -> file;
    };
  }

  private DirectoryInode directory(Path path) throws IOException {
    return switch (find(path)) {
      case null -> throw new NoSuchFileException(path.toString());
      case DirectoryInode directory -> directory;
      case FileInode _ -> throw new NotDirectoryException(path.toString());
    };
  }

  private FileInode create(Path path) throws IOException {
    DirectoryInode parent = parent(path);
    FileInode file = new FileInode(budget);
    parent.names().put(name(path), file);
    trace("create", path, 0);
    return file;
  }

  private DirectoryInode parent(Path path) throws IOException {
    Path parent = absolute(path).getParent();
    if (parent != null && find(parent) instanceof DirectoryInode directory) {
      return directory;
    }
    throw new NoSuchFileException(path.toString());
  }

  private static String name(Path path) throws IOException {
    Path name = absolute(path).getFileName();
    if (name == null) {
      throw new FileSystemException(path.toString(), null, "is the root directory");
    }
    return name.toString();
  }

  private static Path absolute(Path path) {
    return Path.of("/").resolve(path).normalize();
  }
}
