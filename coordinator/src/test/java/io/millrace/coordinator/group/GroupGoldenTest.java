package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicShard.committing;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.TestShard;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.junit.jupiter.api.Test;

/// What is written is what Kafka reads, and would write itself.
final class GroupGoldenTest {
  private final ClassicShard group = new ClassicShard();
  private final GroupCoordinatorRecordSerde kafka = new GroupCoordinatorRecordSerde();

  /// The records so far, as Kafka reads them and as it writes them back.
  private List<CoordinatorRecord> readByKafka() {
    List<CoordinatorRecord> read = new ArrayList<>();
    for (TestShard.Entry entry : group.shard.log()) {
      StateRecord record = entry.record();
      if (record == null) {
        continue;
      }
      ByteBuffer key = bytes(record.key().apiKey(), record.key(), (short) 0);
      ApiMessage value = record.value();
      ByteBuffer written =
          value == null ? null : bytes(record.valueVersion(), value, record.valueVersion());
      CoordinatorRecord there =
          kafka.deserialize(key.duplicate(), written == null ? null : written.duplicate());
      assertThat(ByteBuffer.wrap(kafka.serializeKey(there))).isEqualTo(key);
      byte[] back = kafka.serializeValue(there);
      assertThat(back == null ? null : ByteBuffer.wrap(back)).isEqualTo(written);
      read.add(there);
    }
    return read;
  }

  private static ByteBuffer bytes(short prefix, ApiMessage message, short version) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16(prefix);
    message.write(writer, version);
    ByteBuffer written = writer.toByteBuffer();
    return ByteBuffer.allocate(written.remaining()).put(written).flip();
  }

  @Test
  void kafkaReadsGroups() {
    List<String> ids = group.stableGroup(2);
    CoordinatorRecord record = readByKafka().getLast();
    assertThat(record.value().version()).isEqualTo((short) 3);
    GroupMetadataValue value = (GroupMetadataValue) record.value().message();
    assertThat(value.protocolType()).isEqualTo("consumer");
    assertThat(value.protocol()).isEqualTo("range");
    assertThat(value.leader()).isEqualTo(ids.get(0));
    assertThat(value.generation()).isEqualTo(2);
    assertThat(value.members())
        .extracting(GroupMetadataValue.MemberMetadata::memberId)
        .containsExactlyElementsOf(ids);
    assertThat(value.members().getFirst().clientHost()).isEqualTo("/127.0.0.1");
    assertThat(value.members().getFirst().sessionTimeout()).isEqualTo(ClassicShard.SESSION_MS);
    group.shard.advance(ClassicShard.SESSION);
    GroupMetadataValue empty = (GroupMetadataValue) readByKafka().getLast().value().message();
    assertThat(empty.members()).isEmpty();
    assertThat(empty.protocol()).isNull();
    assertThat(empty.leader()).isNull();
  }

  @Test
  void kafkaReadsOffsets() {
    group.commit(committing(ClassicShard.GROUP, 3, 42));
    CoordinatorRecord record = readByKafka().getLast();
    OffsetCommitKey key = (OffsetCommitKey) record.key();
    assertThat(key.topic()).isEqualTo(ClassicShard.TOPIC);
    assertThat(key.partition()).isEqualTo(3);
    assertThat(record.value().version()).isEqualTo((short) 4);
    OffsetCommitValue value = (OffsetCommitValue) record.value().message();
    assertThat(value.offset()).isEqualTo(42);
    assertThat(value.metadata()).isEqualTo("why");
    assertThat(value.topicId()).isNotEqualTo(Uuid.ZERO_UUID);
    group.commit(committing(ClassicShard.GROUP, 3, 43).retentionTimeMs(5_000), 4);
    record = readByKafka().getLast();
    assertThat(record.value().version()).as("which has the time of expiry").isEqualTo((short) 1);
    value = (OffsetCommitValue) record.value().message();
    assertThat(value.expireTimestamp() - value.commitTimestamp()).isEqualTo(5_000);
  }

  @Test
  void kafkaReadsTombstones() {
    group.commit(committing(ClassicShard.GROUP, 3, 42));
    group.shard.ask((machine, now) -> machine.delete(ClassicShard.GROUP));
    List<CoordinatorRecord> read = readByKafka();
    assertThat(read).hasSize(3);
    assertThat(read.get(1).value()).isNull();
    assertThat(read.get(2).value()).isNull();
  }
}
