package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Files that are read and written whole: checkpoints, snapshots, properties.
final class SmallFile {
  /// What no file of ours comes near; larger ones are not read.
  private static final long MAX_BYTES = 1L << 30;

  private SmallFile() {}

  /// Replaces a file so that after a crash either the old or the new content is there, durably:
  /// temporary file, fsync, rename, fsync of the directory.
  static void replace(Disk disk, Path path, ByteBuffer content) throws IOException {
    replace(disk, path, content, true);
    disk.forceDirectory(directoryOf(path));
  }

  static void replace(Disk disk, Path path, String content) throws IOException {
    replace(disk, path, bytes(content));
  }

  /// Replaces a file at once for this process and the next, but after a crash of the machine it may
  /// have any content: for files that can be done without, and that tell when they are damaged.
  static void replaceLazily(Disk disk, Path path, ByteBuffer content) throws IOException {
    replace(disk, path, content, false);
  }

  static void replaceLazily(Disk disk, Path path, String content) throws IOException {
    replaceLazily(disk, path, bytes(content));
  }

  private static void replace(Disk disk, Path path, ByteBuffer content, boolean isForced)
      throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + LogNames.TEMPORARY);
    try (Disk.File file = disk.open(temporary, Disk.OpenMode.CREATE_IF_MISSING)) {
      file.truncate(0);
      file.write(content, 0);
      if (isForced) {
        file.force();
      }
    }
    disk.rename(temporary, path);
  }

  private static ByteBuffer bytes(String content) {
    return ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
  }

  /// The content of a file, empty if there is no such file.
  static Optional<ByteBuffer> read(Disk disk, Path path) throws IOException {
    try (Disk.File file = disk.openReadOnly(path)) {
      long size = file.size();
      if (size > MAX_BYTES) {
        throw new IOException(path + " has " + size + " bytes: not a file of a log directory");
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      file.read(content, 0);
      return Optional.of(content.flip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static Optional<String> readText(Disk disk, Path path) throws IOException {
    return read(disk, path).map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString());
  }

  static Path directoryOf(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " names no directory");
    }
    return parent;
  }
}
