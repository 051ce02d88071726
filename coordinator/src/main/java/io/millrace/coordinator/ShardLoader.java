package io.millrace.coordinator;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.UnsupportedVersionException;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.ControlRecordType;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.RecordCursor;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the log of a shard into its machine.
final class ShardLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);

  private static final int READ_BYTES = 1 << 20;
  private static final DecompressionLimit LIMIT = DecompressionLimit.ofBytes(1L << 30);

  private final PartitionLog log;
  private final RecordSchemas schemas;
  private final Machine machine;
  private final BatchCursor batch = new BatchCursor();
  private long recordCount;
  private boolean isUnknownTold;

  ShardLoader(PartitionLog log, RecordSchemas schemas, Machine machine) {
    this.log = log;
    this.schemas = schemas;
    this.machine = machine;
  }

  /// How many records were read.
  long recordCount() {
    return recordCount;
  }

  /// Reads everything below `endOffset`. Throws `IOException` for a log that cannot be read or has
  /// a batch that is damaged: a state with a gap must not be served.
  void load(long endOffset) throws IOException {
    long offset = log.logStartOffset();
    while (offset < endOffset) {
      try (LogSlice slice = log.read(offset, READ_BYTES, endOffset, true)) {
        if (slice.sizeInBytes() == 0) {
          throw new IOException(
              "the log of " + log.partition() + " has no batch at offset " + offset);
        }
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        slice.file().read(bytes, slice.position());
        batch.wrap(bytes.flip());
        while (batch.next()) {
          apply(offset);
          offset = batch.nextOffset();
        }
      }
    }
  }

  private void apply(long fromOffset) throws IOException {
    if (!batch.isCrcValid()) {
      throw new IOException(
          "the batch at offset " + batch.baseOffset() + " of " + log.partition() + " is damaged");
    }
    try (RecordCursor record = batch.records(LIMIT)) {
      while (record.next()) {
        if (record.offset() >= fromOffset) {
          recordCount++;
          if (batch.isControl()) {
            applyMarker(record);
          } else {
            applyRecord(record);
          }
        }
      }
    }
  }

  private void applyMarker(RecordCursor record) {
    ControlRecordType type = ControlRecordType.of(record);
    if (type != ControlRecordType.OTHER) {
      machine.applyMarker(
          new Machine.EndMarker(
              batch.producerId(),
              batch.producerEpoch(),
              ControlRecordType.coordinatorEpoch(record),
              type == ControlRecordType.COMMIT),
          record.offset());
    }
  }

  private void applyRecord(RecordCursor record) {
    ByteBuffer key = record.key();
    if (key == null) {
      return;
    }
    StateRecord decoded;
    try {
      decoded = decode(key, record.value());
    } catch (UnsupportedVersionException e) {
      // Something newer wrote it, for a feature that is not here.
      if (!isUnknownTold) {
        isUnknownTold = true;
        LOG.warn(
            "Passing over a record of {} at {}: {}",
            log.partition(),
            record.offset(),
            e.getMessage());
      }
      return;
    }
    long producerId = batch.isTransactional() ? batch.producerId() : -1;
    machine.apply(
        decoded, new Machine.Provenance(record.offset(), producerId, batch.producerEpoch()));
  }

  private StateRecord decode(ByteBuffer key, @Nullable ByteBuffer value) {
    short type = key.getShort();
    ApiMessage decodedKey = schemas.readKey(type, new MessageReader(key.slice()));
    if (value == null) {
      return StateRecord.tombstone(decodedKey);
    }
    // What the machine keeps of it must not keep the whole chunk that was read.
    ByteBuffer copy = ByteBuffer.allocate(value.remaining()).put(value).flip();
    short version = copy.getShort();
    return StateRecord.of(
        decodedKey, schemas.readValue(type, version, new MessageReader(copy.slice())), version);
  }
}
