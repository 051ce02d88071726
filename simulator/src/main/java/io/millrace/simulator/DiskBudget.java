package io.millrace.simulator;

import java.io.IOException;

/// How much room a disk has, and how much of it is used.
final class DiskBudget {
  private long capacity = 1L << 40;
  private long used;

  void setCapacity(long bytes) {
    capacity = bytes;
  }

  long capacity() {
    return capacity;
  }

  long usable() {
    return Math.max(0, capacity - used);
  }

  void requireRoomFor(long bytes) throws IOException {
    if (bytes > usable()) {
      throw new IOException("No space left on device");
    }
  }

  /// Takes room whether there is any or not: a write to a mapped hole cannot be turned down.
  void take(long bytes) {
    used += bytes;
  }

  void release(long bytes) {
    used -= bytes;
  }

  void reset() {
    used = 0;
  }
}
