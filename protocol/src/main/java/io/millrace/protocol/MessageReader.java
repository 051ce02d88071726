package io.millrace.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the primitive types of the protocol from the bytes of one message.
///
/// The bytes may come from anybody. A length is compared with what is left before anything is
/// allocated for it, and the elements of all arrays together are limited, so that a message costs
/// memory in proportion to its size. Whatever is wrong is a [MalformedMessageException].
///
/// A reader is for one thread and one message. What it hands out as `ByteBuffer` or [RecordData]
/// are slices of the given buffer.
public final class MessageReader {
  /// How many elements the arrays of one message, nested ones counted, may have if nothing else is
  /// said: far more than any real message has.
  public static final int DEFAULT_ELEMENT_LIMIT = 1_000_000;

  /// The longest string that the protocol can carry, in bytes.
  private static final int LONGEST_STRING = Short.MAX_VALUE;

  private final ByteBuffer buffer;
  private final int start;
  private final int elementLimit;
  private long elementCount;

  /// Reads what is between position and limit of `buffer`, whose position does not move.
  public MessageReader(ByteBuffer buffer) {
    this(buffer, DEFAULT_ELEMENT_LIMIT);
  }

  public MessageReader(ByteBuffer buffer, int elementLimit) {
    this.buffer = buffer.duplicate();
    this.start = buffer.position();
    this.elementLimit = elementLimit;
  }

  /// How many bytes have not been read yet. More than none after a message was read are trailing
  /// bytes, which Kafka ignores.
  public int remaining() {
    return buffer.remaining();
  }

  public byte readInt8() {
    require(1);
    return buffer.get();
  }

  public short readInt16() {
    require(2);
    return buffer.getShort();
  }

  public int readUint16() {
    return readInt16() & 0xffff;
  }

  public int readInt32() {
    require(4);
    return buffer.getInt();
  }

  public long readUint32() {
    return readInt32() & 0xffff_ffffL;
  }

  public long readInt64() {
    require(8);
    return buffer.getLong();
  }

  public double readFloat64() {
    require(8);
    return buffer.getDouble();
  }

  public boolean readBool() {
    return readInt8() != 0;
  }

  public Uuid readUuid() {
    require(16);
    long high = buffer.getLong();
    long low = buffer.getLong();
    return (high | low) == 0 ? Uuid.ZERO : new Uuid(high, low);
  }

