package io.millrace.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.transaction.record.TransactionLogValue;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.TopicPartition;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.coordinator.transaction.TransactionLog;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;
import org.apache.kafka.server.common.TransactionVersion;
import org.junit.jupiter.api.Test;

/// Kafka's own reader of `__transaction_state` understands what is written here.
class TransactionGoldenTest {
  @Test
  void kafkaReadsEveryState() {
    for (TransactionState state : TransactionState.values()) {
      boolean isEmpty = state == TransactionState.EMPTY;
      TreeSet<TopicPartition> partitions = new TreeSet<>();
      if (!isEmpty) {
        partitions.addAll(
            List.of(
                new TopicPartition("a", 0),
                new TopicPartition("a", 7),
                new TopicPartition("__consumer_offsets", 3)));
      }
      Transaction written =
          new Transaction(
              "payments",
              new ProducerIdentity(12, (short) 32_767, 11, 13, (short) -1),
              60_000,
              state,
              partitions,
              1_700_000_000_000L,
              1_700_000_000_500L,
              (short) 2);
      StateRecord record = written.record();

      TransactionLog.ReadResult read = TransactionLog.read(key(record), value(record));
      assertThat(read).isInstanceOf(TransactionLog.TxnRecord.class);
      TransactionLog.TxnRecord transaction = (TransactionLog.TxnRecord) read;
      assertThat(transaction.transactionId()).isEqualTo("payments");
      TransactionMetadata metadata = transaction.metadata();
      assertThat(metadata.producerId()).isEqualTo(12);
      assertThat(metadata.producerEpoch()).isEqualTo((short) 32_767);
      assertThat(metadata.prevProducerId()).isEqualTo(11);
      assertThat(metadata.toString()).contains("nextProducerId=13");
      assertThat(metadata.txnTimeoutMs()).isEqualTo(60_000);
      assertThat(metadata.state().id()).isEqualTo(state.id());
      assertThat(metadata.state().stateName()).isEqualTo(state.title());
      assertThat(metadata.txnStartTimestamp()).isEqualTo(1_700_000_000_000L);
      assertThat(metadata.txnLastUpdateTimestamp()).isEqualTo(1_700_000_000_500L);
      assertThat(metadata.clientTransactionVersion().featureLevel()).isEqualTo((short) 2);
      assertThat(metadata.topicPartitions())
          .extracting(each -> new TopicPartition(each.topic(), each.partition()))
          .containsExactlyInAnyOrderElementsOf(partitions);

      ByteBuffer back =
          ByteBuffer.wrap(
              TransactionLog.valueToBytes(metadata.prepareNoTransit(), TransactionVersion.TV_2));
      short version = back.getShort();
      ApiMessage value =
          TransactionMachine.SCHEMAS.readValue((short) 0, version, new MessageReader(back));
      assertThat(Transaction.read("payments", (TransactionLogValue) value)).isEqualTo(written);
    }
  }

  @Test
  void kafkaReadsATombstone() {
    StateRecord record = StateRecord.tombstone(Transaction.key("payments"));
    assertThat(TransactionLog.read(key(record), null))
        .isEqualTo(new TransactionLog.TxnTombstone("payments"));
  }

  @Test
  void weReadWhatKafkaWrites() {
    ByteBuffer key = ByteBuffer.wrap(TransactionLog.keyToBytes("payments"));
    assertThat(key).isEqualTo(key(StateRecord.tombstone(Transaction.key("payments"))));
    short type = key.getShort();
    ApiMessage read = TransactionMachine.SCHEMAS.readKey(type, new MessageReader(key));
    assertThat(read).isEqualTo(Transaction.key("payments"));
  }

  private static ByteBuffer key(StateRecord record) {
    return bytes(record.key().apiKey(), record.key(), (short) 0);
  }

  private static ByteBuffer value(StateRecord record) {
    ApiMessage value = record.value();
    if (value == null) {
      throw new AssertionError("a tombstone has no value");
    }
    return bytes(record.valueVersion(), value, record.valueVersion());
  }

  private static ByteBuffer bytes(short prefix, ApiMessage message, short version) {
    MessageWriter writer = new MessageWriter();
    writer.writeInt16(prefix);
    message.write(writer, version);
    return writer.toByteBuffer();
  }
}
