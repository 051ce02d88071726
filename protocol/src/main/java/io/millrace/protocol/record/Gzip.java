package io.millrace.protocol.record;

import io.millrace.protocol.record.Decompressor.CorruptStreamException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Gzip (RFC 1952): one member after another, each with its checksum. What follows the last member
/// and is none is ignored, as `java.util.zip` does it for Kafka.
final class Gzip implements Decompressor.Source {
  private static final short MAGIC = (short) 0x8b1f;
  private static final byte DEFLATE = 8;
  private static final int HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final int HEADER_CHECKSUM_FLAG = 0x02;
  private static final int EXTRA_FLAG = 0x04;
  private static final int NAME_FLAG = 0x08;
  private static final int COMMENT_FLAG = 0x10;
  private static final int RESERVED_FLAGS = 0xe0;
  private static final byte UNKNOWN_SYSTEM = (byte) 0xff;

  private final ByteBuffer input;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private boolean begun;
  private boolean inMember;

  Gzip(ByteBuffer compressed) {
    input = compressed.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public boolean read(ByteBuffer target) throws CorruptStreamException {
    while (inMember || beginMember()) {
      int start = target.position();
      int count;
      try {
        count = inflater.inflate(target);
      } catch (DataFormatException e) {
        throw new CorruptStreamException("bad deflate data");
      }
      if (count > 0) {
        checksum.update(target.slice(start, count));
      }
      if (inflater.finished()) {
        endMember();
      } else if (count == 0) {
        throw new CorruptStreamException("it ends too early");
      }
      if (count > 0) {
        return true;
      }
    }
    return false;
  }

  private boolean beginMember() throws CorruptStreamException {
    if (input.remaining() < HEADER_BYTES || input.getShort(input.position()) != MAGIC) {
      if (begun) {
        return false;
      }
      throw new CorruptStreamException("no gzip header");
    }
    int start = input.position();
    byte method = input.get(start + 2);
    int flags = input.get(start + 3);
    if (method != DEFLATE || (flags & RESERVED_FLAGS) != 0) {
      throw new CorruptStreamException("unknown method or flags");
    }
    skip(HEADER_BYTES);
    if ((flags & EXTRA_FLAG) != 0) {
      require(2);
      skip(Short.toUnsignedInt(input.getShort()));
    }
    if ((flags & NAME_FLAG) != 0) {
      skipString();
    }
    if ((flags & COMMENT_FLAG) != 0) {
      skipString();
    }
    if ((flags & HEADER_CHECKSUM_FLAG) != 0) {
      skip(2);
    }
    inflater.reset();
    inflater.setInput(input);
    checksum.reset();
    begun = true;
    inMember = true;
    return true;
  }

  private void endMember() throws CorruptStreamException {
    inMember = false;
    require(TRAILER_BYTES);
    boolean intact = input.getInt() == (int) checksum.getValue();
    intact &= input.getInt() == (int) inflater.getBytesWritten();
    if (!intact) {
      throw new CorruptStreamException("its checksum or size does not match");
    }
  }

  private void skipString() throws CorruptStreamException {
    do {
      require(1);
    } while (input.get() != 0);
  }

  private void skip(int bytes) throws CorruptStreamException {
    require(bytes);
    input.position(input.position() + bytes);
  }

  private void require(int bytes) throws CorruptStreamException {
    if (input.remaining() < bytes) {
      throw new CorruptStreamException("it ends too early");
    }
  }

  @Override
  public void close() {
    inflater.end();
  }

  static ByteBuffer compress(ByteBuffer raw, int level) {
    ByteBuffer out =
        ByteBuffer.allocate(HEADER_BYTES + TRAILER_BYTES + raw.remaining() / 2 + 64)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putShort(MAGIC).put(DEFLATE).put(new byte[HEADER_BYTES - 4]).put(UNKNOWN_SYSTEM);
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(raw.duplicate());
      deflater.finish();
      while (!deflater.finished()) {
        out = Growth.withRoom(out, TRAILER_BYTES + 1);
        deflater.deflate(out.limit(out.capacity() - TRAILER_BYTES));
        out.limit(out.capacity());
      }
    } finally {
      deflater.end();
    }
    CRC32 checksum = new CRC32();
    checksum.update(raw.duplicate());
    out = Growth.withRoom(out, TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt((int) checksum.getValue()).putInt(raw.remaining());
    return out.flip().order(ByteOrder.BIG_ENDIAN);
  }
}
