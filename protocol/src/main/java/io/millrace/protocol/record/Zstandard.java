package io.millrace.protocol.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.millrace.protocol.record.Decompressor.CorruptStreamException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/// Zstandard frames, one after another.
///
/// The library refuses windows above 128 MiB, which is what its highest level may ask for, and
/// touches only as much of a window as there is output.
final class Zstandard implements Decompressor.Source {
  private static final int MAX_SCRATCH_BYTES = 64 << 10;
  private static final int MIN_SCRATCH_BYTES = 4 << 10;

  /// The codec reads and writes memory outside the heap.
  private final Arena memory = Arena.ofConfined();

  private final ZstdDecompressCtx codec = new ZstdDecompressCtx();

  /// What was not handed to the codec yet.
  private final ByteBuffer input;

  /// The part of the input that the codec reads from: all of it if it is outside the heap.
  private final ByteBuffer chunk;

  private final ByteBuffer output;
  private boolean frameEnded;

  Zstandard(ByteBuffer compressed) {
    int scratchBytes =
        Math.clamp(8L * compressed.remaining(), MIN_SCRATCH_BYTES, MAX_SCRATCH_BYTES);
    output = memory.allocate(scratchBytes).asByteBuffer().limit(0);
    if (compressed.isDirect()) {
      chunk = compressed.duplicate();
      input = ByteBuffer.allocate(0);
    } else {
      int chunkBytes = Math.clamp(compressed.remaining(), 1, MAX_SCRATCH_BYTES);
      chunk = memory.allocate(chunkBytes).asByteBuffer().limit(0);
      input = compressed.duplicate();
    }
  }

  @Override
  public boolean read(ByteBuffer target) throws CorruptStreamException {
    while (!output.hasRemaining()) {
      if (!decompress()) {
        return false;
      }
    }
    int count = Math.min(output.remaining(), target.remaining());
    target.put(target.position(), output, output.position(), count);
    target.position(target.position() + count);
    output.position(output.position() + count);
    return true;
  }

  private boolean decompress() throws CorruptStreamException {
    if (!chunk.hasRemaining() && input.hasRemaining()) {
      int count = Math.min(chunk.capacity(), input.remaining());
      chunk.clear().put(input.slice(input.position(), count)).flip();
      input.position(input.position() + count);
    }
    boolean inputEnded = !chunk.hasRemaining();
    if (inputEnded && frameEnded) {
      return false;
    }
    output.clear();
    try {
      frameEnded = codec.decompressDirectByteBufferStream(output, chunk);
    } catch (ZstdException e) {
      throw new CorruptStreamException(String.valueOf(e.getMessage()));
    }
    output.flip();
    if (inputEnded && !output.hasRemaining() && !frameEnded) {
      throw new CorruptStreamException("it ends too early");
    }
    return true;
  }

  @Override
  public void close() {
    codec.close();
    memory.close();
  }

  static ByteBuffer compress(ByteBuffer raw, int level) {
    byte[] source = new byte[raw.remaining()];
    raw.get(raw.position(), source);
    byte[] target = new byte[Math.toIntExact(Zstd.compressBound(source.length))];
    try (ZstdCompressCtx codec = new ZstdCompressCtx()) {
      int count =
          codec
              .setLevel(level)
              .compressByteArray(target, 0, target.length, source, 0, source.length);
      return ByteBuffer.wrap(target, 0, count);
    }
  }
}
