package io.millrace.protocol.record;

import io.millrace.protocol.record.Decompressor.CorruptStreamException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.xerial.snappy.Snappy;

/// Snappy in the framing of snappy-java, which Kafka uses: a header, then blocks with their sizes.
/// Bytes that do not begin with that header are one block, as Kafka takes them too.
///
/// Sizes are compared with what was received before anything is allocated (CVE-2023-34455).
final class XerialSnappy implements Decompressor.Source {
  /// 0x82 "SNAPPY" 0, then the version and the oldest version that can read it.
  private static final long MAGIC = 0x82534e4150505900L;

  private static final int MAGIC_HEAD = (int) (MAGIC >>> 32);
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 16;
  private static final int WRITTEN_BLOCK_BYTES = 32 << 10;

  /// A copy of 64 bytes takes three, nothing stands for more.
  private static final int MAX_RATIO = 22;

  private final ByteBuffer input;
  private final long allowedBytes;
  private boolean begun;
  private byte[] compressed = new byte[0];
  private byte[] block = new byte[0];
  private int blockPosition;
  private int blockLimit;

  /// A block that alone is larger than `allowedBytes` is not decompressed.
  XerialSnappy(ByteBuffer compressed, long allowedBytes) {
    this.input = compressed.duplicate().order(ByteOrder.BIG_ENDIAN);
    this.allowedBytes = allowedBytes;
  }

  @Override
  public boolean read(ByteBuffer target) throws CorruptStreamException {
    while (blockPosition == blockLimit) {
      if (!readBlock()) {
        return false;
      }
    }
    int count = Math.min(blockLimit - blockPosition, target.remaining());
    target.put(block, blockPosition, count);
    blockPosition += count;
    return true;
  }

  private boolean readBlock() throws CorruptStreamException {
    if (!begun) {
      begun = true;
      if (!startsWithHeader()) {
        decompress(input.remaining());
        return true;
      }
      skipHeader();
    }
    if (!input.hasRemaining()) {
      return false;
    }
    require(Integer.BYTES);
    int size = input.getInt(input.position());
    if (size == MAGIC_HEAD) {
      // Streams may be strung together.
      skipHeader();
      return readBlock();
    }
    input.getInt();
    if (size < 0) {
      throw new CorruptStreamException("a block of size " + size);
    }
    require(size);
    decompress(size);
    return true;
  }

  private boolean startsWithHeader() {
    return input.remaining() >= HEADER_BYTES && input.getLong(input.position()) == MAGIC;
  }

  private void skipHeader() throws CorruptStreamException {
    if (!startsWithHeader() || input.getInt(input.position() + Long.BYTES) < VERSION) {
      throw new CorruptStreamException("a malformed header");
    }
    input.position(input.position() + HEADER_BYTES);
  }

  private void decompress(int size) throws CorruptStreamException {
    long claimed = readLength(input, size);
    if (claimed > (long) size * MAX_RATIO) {
      throw new CorruptStreamException("a block that cannot have the size it claims");
    }
    if (claimed > allowedBytes) {
      throw Decompressor.tooLarge(size, allowedBytes);
    }
    if (compressed.length < size) {
      compressed = new byte[size];
    }
    if (block.length < claimed) {
      block = new byte[(int) claimed];
    }
    input.get(compressed, 0, size);
    try {
      blockLimit = Snappy.uncompress(compressed, 0, size, block, 0);
      blockPosition = 0;
    } catch (IOException e) {
      throw new CorruptStreamException("a malformed block");
    }
  }

  /// A block begins with its decompressed length, an unsigned number of seven bits a byte.
  private static long readLength(ByteBuffer input, int size) throws CorruptStreamException {
    long length = 0;
    for (int i = 0; i < Math.min(size, 5); i++) {
      byte next = input.get(input.position() + i);
      length |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return length;
      }
    }
    throw new CorruptStreamException("a block without a length");
  }

  private void require(int bytes) throws CorruptStreamException {
    if (input.remaining() < bytes) {
      throw new CorruptStreamException("it ends too early");
    }
  }

  static ByteBuffer compress(ByteBuffer raw) {
    byte[] source = new byte[Math.min(raw.remaining(), WRITTEN_BLOCK_BYTES)];
    byte[] target = new byte[Snappy.maxCompressedLength(source.length)];
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + raw.remaining() / 2 + 64);
    out.putLong(MAGIC).putInt(VERSION).putInt(VERSION);
    for (int from = raw.position(); from < raw.limit(); from += source.length) {
      int size = Math.min(source.length, raw.limit() - from);
      raw.get(from, source, 0, size);
      int count = compressBlock(source, size, target);
      out = Growth.withRoom(out, Integer.BYTES + count);
      out.putInt(count).put(target, 0, count);
    }
    return out.flip();
  }

  private static int compressBlock(byte[] source, int size, byte[] target) {
    try {
      return Snappy.compress(source, 0, size, target, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
