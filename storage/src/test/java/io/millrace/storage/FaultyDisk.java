package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A disk that fails when told to.
final class FaultyDisk implements Disk {
  private final Disk disk;
  volatile boolean failsForce;
  volatile boolean failsWrite;
  final AtomicInteger forces = new AtomicInteger();

  FaultyDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public File open(Path path, OpenMode mode) throws IOException {
    return new FaultyFile(disk.open(path, mode));
  }

  @Override
  public File openReadOnly(Path path) throws IOException {
    return disk.openReadOnly(path);
  }

  @Override
  public Mapping map(Path path, long size) throws IOException {
    return disk.map(path, size);
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return disk.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) throws IOException {
    return disk.isDirectory(path);
  }

  @Override
  public long size(Path path) throws IOException {
    return disk.size(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    disk.forceDirectory(directory);
  }

  @Override
  public Space space(Path path) throws IOException {
    return disk.space(path);
  }

  @Override
  public Optional<Lock> tryLock(Path path) throws IOException {
    return disk.tryLock(path);
  }

  private final class FaultyFile implements File {
    private final File file;

    FaultyFile(File file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      if (failsWrite) {
        throw new IOException("No space left on device");
      }
      file.write(source, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void force() throws IOException {
      forces.incrementAndGet();
      if (failsForce) {
        throw new IOException("Input/output error");
      }
      file.force();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
