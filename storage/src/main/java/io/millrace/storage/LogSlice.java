package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.RecordData;
import java.io.Closeable;

/// A range of a segment's file that holds whole batches, as a fetch answers it. The file stays
/// open, even if the segment is deleted meanwhile, until the slice is closed, which its receiver
/// does exactly once.
@SuppressWarnings("DoNotCallSuggester") // being written
public final class LogSlice implements RecordData, Closeable {
  private static final LogSlice NONE = new LogSlice(0, 0);

  private final long position;
  private final int sizeInBytes;

  LogSlice(long position, int sizeInBytes) {
    this.position = position;
    this.sizeInBytes = sizeInBytes;
  }

  /// A slice without bytes and without a file.
  static LogSlice none() {
    return NONE;
  }

  /// The open file. Not to be asked for when [#sizeInBytes] is 0.
  public Disk.File file() {
    throw new IllegalStateException("a slice without bytes has no file");
  }

  /// Where in the file the slice begins.
  public long position() {
    return position;
  }

  @Override
  public int sizeInBytes() {
    return sizeInBytes;
  }

  @Override
  public void close() {}
}
