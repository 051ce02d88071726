package io.millrace.host.jdk;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.millrace.host.Disk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The file systems of this machine.
final class JdkDisk implements Disk {
  /// The lock files that this process holds. The table is per process because POSIX locks are:
  /// closing any descriptor of a file drops the process's lock on it, so a second attempt must be
  /// turned down before it opens the file.
  private static final Set<Path> HELD_LOCKS = ConcurrentHashMap.newKeySet();

  @Override
  public File open(Path path, OpenMode mode) throws IOException {
    return switch (mode) {
      case EXISTING -> open(path, READ, WRITE);
      case CREATE_NEW -> open(path, READ, WRITE, CREATE_NEW);
      case CREATE_IF_MISSING -> open(path, READ, WRITE, CREATE);
    };
  }

  @Override
  public File openReadOnly(Path path) throws IOException {
    return open(path, READ);
  }

  private File open(Path path, OpenOption... options) throws IOException {
    return new JdkFile(path, FileChannel.open(path, options));
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the mapping owns the arena
  public Mapping map(Path path, long size) throws IOException {
    JdkTask task = JdkTask.raise();
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, READ, WRITE, CREATE)) {
      return new JdkMapping(arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena));
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public long size(Path path) throws IOException {
    return Files.size(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    JdkTask task = JdkTask.raise();
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public Space space(Path path) throws IOException {
    FileStore store = Files.getFileStore(path);
    return new Space(store.getUsableSpace(), store.getTotalSpace());
  }

  @Override
  public Optional<Lock> tryLock(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path directory = absolute.getParent();
    Path name = absolute.getFileName();
    if (directory == null || name == null) {
      throw new IOException("not a file that could be locked: " + path);
    }
    Path key = directory.toRealPath().resolve(name);
    if (!HELD_LOCKS.add(key)) {
      return Optional.empty();
    }
    boolean held = false;
    JdkTask task = JdkTask.raise();
    try {
      FileChannel channel = FileChannel.open(key, WRITE, CREATE);
      try {
        held = lock(channel) != null;
      } finally {
        if (!held) {
          channel.close();
        }
      }
      return held ? Optional.of(new HeldLock(key, channel)) : Optional.empty();
    } finally {
      JdkTask.lower(task);
      if (!held) {
        HELD_LOCKS.remove(key);
      }
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by code of this process that does not go through this class
    }
  }

  private record HeldLock(Path key, FileChannel channel) implements Lock {
    @Override
    public void close() throws IOException {
      if (channel.isOpen()) {
        channel.close();
        HELD_LOCKS.remove(key);
      }
    }
  }
}
