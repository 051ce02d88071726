package io.millrace.broker.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The memory that requests in flight may use together, as direct buffers that are used again.
///
/// When it is used up, [#acquire] waits: the connection is not read from, and TCP holds the client
/// back. A single request larger than all of it is let through while nothing else is held, and one
/// request at a time may go on growing beyond it: were all growing requests to wait, none would
/// ever be complete.
///
/// Buffers come in sizes of powers of two; those up to [#LARGEST_KEPT] are kept for the next
/// request, at most [#KEPT_BYTES] of them.
public final class RequestMemory {
  private static final int SMALLEST = 16 * 1024;
  private static final int LARGEST_KEPT = 2 * 1024 * 1024;
  private static final long KEPT_BYTES = 16L * 1024 * 1024;
  private static final int CLASSES = 32;

  private final long capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();

  @GuardedBy("lock")
  private final ArrayDeque<ByteBuffer>[] kept;

  @GuardedBy("lock")
  private long keptBytes;

  @GuardedBy("lock")
  private long heldBytes;

  /// The one buffer that grew although memory was used up.
  @GuardedBy("lock")
  private @Nullable ByteBuffer overdraft;

  /// `capacity` in bytes.
  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generics
  public RequestMemory(long capacity) {
    this.capacity = capacity;
    this.kept = new ArrayDeque[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      kept[i] = new ArrayDeque<>();
    }
  }

  /// Waits for memory and returns a cleared buffer of at least `size` bytes.
  public ByteBuffer acquire(int size) throws InterruptedException {
    int sizeClass = sizeClass(size);
    lock.lock();
    try {
      while (heldBytes > 0 && heldBytes + (1L << sizeClass) > capacity) {
        released.await();
      }
      return take(sizeClass);
    } finally {
      lock.unlock();
    }
  }

  /// Exchanges a full buffer for one of at least `size` bytes that begins with the same bytes;
  /// waits if memory is used up and another request is growing already.
  @SuppressWarnings("ReferenceEquality") // which buffer it is matters, not what is in it
  public ByteBuffer grow(ByteBuffer full, int size) throws InterruptedException {
    int sizeClass = sizeClass(size);
    ByteBuffer larger;
    lock.lock();
    try {
      while (heldBytes + (1L << sizeClass) > capacity && overdraft != null && overdraft != full) {
        released.await();
      }
      boolean isOver = heldBytes + (1L << sizeClass) > capacity;
      larger = take(sizeClass);
      if (isOver) {
        overdraft = larger;
      }
    } finally {
      lock.unlock();
    }
    larger.put(full.flip());
    release(full);
    return larger;
  }

  /// Gives back a buffer from [#acquire] or [#grow].
  @SuppressWarnings("ReferenceEquality") // as in grow
  public void release(ByteBuffer buffer) {
    int bytes = buffer.capacity();
    lock.lock();
    try {
      heldBytes -= bytes;
      if (buffer == overdraft) {
        overdraft = null;
      }
      if (bytes <= LARGEST_KEPT && keptBytes + bytes <= KEPT_BYTES) {
        kept[sizeClass(bytes)].push(buffer);
        keptBytes += bytes;
      }
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Bytes that requests hold now.
  public long heldBytes() {
    lock.lock();
    try {
      return heldBytes;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private ByteBuffer take(int sizeClass) {
    int bytes = 1 << sizeClass;
    heldBytes += bytes;
    ByteBuffer buffer = kept[sizeClass].poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(bytes);
    }
    keptBytes -= bytes;
    return buffer.clear();
  }

  private static int sizeClass(int size) {
    if (size > 1 << 30) {
      throw new IllegalArgumentException("a request of " + size + " bytes is over 1 GiB");
    }
    return Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(size, SMALLEST) - 1);
  }
}
