package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ConsumerShard.beat;
import static io.millrace.coordinator.group.ConsumerShard.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.TestShard;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.millrace.coordinator.group.record.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.Test;

/// Kafka's own classes read what is written of consumer groups, and write the same bytes.
class ConsumerRecordsTest {
  private static ByteBuffer bytes(short prefix, ApiMessage message, short version) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16(prefix);
    message.write(writer, version);
    return ByteBuffer.wrap(Bytes.copy(writer.toByteBuffer()));
  }

  /// What all kinds of events write.
  private static List<StateRecord> records() {
    ConsumerShard cluster = new ConsumerShard();
    cluster.createTopic("t", 4);
    cluster.heartbeat(join("a", "t").rackId("r").instanceId("i").serverAssignor("uniform"));
    cluster.shard.advance(Duration.ofSeconds(1));
    cluster.heartbeat(join("b").subscribedTopicRegex("t.*"));
    cluster.heartbeat(beat("a", 1).instanceId("i"));
    cluster.heartbeat(beat("a", 1).instanceId("i").topicPartitions(cluster.owned("t", 0, 1)));
    cluster.heartbeat(beat("b", 2));
    cluster.heartbeat(beat("a", -2).instanceId("i"));
    cluster.heartbeat(beat("b", -1));
    List<StateRecord> records = new ArrayList<>();
    for (TestShard.Entry entry : cluster.shard.log()) {
      StateRecord record = entry.record();
      if (record != null) {
        records.add(record);
      }
    }
    records.add(
        ConsumerRecords.member(
            "g",
            "c",
            ConsumerMember.NO_METADATA.toBuilder()
                .classicMemberMetadata(
                    ClassicMemberMetadata.builder()
                        .sessionTimeoutMs(1)
                        .supportedProtocols(
                            List.of(
                                ClassicProtocol.builder()
                                    .name("range")
                                    .metadata(ByteBuffer.wrap(new byte[] {1, 2}))
                                    .build()))
                        .build())
                .build()));
    records.addAll(cluster.group().tombstones());
    records.add(ConsumerRecords.noPartitionMetadata("g"));
    return records;
  }

  @Test
  void kafkaReadsWhatIsWritten() {
    GroupCoordinatorRecordSerde kafka = new GroupCoordinatorRecordSerde();
    TreeSet<Short> kinds = new TreeSet<>();
    for (StateRecord record : records()) {
      ApiMessage value = record.value();
      ByteBuffer key = bytes(record.key().apiKey(), record.key(), (short) 0);
      ByteBuffer written =
          value == null ? null : bytes(record.valueVersion(), value, record.valueVersion());
      CoordinatorRecord read =
          kafka.deserialize(key.duplicate(), written == null ? null : written.duplicate());
      assertThat(ByteBuffer.wrap(kafka.serializeKey(read))).as("%s", record).isEqualTo(key);
      ApiMessageAndVersion readValue = read.value();
      if (written == null || value == null) {
        assertThat(readValue).as("%s", record).isNull();
      } else {
        kinds.add(record.key().apiKey());
        assertThat(ByteBuffer.wrap(kafka.serializeValue(read))).as("%s", record).isEqualTo(written);
        MessageReader reader = new MessageReader(written.duplicate());
        short version = reader.readInt16();
        assertThat(GroupMachine.SCHEMAS.readValue(record.key().apiKey(), version, reader))
            .isEqualTo(value);
      }
    }
    assertThat(kinds)
        .containsExactly((short) 3, (short) 5, (short) 6, (short) 7, (short) 8, (short) 16);
  }
}
