package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The files in a partition's directory, as recovery finds them, and what it does to them.
final class LogFiles {
  private final Disk disk;
  private final Path directory;
  private final List<Long> segments = new ArrayList<>();
  private final List<Long> snapshots = new ArrayList<>();
  private final List<String> setAside = new ArrayList<>();
  private boolean hadLeftovers;
  private boolean hadSwap;

  private LogFiles(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /// Lists a directory, and removes what interrupted deletions and replacements left behind.
  static LogFiles in(Disk disk, Path directory) throws IOException {
    LogFiles files = new LogFiles(disk, directory);
    List<String> names = disk.list(directory);
    for (String name : names) {
      files.take(name);
    }
    for (String name : names) {
      files.removeIfOrphan(name);
    }
    return files;
  }

  /// Lists a directory that is in use, and changes nothing.
  static LogFiles listed(Disk disk, Path directory) throws IOException {
    LogFiles files = new LogFiles(disk, directory);
    for (String name : disk.list(directory)) {
      LogNames.offset(name, LogNames.LOG).ifPresent(files.segments::add);
      LogNames.offset(name, LogNames.SNAPSHOT).ifPresent(files.snapshots::add);
    }
    return files;
  }

  private void take(String name) throws IOException {
    LogNames.offset(name, LogNames.LOG).ifPresent(segments::add);
    LogNames.offset(name, LogNames.SNAPSHOT).ifPresent(snapshots::add);
    if (name.endsWith(LogNames.DELETED)
        || name.endsWith(LogNames.TEMPORARY)
        || name.endsWith(LogNames.CLEANED)) {
      disk.delete(directory.resolve(name));
      hadLeftovers = true;
    } else if (name.endsWith(LogNames.SWAP)) {
      setAside(name);
      hadSwap = true;
    }
  }

  /// An index whose segment is not there belongs to nothing.
  private void removeIfOrphan(String name) throws IOException {
    for (String suffix :
        List.of(LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.TRANSACTION_INDEX)) {
      Long offset = LogNames.offset(name, suffix).orElse(null);
      if (offset != null && !segments.contains(offset)) {
        disk.delete(directory.resolve(name));
        hadLeftovers = true;
      }
    }
  }

  /// Base offsets of the segments, ascending.
  List<Long> segments() {
    return Collections.unmodifiableList(segments);
  }

  /// Offsets of the producer snapshots, ascending.
  List<Long> snapshots() {
    return Collections.unmodifiableList(snapshots);
  }

  boolean hadLeftovers() {
    return hadLeftovers;
  }

  boolean hadSwap() {
    return hadSwap;
  }

  /// The new names of what was set aside.
  List<String> setAside() {
    return setAside;
  }

  /// The size of a file, 0 if it is missing.
  static int sizeOf(Disk disk, Path path) throws IOException {
    try {
      return (int) Math.min(Integer.MAX_VALUE, disk.size(path));
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  int segmentSize(long baseOffset) throws IOException {
    return sizeOf(disk, directory.resolve(LogNames.file(baseOffset, LogNames.LOG)));
  }

  /// Renames the files of a segment so that nothing touches them any more. Returns the new path of
  /// its data.
  Path quarantine(long baseOffset) throws IOException {
    for (String suffix :
        List.of(LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.TRANSACTION_INDEX)) {
      String name = LogNames.file(baseOffset, suffix);
      if (disk.exists(directory.resolve(name))) {
        setAside(name);
      }
    }
    segments.remove((Long) baseOffset);
    return setAside(LogNames.file(baseOffset, LogNames.LOG));
  }

  /// Renames one file to `<name>.quarantined`, or the like if that name is taken.
  private Path setAside(String name) throws IOException {
    String newName = name + LogNames.QUARANTINED;
    for (int i = 1; disk.exists(directory.resolve(newName)); i++) {
      newName = name + LogNames.QUARANTINED + "." + i;
    }
    Path target = directory.resolve(newName);
    disk.rename(directory.resolve(name), target);
    setAside.add(newName);
    return target;
  }

  /// Removes the files of a segment that holds nothing.
  void remove(long baseOffset) throws IOException {
    for (String suffix :
        List.of(
            LogNames.LOG, LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.TRANSACTION_INDEX)) {
      disk.delete(directory.resolve(LogNames.file(baseOffset, suffix)));
    }
    segments.remove((Long) baseOffset);
  }

  /// Returns whether there were any.
  boolean removeSnapshotsAbove(long endOffset) throws IOException {
    int before = snapshots.size();
    for (Long offset : List.copyOf(snapshots)) {
      if (offset > endOffset) {
        disk.delete(ProducerSnapshot.path(directory, offset));
        snapshots.remove(offset);
      }
    }
    return snapshots.size() < before;
  }
}
