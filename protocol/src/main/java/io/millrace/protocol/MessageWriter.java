package io.millrace.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Writes the primitive types of the protocol, in one pass, into buffers from an allocator.
///
/// The result is a list of [#chunks]: runs of bytes, and between them record batches that are not
/// in memory and are to be sent from where they are. When a buffer is full the next one is
/// allocated; nothing is copied. A writer is for one thread.
public final class MessageWriter {
  /// A part of what was written.
  public sealed interface Chunk {
    /// Bytes between position and limit.
    record Bytes(ByteBuffer buffer) implements Chunk {}

    /// Record batches that are not a [RecordData.Buffer].
    record Foreign(RecordData records) implements Chunk {}
  }

  private static final int FIRST_BUFFER = 512;
  private static final int LARGEST_BUFFER = 64 * 1024;

  /// Record batches in memory of at least this size become a chunk of their own, uncopied.
  private static final int UNCOPIED_SIZE = 4096;

  private static final int LONGEST_STRING = Short.MAX_VALUE;

  private final IntFunction<ByteBuffer> allocator;
  private final List<ByteBuffer> buffers = new ArrayList<>(2);
  private final List<Chunk> chunks = new ArrayList<>(2);

  private ByteBuffer buffer;

  /// Where in `buffer` the bytes begin that are not in `chunks` yet.
  private int chunkStart;

  /// The sum of the sizes of `chunks`.
  private long chunkedSize;

  private @Nullable ByteBuffer frameBuffer;
  private int framePosition;
  private long frameStart;

  /// For the content of tagged fields, whose size is written before it; kept for the next one.
  private @Nullable MessageWriter scratch;

  /// Writes into buffers on the heap.
  public MessageWriter() {
    this(ByteBuffer::allocate, FIRST_BUFFER);
  }

  /// Writes into buffers that `allocator` makes; it is given the least capacity that is wanted. The
  /// first is made now, for `initialCapacity` bytes.
  public MessageWriter(IntFunction<ByteBuffer> allocator, int initialCapacity) {
    this.allocator = allocator;
    buffer = allocator.apply(initialCapacity);
    chunkStart = buffer.position();
    buffers.add(buffer);
  }

  /// How many bytes were written, those of foreign chunks included.
  public long size() {
    return chunkedSize + (buffer.position() - chunkStart);
  }

  /// Leaves room for the four bytes that say how long a frame is, up to [#endFrame].
  public void beginFrame() {
    ensure(4);
    frameBuffer = buffer;
    framePosition = buffer.position();
    buffer.putInt(0);
    frameStart = size();
  }

  /// Fills in the length of the frame: what was written since [#beginFrame].
  public void endFrame() {
    if (frameBuffer == null) {
      throw new IllegalStateException("no frame was begun");
    }
    frameBuffer.putInt(framePosition, Math.toIntExact(size() - frameStart));
    frameBuffer = null;
  }

  /// What was written, in order. Nothing may be written after this, except after [#reset].
  public List<Chunk> chunks() {
    closeChunk();
    return List.copyOf(chunks);
  }

  /// The buffers that came from the allocator and hold, with the foreign chunks and large record
  /// batches, what was written.
  public List<ByteBuffer> buffers() {
    return List.copyOf(buffers);
  }

