package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.FetchResponse.FetchableTopicResponse;
import io.millrace.protocol.message.FetchResponse.PartitionData;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.SaslAuthenticateRequest;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageWriterTest {
  /// Records that are somewhere else.
  private record FileRange(int sizeInBytes) implements RecordData {}

  private static FetchResponse response(RecordData... records) {
    return FetchResponse.builder()
        .responses(
            List.of(
                FetchableTopicResponse.builder()
                    .partitions(
                        List.of(records).stream()
                            .map(data -> PartitionData.builder().records(data).build())
                            .toList())
                    .build()))
        .build();
  }

  @Test
  void recordsThatAreElsewhereAreChunks() {
    FileRange first = new FileRange(100_000);
    FileRange second = new FileRange(7);
    MessageWriter writer = new MessageWriter();
    writer.beginFrame();
    response(first, second, new FileRange(0)).write(writer, (short) 17);
    writer.endFrame();

    List<MessageWriter.Chunk> chunks = writer.chunks();
    assertThat(chunks).hasSize(5);
    assertThat(chunks.get(1)).isEqualTo(new MessageWriter.Chunk.Foreign(first));
    assertThat(chunks.get(3)).isEqualTo(new MessageWriter.Chunk.Foreign(second));
    int bytes = size(chunks.get(0)) + size(chunks.get(2)) + size(chunks.get(4));
    assertThat(writer.size()).isEqualTo(bytes + 100_007L);
    ByteBuffer head = ((MessageWriter.Chunk.Bytes) chunks.get(0)).buffer();
    assertThat(head.getInt(0)).isEqualTo(bytes + 100_007 - 4);
    assertThatThrownBy(writer::toByteBuffer).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void largeRecordsInMemoryAreNotCopied() {
    ByteBuffer batch = ByteBuffer.allocate(10_000).putInt(0, 42);
    FetchResponse response = response(new RecordData.Buffer(batch));
    MessageWriter writer = new MessageWriter();
    response.write(writer, (short) 17);
    assertThat(writer.chunks()).hasSize(3);
    assertThat(writer.chunks().get(1)).isEqualTo(new MessageWriter.Chunk.Bytes(batch));
    MessageReader reader = new MessageReader(writer.toByteBuffer());
    assertThat(FetchResponse.read(reader, (short) 17)).isEqualTo(response);
  }

  @Test
  void aWriterCanBeUsedAgain() {
    MessageWriter writer = new MessageWriter(ByteBuffer::allocateDirect, 16);
    MetadataRequest request = MetadataRequest.builder().allowAutoTopicCreation(false).build();
    for (int i = 0; i < 3; i++) {
      writer.beginFrame();
      request.write(writer, (short) 12);
      writer.writeString("a string that does not fit into the first buffer", true);
      writer.endFrame();
      assertThat(writer.buffers()).hasSize(2);
      ByteBuffer frame = writer.toByteBuffer();
      assertThat(frame.getInt()).isEqualTo(frame.remaining());
      MessageReader reader = new MessageReader(frame);
      assertThat(MetadataRequest.read(reader, (short) 12)).isEqualTo(request);
      writer.reset();
      assertThat(writer.size()).isZero();
    }
  }

  @Test
  void varintsOfEveryLength() {
    for (int bits = 0; bits < 31; bits++) {
      for (int value : new int[] {1 << bits, (1 << bits) - 1, (1 << bits) + 1}) {
        MessageWriter writer = new MessageWriter();
        writer.writeUnsignedVarint(value);
        MessageReader reader = new MessageReader(writer.toByteBuffer());
        assertThat(reader.readUnsignedVarint()).isEqualTo(value);
        assertThat(reader.remaining()).isZero();
      }
    }
  }

  @Test
  void unknownTaggedFieldsStandBetweenTheKnownOnes() {
    List<RawTaggedField> unknown = List.of(raw(0), raw(2), raw(3), raw(9));
    MessageWriter writer = new MessageWriter();
    int index = writer.writeUnknownTaggedFields(unknown, 0, 1);
    assertThat(index).isEqualTo(1);
    index = writer.writeUnknownTaggedFields(unknown, index, 4);
    assertThat(index).isEqualTo(3);
    index = writer.writeUnknownTaggedFields(unknown, index, Integer.MAX_VALUE);
    assertThat(index).isEqualTo(4);
    assertThatThrownBy(() -> writer.writeUnknownTaggedFields(unknown, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.writeUnknownTaggedFields(List.of(raw(2), raw(1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stringsAreLimited() {
    MessageWriter writer = new MessageWriter();
    assertThatThrownBy(() -> writer.writeString("x".repeat(32768), true))
        .isInstanceOf(IllegalArgumentException.class);
    writer.writeString("x".repeat(32767), true);
    assertThat(new MessageReader(writer.toByteBuffer()).readString(true)).hasSize(32767);
  }

  @Test
  void whatTheVersionCannotCarryIsRefused() {
    MessageWriter writer = new MessageWriter();
    FetchResponse session = FetchResponse.builder().sessionId(5).throttleTimeMs(3).build();
    assertThatThrownBy(() -> session.write(writer, (short) 6))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContaining("FetchResponse.sessionId is set, and version 6");
    FetchResponse unknown = FetchResponse.builder().unknownTaggedFields(List.of(raw(7))).build();
    assertThatThrownBy(() -> unknown.write(writer, (short) 11))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContaining("unknownTaggedFields");
    MetadataRequest allTopics = MetadataRequest.builder().topics(null).build();
    assertThatThrownBy(() -> allTopics.write(writer, (short) 0))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContaining("MetadataRequest.topics is null, and version 0");
  }

  @Test
  void ignorableFieldsAreDropped() {
    FetchResponse response = FetchResponse.builder().errorCode((short) 5).build();
    MessageWriter writer = new MessageWriter();
    response.write(writer, (short) 4);
    FetchResponse read = FetchResponse.read(new MessageReader(writer.toByteBuffer()), (short) 4);
    assertThat(read.errorCode()).isZero();
  }

  @Test
  void secretsAreNotPrinted() {
    SaslAuthenticateRequest request =
        SaslAuthenticateRequest.builder().authBytes(ByteBuffer.wrap(new byte[] {1, 2})).build();
    assertThat(request).hasToString("SaslAuthenticateRequest(authBytes=[redacted])");
  }

  private static RawTaggedField raw(int tag) {
    return new RawTaggedField(tag, ByteBuffer.wrap(new byte[] {(byte) tag}));
  }

  private static int size(MessageWriter.Chunk chunk) {
    return ((MessageWriter.Chunk.Bytes) chunk).buffer().remaining();
  }
}
