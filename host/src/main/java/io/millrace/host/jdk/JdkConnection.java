package io.millrace.host.jdk;

import io.millrace.host.Disk;
import io.millrace.host.Net;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/// A connected socket in blocking mode.
final class JdkConnection implements Net.Connection {
  /// How much is copied when the socket's buffer is full while a file is sent.
  private static final int COPY_SIZE = 4096;

  /// Room for the bytes of a file that is not one of this host.
  private static final int FOREIGN_COPY_SIZE = 64 * 1024;

  private final SocketChannel channel;
  private final Net.Endpoint remote;

  /// Whether the JDK has put the socket into non-blocking mode underneath, as it does at the first
  /// blocking operation on a virtual thread. Used by the writing task only.
  private boolean prepared;

  JdkConnection(SocketChannel channel, Net.Endpoint remote) {
    this.channel = channel;
    this.remote = remote;
  }

  @Override
  public Net.Endpoint remote() {
    return remote;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    if (sources.length == 1) {
      write(sources[0]);
      return;
    }
    int first = 0;
    while (true) {
      while (first < sources.length && !sources[first].hasRemaining()) {
        first++;
      }
      if (first == sources.length) {
        return;
      }
      channel.write(sources, first, sources.length - first);
    }
  }

  private void write(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  @Override
  public void send(Disk.File file, long position, long count) throws IOException {
    if (!(file instanceof JdkFile jdkFile)) {
      copy(file, position, count);
      return;
    }
    if (!prepared) {
      channel.write(ByteBuffer.allocate(0));
      prepared = true;
    }
    JdkTask task = JdkTask.raiseSending(channel);
    try {
      transfer(jdkFile, position, count);
    } finally {
      JdkTask.lower(task);
    }
  }

  private void transfer(JdkFile file, long position, long count) throws IOException {
    FileChannel source = file.channel();
    long end = position + count;
    long next = position;
    while (next < end) {
      long sent = source.transferTo(next, end - next, channel);
      if (sent == 0) {
        sent = copy(source, next, end);
      }
      if (sent == 0) {
        throw endOf(file, next);
      }
      next += sent;
    }
  }

  /// Writes some bytes the plain way. `transferTo` does not wait when the buffer of a socket that
  /// virtual threads use is full; a blocking write does, and is the only way to do so.
  private int copy(FileChannel source, long position, long end) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(COPY_SIZE, end - position));
    source.read(buffer, position);
    buffer.flip();
    int count = buffer.remaining();
    write(buffer);
    return count;
  }

  private void copy(Disk.File file, long position, long count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(FOREIGN_COPY_SIZE, count));
    long sent = 0;
    while (sent < count) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), count - sent));
      int read = file.read(buffer, position + sent);
      if (read <= 0) {
        throw endOf(file, position + sent);
      }
      write(buffer.flip());
      sent += read;
    }
  }

  private static EOFException endOf(Disk.File file, long position) {
    return new EOFException(file + " ends before byte " + position + ", which was to be sent");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