  /// What was written as one buffer: a view if it is in one piece, otherwise a copy on the heap.
  /// Foreign chunks, whose bytes are elsewhere, are an `IllegalStateException`.
  public ByteBuffer toByteBuffer() {
    closeChunk();
    if (chunks.size() == 1 && chunks.get(0) instanceof Chunk.Bytes(ByteBuffer bytes)) {
      return bytes.duplicate();
    }
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(chunkedSize));
    for (Chunk chunk : chunks) {
      switch (chunk) {
        case Chunk.Bytes(ByteBuffer bytes) -> all.put(bytes.duplicate());
        case Chunk.Foreign foreign ->
            throw new IllegalStateException("records that are not in memory: " + foreign);
      }
    }
    return all.flip();
  }

  /// Forgets what was written and keeps the first buffer for what follows. Whoever got chunks from
  /// this writer must be done with them.
  public void reset() {
    buffer = buffers.get(0);
    buffers.subList(1, buffers.size()).clear();
    buffer.clear();
    chunks.clear();
    chunkStart = 0;
    chunkedSize = 0;
    frameBuffer = null;
  }

  public void writeInt8(byte value) {
    ensure(1);
    buffer.put(value);
  }

  public void writeInt16(short value) {
    ensure(2);
    buffer.putShort(value);
  }

  public void writeUint16(int value) {
    if (value < 0 || value > 0xffff) {
      throw new IllegalArgumentException(value + " does not fit into 16 bits without a sign");
    }
    ensure(2);
    buffer.putShort((short) value);
  }

  public void writeInt32(int value) {
    ensure(4);
    buffer.putInt(value);
  }

  public void writeUint32(long value) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(value + " does not fit into 32 bits without a sign");
    }
    ensure(4);
    buffer.putInt((int) value);
  }

  public void writeInt64(long value) {
    ensure(8);
    buffer.putLong(value);
  }

  public void writeFloat64(double value) {
    ensure(8);
    buffer.putDouble(value);
  }

  public void writeBool(boolean value) {
    ensure(1);
    buffer.put((byte) (value ? 1 : 0));
  }

  public void writeUuid(Uuid value) {
    ensure(16);
    buffer.putLong(value.mostSignificantBits()).putLong(value.leastSignificantBits());
  }

  /// A number from 0 to 2^31-1.
  public void writeUnsignedVarint(int value) {
    ensure(5);
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      buffer.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }

  /// A string of at most 32767 bytes of UTF-8: longer ones are an `IllegalArgumentException`.
  public void writeString(String value, boolean flexible) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_STRING) {
      throw new IllegalArgumentException(
          "a string of %d bytes where 32767 are allowed, beginning '%s'"
              .formatted(bytes.length, value.substring(0, 40)));
    }
    if (flexible) {
      writeUnsignedVarint(bytes.length + 1);
    } else {
      writeInt16((short) bytes.length);
    }
    ensure(bytes.length);
    buffer.put(bytes);
  }

  public void writeNullableString(@Nullable String value, boolean flexible) {
    if (value != null) {
      writeString(value, flexible);
    } else if (flexible) {
      writeUnsignedVarint(0);
    } else {
      writeInt16((short) -1);
    }
  }

  public void writeBytes(ByteBuffer value, boolean flexible) {
    writeLength(value.remaining(), flexible);
    put(value);
  }

  public void writeNullableBytes(@Nullable ByteBuffer value, boolean flexible) {
    if (value == null) {
      writeLength(-1, flexible);
    } else {
      writeBytes(value, flexible);
    }
  }

  /// Record batches. Small ones in memory are copied; large ones become a chunk of their own, which
  /// must not change until it is sent; what is not in memory becomes a foreign chunk.
  public void writeRecords(RecordData value, boolean flexible) {
    writeLength(value.sizeInBytes(), flexible);
    if (value instanceof RecordData.Buffer(ByteBuffer bytes)) {
      if (bytes.remaining() < UNCOPIED_SIZE) {
        put(bytes);
      } else {
        addChunk(new Chunk.Bytes(bytes.slice()), bytes.remaining());
      }
    } else if (value.sizeInBytes() > 0) {
      addChunk(new Chunk.Foreign(value), value.sizeInBytes());
    }
  }

  public void writeNullableRecords(@Nullable RecordData value, boolean flexible) {
    if (value == null) {
      writeLength(-1, flexible);
    } else {
      writeRecords(value, flexible);
    }
  }

  public void writeArrayLength(int count, boolean flexible) {
    writeLength(count, flexible);
  }

  public void writeNullArray(boolean flexible) {
    writeLength(-1, flexible);
  }

  public void writeInt8List(List<Byte> list) {
    for (byte element : list) {
      writeInt8(element);
    }
  }

  public void writeInt16List(List<Short> list) {
    for (short element : list) {
      writeInt16(element);
    }
  }

  public void writeInt32List(List<Integer> list) {
    for (int element : list) {
      writeInt32(element);
    }
  }

  public void writeInt64List(List<Long> list) {
    for (long element : list) {
      writeInt64(element);
    }
  }

  public void writeUuidList(List<Uuid> list) {
    for (Uuid element : list) {
      writeUuid(element);
    }
  }

  public void writeStringList(List<String> list, boolean flexible) {
    for (String element : list) {
      writeString(element, flexible);
    }
  }

  /// Whether a struct that may be null follows.
  public void writeStructPresence(boolean present) {
    writeInt8((byte) (present ? 1 : -1));
  }

  /// Begins a tagged field: its content goes to the writer that this returns, and then to
  /// [#endTaggedField].
  public MessageWriter beginTaggedField(int tag) {
    writeUnsignedVarint(tag);
    if (scratch == null) {
      scratch = new MessageWriter();
    } else {
      scratch.reset();
    }
    return scratch;
  }

  public void endTaggedField(MessageWriter content) {
    ByteBuffer bytes = content.toByteBuffer();
    writeUnsignedVarint(bytes.remaining());
    put(bytes);
  }

  /// The tagged fields of a struct that has no others.
  public void writeUnknownTaggedFields(List<RawTaggedField> fields) {
    writeUnsignedVarint(fields.size());
    writeUnknownTaggedFields(fields, 0, Integer.MAX_VALUE);
  }

  /// Those of `fields` from `index` on whose tag is below `knownTag`, which is the next that the
  /// schema knows. Gives the index of the first that was not written.
  public int writeUnknownTaggedFields(List<RawTaggedField> fields, int index, int knownTag) {
    int next = index;
    int previous = index == 0 ? -1 : fields.get(index - 1).tag();
    while (next < fields.size() && fields.get(next).tag() < knownTag) {
      RawTaggedField field = fields.get(next);
      if (field.tag() <= previous) {
        throw new IllegalArgumentException("tag " + field.tag() + " after tag " + previous);
      }
      writeUnsignedVarint(field.tag());
      writeUnsignedVarint(field.data().remaining());
      put(field.data());
      previous = field.tag();
      next++;
    }
    if (next < fields.size() && fields.get(next).tag() == knownTag) {
      throw new IllegalArgumentException("tag " + knownTag + " is not an unknown one");
    }
    return next;
  }

  private void writeLength(int length, boolean flexible) {
    if (flexible) {
      writeUnsignedVarint(length + 1);
    } else {
      writeInt32(length);
    }
  }

  private void put(ByteBuffer bytes) {
    int length = bytes.remaining();
    ensure(length);
    buffer.put(buffer.position(), bytes, bytes.position(), length);
    buffer.position(buffer.position() + length);
  }

  private void ensure(int length) {
    if (buffer.remaining() < length) {
      closeChunk();
      int doubled = Math.min(2 * buffer.capacity(), LARGEST_BUFFER);
      buffer = allocator.apply(Math.max(length, doubled));
      buffers.add(buffer);
      chunkStart = buffer.position();
    }
  }

  private void addChunk(Chunk chunk, int size) {
    closeChunk();
    chunks.add(chunk);
    chunkedSize += size;
  }

  private void closeChunk() {
    int length = buffer.position() - chunkStart;
    if (length > 0) {
      chunks.add(new Chunk.Bytes(buffer.slice(chunkStart, length)));
      chunkStart = buffer.position();
      chunkedSize += length;
    }
  }
}
