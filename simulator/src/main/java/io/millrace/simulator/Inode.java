package io.millrace.simulator;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a name in the simulated file system stands for.
sealed interface Inode {

  /// A file. It takes room as long as it has a name or is open.
  final class FileInode implements Inode {
    private final DiskBudget budget;
    private final PagedBytes bytes;
    private @Nullable SimulatedMapping mapping;
    private boolean named = true;
    private int opens;

    FileInode(DiskBudget budget) {
      this.budget = budget;
      this.bytes = new PagedBytes(budget);
    }

    /// The content, with what was written through a mapping.
    PagedBytes bytes() {
      if (mapping != null) {
        mapping.flushInto(bytes);
      }
      return bytes;
    }

    @Nullable SimulatedMapping mapping() {
      return mapping;
    }

    void setMapping(@Nullable SimulatedMapping mapping) {
      this.mapping = mapping;
    }

    void opened() {
      opens++;
    }

    void closed() {
      opens--;
      releaseIfUnused();
    }

    void unnamed() {
      named = false;
      releaseIfUnused();
    }

    private void releaseIfUnused() {
      if (!named && opens == 0) {
        bytes.truncate(0);
      }
    }

    /// The process that had the file open is gone. The budget is counted anew.
    void processDied() {
      bytes();
      mapping = null;
      opens = 0;
      budget.take(bytes.allocatedBytes());
    }

    /// Only what is durable is left. The file has a name, else it would not have been found. The
    /// budget is counted anew.
    void crash() {
      mapping = null;
      opens = 0;
      named = true;
      bytes.revert();
      budget.take(bytes.allocatedBytes());
    }
  }

  /// A directory: the names in it now, and those that a crash would leave.
  final class DirectoryInode implements Inode {
    private final TreeMap<String, Inode> names = new TreeMap<>();
    private final TreeMap<String, Inode> durableNames = new TreeMap<>();

    /// Directories between which and this one something was moved since the last force: a move is
    /// one transaction of the file system, so that what makes one end of it durable does both.
    private final LinkedHashSet<DirectoryInode> movedBetween = new LinkedHashSet<>();

    Map<String, Inode> names() {
      return names;
    }

    void movedTo(DirectoryInode other) {
      if (other != this) {
        movedBetween.add(other);
        other.movedBetween.add(this);
      }
    }

    void force() {
      durableNames.clear();
      durableNames.putAll(names);
      while (!movedBetween.isEmpty()) {
        DirectoryInode other = movedBetween.removeFirst();
        other.movedBetween.remove(this);
        other.force();
      }
    }

    void crash() {
      names.clear();
      names.putAll(durableNames);
      movedBetween.clear();
      for (Inode inode : names.values()) {
        switch (inode) {
          case FileInode file -> file.crash();
          case DirectoryInode directory -> directory.crash();
        }
      }
    }
  }
}
