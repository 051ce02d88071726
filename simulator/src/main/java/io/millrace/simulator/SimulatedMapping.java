package io.millrace.simulator;

import io.millrace.host.Disk;
import io.millrace.simulator.Inode.FileInode;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The first bytes of a file in a buffer. Nothing tells when the buffer is written to, so the file
/// takes over what has changed in it before anybody looks at the file.
final class SimulatedMapping implements Disk.Mapping {
  private final SimulatedDisk disk;
  private final FileInode inode;
  private final String name;
  private final int generation;
  private final ByteBuffer bytes;
  private boolean closed;

  SimulatedMapping(SimulatedDisk disk, FileInode inode, String name, int generation, int size) {
    this.disk = disk;
    this.inode = inode;
    this.name = name;
    this.generation = generation;
    this.bytes = ByteBuffer.allocate(size);
    inode.bytes().read(bytes.duplicate(), 0);
    inode.opened();
    inode.setMapping(this);
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void force() throws IOException {
    disk.checkAlive(generation);
    disk.force(name, () -> inode.bytes().force());
  }

  @Override
  public void close() {
    if (closed || !disk.isAlive(generation)) {
      return;
    }
    closed = true;
    inode.bytes();
    inode.setMapping(null);
    inode.closed();
  }

  /// Writes what differs to `content`, page by page; nothing beyond the end of the file.
  void flushInto(PagedBytes content) {
    int end = (int) Math.min(bytes.capacity(), content.size());
    ByteBuffer known = ByteBuffer.allocate(PagedBytes.PAGE_SIZE);
    for (int start = 0; start < end; start += PagedBytes.PAGE_SIZE) {
      int length = Math.min(PagedBytes.PAGE_SIZE, end - start);
      content.read(known.clear().limit(length), start);
      ByteBuffer mapped = bytes.slice(start, length);
      if (!mapped.equals(known.flip())) {
        content.writeMapped(mapped, start);
      }
    }
  }

  /// The file was written to directly: what of that lies in the mapping shows there as well.
  void written(ByteBuffer source, long position) {
    if (position < bytes.capacity()) {
      int length = (int) Math.min(source.remaining(), bytes.capacity() - position);
      bytes.put((int) position, source, source.position(), length);
    }
  }

  void truncated(long size) {
    for (long i = size; i < bytes.capacity(); i++) {
      bytes.put((int) i, (byte) 0);
    }
  }
}
