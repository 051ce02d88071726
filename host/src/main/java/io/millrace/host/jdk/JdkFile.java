package io.millrace.host.jdk;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file channel whose operations finish even when their task is cancelled.
final class JdkFile implements Disk.File {
  private final Path path;
  private final FileChannel channel;

  JdkFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  FileChannel channel() {
    return channel;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    JdkTask task = JdkTask.raise();
    try {
      int total = 0;
      while (target.hasRemaining()) {
        int count = channel.read(target, position + total);
        if (count < 0) {
          return total == 0 ? -1 : total;
        }
        total += count;
      }
      return total;
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    JdkTask task = JdkTask.raise();
    try {
      long next = position;
      while (source.hasRemaining()) {
        next += channel.write(source, next);
      }
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public long size() throws IOException {
    JdkTask task = JdkTask.raise();
    try {
      return channel.size();
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    JdkTask task = JdkTask.raise();
    try {
      channel.truncate(size);
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public void force() throws IOException {
    JdkTask task = JdkTask.raise();
    try {
      channel.force(false);
    } finally {
      JdkTask.lower(task);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
