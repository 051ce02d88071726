package io.millrace.simulator;

import io.millrace.host.Disk;
import io.millrace.simulator.Inode.FileInode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;

/// An open file of a simulated disk.
final class SimulatedFile implements Disk.File {
  private final SimulatedDisk disk;
  private final FileInode inode;
  private final String name;
  private final boolean readOnly;
  private final int generation;
  private boolean closed;

  SimulatedFile(
      SimulatedDisk disk, FileInode inode, String name, boolean readOnly, int generation) {
    this.disk = disk;
    this.inode = inode;
    this.name = name;
    this.readOnly = readOnly;
    this.generation = generation;
    inode.opened();
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    checkPosition(position);
    disk.mayYield();
    checkOpen();
    int count = inode.bytes().read(target, position);
    disk.trace("read", name, count);
    return count;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    checkPosition(position);
    disk.mayYield();
    checkWritable();
    disk.trace("write", name, Trace.fingerprint(source) ^ position);
    ByteBuffer written = source.duplicate();
    try {
      inode.bytes().write(source, position);
    } finally {
      SimulatedMapping mapping = inode.mapping();
      if (mapping != null) {
        mapping.written(written.limit(source.position()), position);
      }
    }
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return inode.bytes().size();
  }

  @Override
  public void truncate(long size) throws IOException {
    disk.mayYield();
    checkWritable();
    disk.trace("truncate", name, size);
    inode.bytes().truncate(size);
    SimulatedMapping mapping = inode.mapping();
    if (mapping != null) {
      mapping.truncated(size);
    }
  }

  @Override
  public void force() throws IOException {
    checkOpen();
    disk.force(name, () -> inode.bytes().force());
  }

  @Override
  public void close() {
    if (!closed && disk.isAlive(generation)) {
      closed = true;
      inode.closed();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    disk.checkAlive(generation);
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (readOnly) {
      throw new NonWritableChannelException();
    }
  }

  private static void checkPosition(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("negative position " + position);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
