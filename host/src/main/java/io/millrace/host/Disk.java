package io.millrace.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Files. Paths are absolute or relative to the process; the simulator treats them as names.
///
/// Two barriers are separate, as on a real file system: [File#force] makes the bytes of a file
/// durable, [#forceDirectory] the names in a directory.
public interface Disk {
  /// Opens a file for reading and writing.
  ///
  /// Throws `NoSuchFileException` (for [OpenMode#EXISTING]), `FileAlreadyExistsException` (for
  /// [OpenMode#CREATE_NEW]), `AccessDeniedException` and other IO errors.
  File open(Path path, OpenMode mode) throws IOException;

  /// Opens a file for reading only.
  File openReadOnly(Path path) throws IOException;

  /// Maps the first `size` bytes of a file for reading and writing; the file is created, and
  /// extended with zeros if it is shorter.
  Mapping map(Path path, long size) throws IOException;

  boolean exists(Path path) throws IOException;

  boolean isDirectory(Path path) throws IOException;

  /// The size of a file in bytes.
  long size(Path path) throws IOException;

  /// The file names (without directory) in a directory, sorted.
  List<String> list(Path directory) throws IOException;

  /// Creates a directory and its missing parents.
  void createDirectories(Path directory) throws IOException;

  /// Renames a file or directory, atomically, replacing a file that has the new name.
  void rename(Path from, Path to) throws IOException;

  /// Deletes a file or an empty directory; nothing happens if it does not exist.
  void delete(Path path) throws IOException;

  /// Makes creations, renames and deletions in a directory durable.
  void forceDirectory(Path directory) throws IOException;

  /// Bytes that can still be written to the file system that holds `path`, and its size.
  Space space(Path path) throws IOException;

  /// Takes the lock file `path` for this process, creating it if need be. Empty if another process
  /// (or another node of this one) holds it.
  Optional<Lock> tryLock(Path path) throws IOException;

  /// How [#open] treats what is or is not there.
  enum OpenMode {
    EXISTING,
    CREATE_NEW,
    CREATE_IF_MISSING
  }

  /// An open file. Positions are byte positions from the start. Safe for use by several tasks at
  /// once.
  interface File extends Closeable {
    /// Reads into the rest of `target` from `position`, stopping at the end of the file. Returns
    /// the number of bytes read, which is smaller than what `target` had room for only at the end
    /// of file; -1 if `position` is at or beyond the end.
    int read(ByteBuffer target, long position) throws IOException;

    /// Writes all of `source` at `position`.
    void write(ByteBuffer source, long position) throws IOException;

    long size() throws IOException;

    /// Cuts the file off at `size` bytes.
    void truncate(long size) throws IOException;

    /// Makes what was written durable. After this has thrown, what the disk holds is unknown: the
    /// owner must not try again but give up the log directory.
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }

  /// Part of a file mapped into memory.
  interface Mapping extends Closeable {
    /// The mapped bytes, big-endian. Not to be touched after [#close].
    ByteBuffer bytes();

    /// Makes the mapped bytes durable.
    void force() throws IOException;

    /// Unmaps at once. The caller makes sure that nobody uses the bytes any more.
    @Override
    void close();
  }

  /// A lock file that is held.
  interface Lock extends Closeable {
    @Override
    void close() throws IOException;
  }

  /// Free and total bytes of a file system.
  record Space(long usableBytes, long totalBytes) {}
}
