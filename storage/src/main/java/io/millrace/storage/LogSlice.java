package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.protocol.RecordData;
import java.io.Closeable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A range of a segment's file that holds whole batches, as a fetch answers it. The file stays
/// open, even if the segment is deleted meanwhile, until the slice is closed, which its receiver
/// does.
public final class LogSlice implements RecordData, Closeable {
  private static final LogSlice NONE = new LogSlice(null, null, 0, 0, 0, false);

  /// What [#close] gives back.
  private final AtomicReference<@Nullable SegmentFile> owner;

  private final Disk.@Nullable File file;
  private final long position;
  private final int sizeInBytes;
  private final long endOffset;
  private final boolean isCut;

  private LogSlice(
      @Nullable SegmentFile owner,
      Disk.@Nullable File file,
      long position,
      int sizeInBytes,
      long endOffset,
      boolean isCut) {
    this.owner = new AtomicReference<>(owner);
    this.file = file;
    this.position = position;
    this.sizeInBytes = sizeInBytes;
    this.endOffset = endOffset;
    this.isCut = isCut;
  }

  /// A slice of a file that was acquired for it.
  static LogSlice of(
      SegmentFile owner,
      Disk.File file,
      int position,
      int sizeInBytes,
      long endOffset,
      boolean isCut) {
    return new LogSlice(owner, file, position, sizeInBytes, endOffset, isCut);
  }

  /// A slice without bytes and without a file.
  static LogSlice none() {
    return NONE;
  }

  /// The open file. Not to be asked for when [#sizeInBytes] is 0.
  public Disk.File file() {
    Disk.File open = file;
    if (open == null) {
      throw new IllegalStateException("a slice without bytes has no file");
    }
    return open;
  }

  /// Where in the file the slice begins.
  public long position() {
    return position;
  }

  @Override
  public int sizeInBytes() {
    return sizeInBytes;
  }

  /// An offset that all records of the slice are below: not always the lowest.
  public long endOffset() {
    return endOffset;
  }

  /// Whether the slice ends before what was asked for does: the size limit or the end of a segment
  /// came first, and another read goes on behind it.
  public boolean isCut() {
    return isCut;
  }

  /// Gives the file back; the slice must not be used any more. Closing it again does nothing.
  @Override
  public void close() {
    SegmentFile held = owner.getAndSet(null);
    if (held != null) {
      held.release();
    }
  }
}
