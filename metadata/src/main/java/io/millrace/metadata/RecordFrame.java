package io.millrace.metadata;

import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import java.nio.ByteBuffer;

/// How a metadata record is framed in the value of a log record, as in Kafka: the version of the
/// frame, the kind of record, the version of the record, each an unsigned varint, then the record.
final class RecordFrame {
  private static final int FRAME_VERSION = 1;

  private RecordFrame() {}

  /// A record, of the highest version, in its frame.
  static ByteBuffer frame(MetadataRecord record) {
    short version = MetadataRecord.highestVersion(record.apiKey());
    MessageWriter writer = new MessageWriter();
    writer.writeUnsignedVarint(FRAME_VERSION);
    writer.writeUnsignedVarint(record.apiKey());
    writer.writeUnsignedVarint(version);
    record.write(writer, version);
    return writer.toByteBuffer();
  }

  /// The record in a frame. Throws [MalformedMessageException] or `UnsupportedVersionException` for
  /// anything else.
  static MetadataRecord unframe(ByteBuffer frame) {
    MessageReader reader = new MessageReader(frame);
    int frameVersion = reader.readUnsignedVarint();
    if (frameVersion != FRAME_VERSION) {
      throw new MalformedMessageException(
          "a metadata record in a frame of version " + frameVersion);
    }
    int kind = reader.readUnsignedVarint();
    int version = reader.readUnsignedVarint();
    MetadataRecord record = MetadataRecord.read((short) kind, (short) version, reader);
    if (reader.remaining() > 0) {
      throw new MalformedMessageException(
          reader.remaining() + " bytes after a metadata record of kind " + kind);
    }
    return record;
  }
}
