package io.millrace.protocol.record;

import io.millrace.protocol.record.Decompressor.CorruptStreamException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/// The LZ4 frame format as far as Kafka's clients read it: one frame of independent blocks, no
/// dictionary. As with them the checksum of the whole content is not verified (the batch has one),
/// those of header and blocks are, and what follows the frame is ignored.
final class Lz4Frame implements Decompressor.Source {
  private static final int MAGIC = 0x184d2204;
  private static final int VERSION_MASK = 0xc0;
  private static final int VERSION_1 = 0x40;
  private static final int INDEPENDENT_FLAG = 0x20;
  private static final int BLOCK_CHECKSUM_FLAG = 0x10;
  private static final int CONTENT_SIZE_FLAG = 0x08;
  private static final int CONTENT_CHECKSUM_FLAG = 0x04;
  private static final int RESERVED_FLAGS = 0x03;
  private static final int UNCOMPRESSED_FLAG = 0x80000000;
  private static final int END_MARK = 0;

  /// Magic, flags, block descriptor, header checksum.
  private static final int MIN_HEADER_BYTES = 7;

  private static final int CONTENT_SIZE_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;

  /// No byte of a block stands for more bytes than this.
  private static final int MAX_RATIO = 255;

  private static final int WRITTEN_BLOCK_CODE = 4;
  private static final int WRITTEN_BLOCK_BYTES = 64 << 10;

  private final ByteBuffer input;
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();
  private final XXHash32 hash = XXHashFactory.fastestInstance().hash32();
  private int maxBlockBytes;
  private int flags;
  private boolean begun;
  private boolean ended;

  /// Where blocks are decompressed to. Never shared between streams: a malformed block may repeat
  /// what was here before it (CVE-2025-66566).
  private ByteBuffer decompressed = ByteBuffer.allocate(0);

  /// What was not read yet of the current block: in `decompressed`, or of `input` if it was stored.
  private ByteBuffer block = decompressed;

  Lz4Frame(ByteBuffer compressed) {
    input = compressed.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public boolean read(ByteBuffer target) throws CorruptStreamException {
    if (!begun) {
      readHeader();
      begun = true;
    }
    while (!block.hasRemaining()) {
      if (ended || !readBlock()) {
        return false;
      }
    }
    int count = Math.min(block.remaining(), target.remaining());
    target.put(target.position(), block, block.position(), count);
    target.position(target.position() + count);
    block.position(block.position() + count);
    return true;
  }

  private void readHeader() throws CorruptStreamException {
    require(MIN_HEADER_BYTES);
    if (input.getInt() != MAGIC) {
      throw new CorruptStreamException("no LZ4 frame");
    }
    int descriptorStart = input.position();
    flags = Byte.toUnsignedInt(input.get());
    int blockDescriptor = Byte.toUnsignedInt(input.get());
    if ((flags & VERSION_MASK) != VERSION_1 || (flags & RESERVED_FLAGS) != 0) {
      throw new CorruptStreamException("unknown version or flags of the frame");
    }
    if ((flags & INDEPENDENT_FLAG) == 0) {
      throw new CorruptStreamException("blocks that depend on each other");
    }
    int blockCode = blockDescriptor >>> 4;
    if ((blockDescriptor & 0x0f) != 0 || blockCode < 4 || blockCode > 7) {
      throw new CorruptStreamException("an unknown block size");
    }
    maxBlockBytes = 1 << (2 * blockCode + 8);
    if ((flags & CONTENT_SIZE_FLAG) != 0) {
      require(CONTENT_SIZE_BYTES + 1);
      input.position(input.position() + CONTENT_SIZE_BYTES);
    }
    int descriptorBytes = input.position() - descriptorStart;
    byte expected = (byte) (hash.hash(input, descriptorStart, descriptorBytes, 0) >>> 8);
    if (input.get() != expected) {
      throw new CorruptStreamException("the checksum of the frame header does not match");
    }
  }

  private boolean readBlock() throws CorruptStreamException {
    require(Integer.BYTES);
    int word = input.getInt();
    if (word == END_MARK) {
      ended = true;
      require((flags & CONTENT_CHECKSUM_FLAG) == 0 ? 0 : CHECKSUM_BYTES);
      return false;
    }
    int size = word & ~UNCOMPRESSED_FLAG;
    if (size > maxBlockBytes) {
      throw new CorruptStreamException("a block of " + size + " bytes, above " + maxBlockBytes);
    }
    boolean hasChecksum = (flags & BLOCK_CHECKSUM_FLAG) != 0;
    require(size + (hasChecksum ? CHECKSUM_BYTES : 0));
    int start = input.position();
    input.position(start + size);
    if (hasChecksum && hash.hash(input, start, size, 0) != input.getInt()) {
      throw new CorruptStreamException("the checksum of a block does not match");
    }
    if ((word & UNCOMPRESSED_FLAG) != 0) {
      block = input.slice(start, size);
    } else {
      decompress(start, size);
    }
    return true;
  }

  private void decompress(int start, int size) throws CorruptStreamException {
    int room = (int) Math.min(maxBlockBytes, (size + 1L) * MAX_RATIO);
    if (decompressed.capacity() < room) {
      decompressed = ByteBuffer.allocate(room);
    }
    decompressed.clear();
    try {
      int count = decompressor.decompress(input, start, size, decompressed, 0, room);
      block = decompressed.limit(count);
    } catch (LZ4Exception e) {
      throw new CorruptStreamException("a malformed block");
    }
  }

  private void require(int bytes) throws CorruptStreamException {
    if (input.remaining() < bytes) {
      throw new CorruptStreamException("it ends too early");
    }
  }

  /// At its default level Kafka uses the fast compressor, at all others the high one.
  static ByteBuffer compress(ByteBuffer raw, int level) {
    LZ4Factory factory = LZ4Factory.fastestInstance();
    LZ4Compressor compressor =
        level == Compression.LZ4.defaultLevel()
            ? factory.fastCompressor()
            : factory.highCompressor(level);
    int blocks = raw.remaining() / WRITTEN_BLOCK_BYTES + 1;
    int largest = compressor.maxCompressedLength(WRITTEN_BLOCK_BYTES);
    long bound =
        MIN_HEADER_BYTES
            + Math.min((long) raw.remaining(), (long) blocks * WRITTEN_BLOCK_BYTES)
            + (long) blocks * Integer.BYTES
            + largest
            + Integer.BYTES;
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(bound)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(MAGIC);
    out.put((byte) (VERSION_1 | INDEPENDENT_FLAG)).put((byte) (WRITTEN_BLOCK_CODE << 4));
    out.put((byte) (XXHashFactory.fastestInstance().hash32().hash(out, 4, 2, 0) >>> 8));
    for (int from = raw.position(); from < raw.limit(); from += WRITTEN_BLOCK_BYTES) {
      int size = Math.min(WRITTEN_BLOCK_BYTES, raw.limit() - from);
      int sizeAt = out.position();
      int count = compressor.compress(raw, from, size, out, sizeAt + Integer.BYTES, largest);
      if (count < size) {
        out.putInt(count).position(sizeAt + Integer.BYTES + count);
      } else {
        out.putInt(size | UNCOMPRESSED_FLAG).put(raw.slice(from, size));
      }
    }
    return out.putInt(END_MARK).flip().order(ByteOrder.BIG_ENDIAN);
  }
}
