package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.MetadataRequest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MessageReaderTest {
  @Test
  void varintsThatAreTooLongOrTooLarge() {
    assertMalformed("8080808008", MessageReader::readUnsignedVarint, "above 2^31-1");
    assertMalformed("ffffffff0f", MessageReader::readUnsignedVarint, "above 2^31-1");
    assertMalformed("808080808000", MessageReader::readUnsignedVarint, "above 2^31-1");
    assertMalformed("8000", MessageReader::readUnsignedVarint, "longer than its value needs");
    assertMalformed("ff8000", MessageReader::readUnsignedVarint, "longer than its value needs");
    assertMalformed("80", MessageReader::readUnsignedVarint, "end of the message");
    assertThat(reader("ffffffff07").readUnsignedVarint()).isEqualTo(Integer.MAX_VALUE);
    assertThat(reader("8001").readUnsignedVarint()).isEqualTo(128);
  }

  @Test
  void stringLengthsThatCannotBe() {
    assertMalformed("fffe", r -> r.readNullableString(false), "length -2");
    assertMalformed("ffff", r -> r.readString(false), "null string");
    assertMalformed("00", r -> r.readString(true), "null string");
    assertMalformed("0003 6161", r -> r.readString(false), "3 bytes where 2 are left");
    assertMalformed("818002", r -> r.readString(true), "32767 are allowed");
    assertThat(reader("ffff").readNullableString(false)).isNull();
    assertThat(reader("00").readNullableString(true)).isNull();
  }

  @Test
  void stringsThatAreNotUtf8() {
    assertMalformed("0001 ff", r -> r.readString(false), "not UTF-8");
    assertMalformed("0003 eda080", r -> r.readString(false), "not UTF-8");
    assertMalformed("0002 c080", r -> r.readString(false), "not UTF-8");
    // The character that stands for something broken is itself a valid one.
    assertThat(reader("0003 efbfbd").readString(false)).isEqualTo("\ufffd");
  }

  @Test
  void byteLengthsThatCannotBe() {
    assertMalformed("fffffffe", r -> r.readNullableBytes(false), "length -2");
    assertMalformed("ffffffff", r -> r.readBytes(false), "null byte string");
    assertMalformed("7fffffff", r -> r.readBytes(false), "2147483647 bytes where 0 are left");
    assertMalformed("00", r -> r.readRecords(true), "null byte string");
  }

  @Test
  void arrayLengthsThatCannotBe() {
    assertMalformed("fffffffe", r -> r.readNullableArrayLength(false, 1), "length -2");
    assertMalformed("ffffffff", r -> r.readArrayLength(false, 1), "null array");
    assertMalformed("00", r -> r.readArrayLength(true, 1), "null array");
    assertMalformed("00000003 0000", r -> r.readArrayLength(false, 1), "3 elements in 2 bytes");
    assertMalformed(
        "00000002 00000000000000", r -> r.readArrayLength(false, 4), "2 elements in 7 bytes");
    assertMalformed("7fffffff", r -> r.readArrayLength(false, 16), "2147483647 elements");
  }

  @Test
  void taggedFieldsThatCannotBe() {
    assertMalformed("02 0500 0500", MessageReader::readUnknownTaggedFields, "tag 5 after tag 5");
    assertMalformed("02 0500 0400", MessageReader::readUnknownTaggedFields, "tag 4 after tag 5");
    assertMalformed("01 0509 00", MessageReader::readUnknownTaggedFields, "9 bytes where 1");
    assertMalformed("ffffffff07", MessageReader::readUnknownTaggedFields, "elements in 0 bytes");
    assertMalformed(
        "02 0102",
        reader -> {
          int outerLimit = reader.enterTaggedField();
          reader.readInt8();
          reader.leaveTaggedField(outerLimit);
        },
        "1 bytes too many");
  }

  @Test
  void elementsOfAllArraysAreCounted() {
    MessageWriter writer = new MessageWriter();
    for (int i = 0; i < 11; i++) {
      writer.writeArrayLength(10, false);
      writer.writeInt64(0);
      writer.writeInt16((short) 0);
    }
    MessageReader reader = new MessageReader(writer.toByteBuffer(), 100);
    for (int i = 0; i < 10; i++) {
      reader.readInt8List(reader.readArrayLength(false, 1));
    }
    assertThatThrownBy(() -> reader.readArrayLength(false, 1))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("more than 100 elements");
  }

  @Test
  void trailingBytesAreTheCallersAffair() {
    MessageWriter writer = new MessageWriter();
    MetadataRequest.builder().build().write(writer, (short) 9);
    writer.writeInt32(7);
    MessageReader reader = new MessageReader(writer.toByteBuffer());
    MetadataRequest.read(reader, (short) 9);
    assertThat(reader.remaining()).isEqualTo(4);
  }

  @Test
  void theGivenBufferIsNotMoved() {
    ByteBuffer buffer = ByteBuffer.allocate(10).position(2);
    MessageReader reader = new MessageReader(buffer);
    reader.readInt32();
    assertThat(buffer.position()).isEqualTo(2);
    assertThat(reader.remaining()).isEqualTo(4);
  }

  private static MessageReader reader(String hex) {
    return new MessageReader(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  private static void assertMalformed(String hex, Consumer<MessageReader> read, String message) {
    assertThatThrownBy(() -> read.accept(reader(hex)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(message);
  }
}
