package io.millrace.metadata;

import io.millrace.metadata.record.BrokerRegistrationChangeRecord;
import io.millrace.metadata.record.ConfigRecord;
import io.millrace.metadata.record.FeatureLevelRecord;
import io.millrace.metadata.record.NoOpRecord;
import io.millrace.metadata.record.PartitionChangeRecord;
import io.millrace.metadata.record.PartitionRecord;
import io.millrace.metadata.record.ProducerIdsRecord;
import io.millrace.metadata.record.RegisterBrokerRecord;
import io.millrace.metadata.record.RemoveTopicRecord;
import io.millrace.metadata.record.TopicRecord;
import io.millrace.metadata.record.UnregisterBrokerRecord;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import java.nio.ByteBuffer;

/// The kinds of metadata records that are written and understood, and how a record is framed in the
/// value of a log record, as in Kafka: the version of the frame, the kind, the version of the
/// record, each an unsigned varint, then the record.
enum RecordKind {
  REGISTER_BROKER(0, RegisterBrokerRecord.HIGHEST_VERSION, RegisterBrokerRecord::read),
  UNREGISTER_BROKER(1, UnregisterBrokerRecord.HIGHEST_VERSION, UnregisterBrokerRecord::read),
  TOPIC(2, TopicRecord.HIGHEST_VERSION, TopicRecord::read),
  PARTITION(3, PartitionRecord.HIGHEST_VERSION, PartitionRecord::read),
  CONFIG(4, ConfigRecord.HIGHEST_VERSION, ConfigRecord::read),
  PARTITION_CHANGE(5, PartitionChangeRecord.HIGHEST_VERSION, PartitionChangeRecord::read),
  REMOVE_TOPIC(9, RemoveTopicRecord.HIGHEST_VERSION, RemoveTopicRecord::read),
  FEATURE_LEVEL(12, FeatureLevelRecord.HIGHEST_VERSION, FeatureLevelRecord::read),
  PRODUCER_IDS(15, ProducerIdsRecord.HIGHEST_VERSION, ProducerIdsRecord::read),
  BROKER_REGISTRATION_CHANGE(
      17, BrokerRegistrationChangeRecord.HIGHEST_VERSION, BrokerRegistrationChangeRecord::read),
  NO_OP(20, NoOpRecord.HIGHEST_VERSION, NoOpRecord::read);

  private static final int FRAME_VERSION = 1;

  private final int key;
  private final short version;
  private final Reader reader;

  RecordKind(int key, short version, Reader reader) {
    this.key = key;
    this.version = version;
    this.reader = reader;
  }

  private interface Reader {
    ApiMessage read(MessageReader reader, short version);
  }

  /// A record in its frame.
  static ByteBuffer frame(ApiMessage record) {
    RecordKind kind = forKey(record.apiKey());
    MessageWriter writer = new MessageWriter();
    writer.writeUnsignedVarint(FRAME_VERSION);
    writer.writeUnsignedVarint(kind.key);
    writer.writeUnsignedVarint(kind.version);
    record.write(writer, kind.version);
    return writer.toByteBuffer();
  }

  /// The record in a frame. Throws [MalformedMessageException] for anything else.
  static ApiMessage unframe(ByteBuffer frame) {
    MessageReader reader = new MessageReader(frame);
    int frameVersion = reader.readUnsignedVarint();
    if (frameVersion != FRAME_VERSION) {
      throw new MalformedMessageException(
          "a metadata record in a frame of version " + frameVersion);
    }
    int key = reader.readUnsignedVarint();
    int version = reader.readUnsignedVarint();
    ApiMessage record = forKey(key).reader.read(reader, (short) version);
    if (reader.remaining() > 0) {
      throw new MalformedMessageException(
          reader.remaining() + " bytes after a metadata record of kind " + key);
    }
    return record;
  }

  private static RecordKind forKey(int key) {
    for (RecordKind kind : values()) {
      if (kind.key == key) {
        return kind;
      }
    }
    throw new MalformedMessageException(
        "a metadata record of kind " + key + ", which is not known");
  }
}
