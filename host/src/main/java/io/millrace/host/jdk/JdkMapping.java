package io.millrace.host.jdk;

import io.millrace.host.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/// A mapped segment and the arena that unmaps it.
final class JdkMapping implements Disk.Mapping {
  private final Arena arena;
  private final MemorySegment segment;
  private final ByteBuffer bytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  JdkMapping(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
    this.bytes = segment.asByteBuffer();
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void force() throws IOException {
    try {
      segment.force();
    } catch (UncheckedIOException e) {
      throw new IOException("cannot force a mapped file: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
    }
  }
}