  /// A number from 0 to 2^31-1 in groups of seven bits, the lowest first. More groups than the
  /// number needs are malformed too: there is one way to write a number.
  public int readUnsignedVarint() {
    int first = readInt8();
    if (first >= 0) {
      return first;
    }
    int value = first & 0x7f;
    for (int shift = 7; shift <= 28; shift += 7) {
      int next = readInt8();
      if (shift == 28 && (next & 0xf8) != 0) {
        throw malformed("a varint above 2^31-1");
      }
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        if (next == 0) {
          throw malformed("a varint that is longer than its value needs");
        }
        return value;
      }
    }
    throw malformed("a varint of more than 5 bytes");
  }

  public String readString(boolean flexible) {
    return nonNull(readNullableString(flexible), "string");
  }

  public @Nullable String readNullableString(boolean flexible) {
    int length = flexible ? readUnsignedVarint() - 1 : readInt16();
    if (length < 0) {
      requireNullLength(length, "string");
      return null;
    }
    if (length > LONGEST_STRING) {
      throw malformed("a string of " + length + " bytes: 32767 are allowed");
    }
    requireLength(length, "string");
    return decodeUtf8(length);
  }

  public ByteBuffer readBytes(boolean flexible) {
    return nonNull(readNullableBytes(flexible), "byte string");
  }

  public @Nullable ByteBuffer readNullableBytes(boolean flexible) {
    int length = flexible ? readUnsignedVarint() - 1 : readInt32();
    if (length < 0) {
      requireNullLength(length, "byte string");
      return null;
    }
    requireLength(length, "byte string");
    return slice(length);
  }

  public RecordData readRecords(boolean flexible) {
    return new RecordData.Buffer(readBytes(flexible));
  }

  public @Nullable RecordData readNullableRecords(boolean flexible) {
    ByteBuffer bytes = readNullableBytes(flexible);
    return bytes == null ? null : new RecordData.Buffer(bytes);
  }

  /// The number of elements of an array that may not be null.
  ///
  /// @param elementSize the least number of bytes that one element takes
  public int readArrayLength(boolean flexible, int elementSize) {
    int count = readNullableArrayLength(flexible, elementSize);
    if (count < 0) {
      throw malformed("a null array where the protocol wants one");
    }
    return count;
  }

  /// The number of elements of an array, -1 for a null array.
  public int readNullableArrayLength(boolean flexible, int elementSize) {
    int count = flexible ? readUnsignedVarint() - 1 : readInt32();
    if (count < 0) {
      requireNullLength(count, "array");
      return -1;
    }
    countElements(count, elementSize);
    return count;
  }

  public List<Byte> readInt8List(int count) {
    List<Byte> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readInt8());
    }
    return Collections.unmodifiableList(list);
  }

  public List<Short> readInt16List(int count) {
    List<Short> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readInt16());
    }
    return Collections.unmodifiableList(list);
  }

  public List<Integer> readInt32List(int count) {
    List<Integer> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readInt32());
    }
    return Collections.unmodifiableList(list);
  }

  public List<Long> readInt64List(int count) {
    List<Long> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readInt64());
    }
    return Collections.unmodifiableList(list);
  }

  public List<Uuid> readUuidList(int count) {
    List<Uuid> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readUuid());
    }
    return Collections.unmodifiableList(list);
  }

  public List<String> readStringList(int count, boolean flexible) {
    List<String> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(readString(flexible));
    }
    return Collections.unmodifiableList(list);
  }

  /// Whether a struct that may be null follows.
  public boolean readStructPresence() {
    return readInt8() >= 0;
  }

  /// The number of tagged fields at the end of a struct.
  public int readTaggedFieldCount() {
    int count = readUnsignedVarint();
    countElements(count, 2);
    return count;
  }

  /// The next tag; `previous` is the one before, -1 if there is none.
  public int readTag(int previous) {
    int tag = readUnsignedVarint();
    if (tag <= previous) {
      throw malformed("tag " + tag + " after tag " + previous);
    }
    return tag;
  }

  /// Reads the size of a tagged field and confines the reader to it. Gives what [#leaveTaggedField]
  /// wants back.
  public int enterTaggedField() {
    int size = readUnsignedVarint();
    requireLength(size, "tagged field");
    int outerLimit = buffer.limit();
    buffer.limit(buffer.position() + size);
    return outerLimit;
  }

  public void leaveTaggedField(int outerLimit) {
    if (buffer.hasRemaining()) {
      throw malformed("a tagged field with " + buffer.remaining() + " bytes too many");
    }
    buffer.limit(outerLimit);
  }

  /// The content of a tagged field that the schema does not know, added to `earlier`, which is a
  /// list that this method returned or an empty one.
  public List<RawTaggedField> readUnknownTaggedField(List<RawTaggedField> earlier, int tag) {
    int size = readUnsignedVarint();
    requireLength(size, "tagged field");
    List<RawTaggedField> fields = earlier.isEmpty() ? new ArrayList<>() : earlier;
    fields.add(new RawTaggedField(tag, slice(size)));
    return fields;
  }

  /// All tagged fields of a struct whose schema knows none.
  public List<RawTaggedField> readUnknownTaggedFields() {
    int count = readTaggedFieldCount();
    List<RawTaggedField> fields = List.of();
    int tag = -1;
    for (int i = 0; i < count; i++) {
      tag = readTag(tag);
      fields = readUnknownTaggedField(fields, tag);
    }
    return count == 0 ? fields : Collections.unmodifiableList(fields);
  }

  private void countElements(int count, int elementSize) {
    if (count > buffer.remaining() / elementSize) {
      throw malformed(count + " elements in " + buffer.remaining() + " bytes");
    }
    elementCount += count;
    if (elementCount > elementLimit) {
      throw malformed("more than " + elementLimit + " elements in one message");
    }
  }

  private String decodeUtf8(int length) {
    if (length == 0) {
      return "";
    }
    int position = buffer.position();
    buffer.position(position + length);
    String text;
    if (buffer.hasArray()) {
      int offset = buffer.arrayOffset() + position;
      text = new String(buffer.array(), offset, length, StandardCharsets.UTF_8);
    } else {
      byte[] bytes = new byte[length];
      buffer.get(position, bytes);
      text = new String(bytes, StandardCharsets.UTF_8);
    }
    // The JDK's fast decoder puts this character in the place of what is no UTF-8.
    if (text.indexOf('\ufffd') >= 0) {
      requireUtf8(position, length);
    }
    return text;
  }

  private void requireUtf8(int position, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(buffer.slice(position, length));
    } catch (CharacterCodingException e) {
      throw malformed("a string that is not UTF-8");
    }
  }

  private ByteBuffer slice(int length) {
    ByteBuffer slice = buffer.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    return slice;
  }

  private void require(int length) {
    if (buffer.remaining() < length) {
      throw malformed("the end of the message where " + length + " bytes should follow");
    }
  }

  private void requireLength(int length, String what) {
    if (length > buffer.remaining()) {
      throw malformed(
          "a %s of %d bytes where %d are left".formatted(what, length, buffer.remaining()));
    }
  }

  private void requireNullLength(int length, String what) {
    if (length != -1) {
      throw malformed("a " + what + " of length " + length);
    }
  }

  private <T> T nonNull(@Nullable T value, String what) {
    if (value == null) {
      throw malformed("a null " + what + " where the protocol wants one");
    }
    return value;
  }

  private MalformedMessageException malformed(String what) {
    return new MalformedMessageException(
        what + ", up to byte " + (buffer.position() - start) + " of the message");
  }
}
