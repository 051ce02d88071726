package io.millrace.protocol.record;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;

/// A stream of decompressed bytes that ends with an exception before it exceeds its limit.
///
/// Whatever the compressed bytes claim, no more memory is taken than the bytes asked for, plus a
/// block of the codec. Used by one thread, and closed by whoever opened it.
public final class Decompressor implements AutoCloseable {
  private static final int FIRST_READ_BYTES = 4 << 10;

  /// What a codec makes of compressed bytes.
  sealed interface Source extends AutoCloseable
      permits Gzip, Lz4Frame, Stored, XerialSnappy, Zstandard {
    /// Puts at least one byte into `target`, which has room for one, or returns false at the end.
    ///
    /// @throws CorruptStreamException if the compressed bytes make no sense
    boolean read(ByteBuffer target) throws CorruptStreamException;

    @Override
    default void close() {}
  }

  /// A compressed stream that its codec cannot decode.
  static final class CorruptStreamException extends Exception {
    private static final long serialVersionUID = 1L;

    CorruptStreamException(String message) {
      super(message, null, false, false);
    }
  }

  /// No compression at all.
  static final class Stored implements Source {
    private final ByteBuffer bytes;

    Stored(ByteBuffer bytes) {
      this.bytes = bytes.duplicate();
    }

    @Override
    public boolean read(ByteBuffer target) {
      int count = Math.min(bytes.remaining(), target.remaining());
      target.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      return count > 0;
    }
  }

  private final Compression compression;
  private final Source source;
  private final int compressedBytes;
  private final long allowedBytes;
  private long producedBytes;

  Decompressor(
      Compression compression, Source source, int compressedBytes, DecompressionLimit limit) {
    this.compression = compression;
    this.source = source;
    this.compressedBytes = compressedBytes;
    this.allowedBytes = limit.allowedBytes(compressedBytes);
  }

  /// Puts bytes into `target`, which must have room, and returns how many; -1 at the end.
  ///
  /// @throws InvalidBatchException `MESSAGE_TOO_LARGE` beyond the limit, `CORRUPT_MESSAGE` if the
  ///   bytes cannot be decompressed
  public int read(ByteBuffer target) {
    int start = target.position();
    int end = target.limit();
    // One byte more than allowed is asked for, to tell a stream that ends there from one that goes
    // on.
    long room = allowedBytes - producedBytes + 1;
    if (room < end - start) {
      target.limit(start + (int) room);
    }
    try {
      if (!source.read(target)) {
        return -1;
      }
    } catch (CorruptStreamException e) {
      throw new InvalidBatchException(
          ErrorCode.CORRUPT_MESSAGE,
          "the batch cannot be decompressed as "
              + compression.configName()
              + ": "
              + e.getMessage());
    } finally {
      target.limit(end);
    }
    int count = target.position() - start;
    producedBytes += count;
    if (producedBytes > allowedBytes) {
      throw tooLarge(compressedBytes, allowedBytes);
    }
    return count;
  }

  static InvalidBatchException tooLarge(int compressedBytes, long allowedBytes) {
    return new InvalidBatchException(
        ErrorCode.MESSAGE_TOO_LARGE,
        "the "
            + compressedBytes
            + " compressed bytes of the batch decompress to more than the "
            + allowedBytes
            + " that are allowed");
  }

  ByteBuffer readAll() {
    ByteBuffer all =
        ByteBuffer.allocate(Math.clamp(2L * compressedBytes, FIRST_READ_BYTES, 1 << 20));
    while (read(all) >= 0) {
      if (!all.hasRemaining()) {
        all = Growth.withRoom(all, 1);
      }
    }
    return all.flip();
  }

  /// Frees what the codec holds outside the heap.
  @Override
  public void close() {
    source.close();
  }
}
