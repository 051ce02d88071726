package io.millrace.coordinator;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.ControlRecordType;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what is decided in batches, to be appended together: the records of a decision are in
/// one batch, so that all of them are there after a crash or none.
///
/// Guarded by the lock of the shard that it belongs to.
final class RecordBatcher {
  private static final short KEY_VERSION = 0;

  private final List<ByteBuffer> ended = new ArrayList<>();
  private final MessageWriter writer = new MessageWriter();
  private RecordBatchBuilder open = new RecordBatchBuilder();
  private long openProducerId = RecordBatches.NO_PRODUCER_ID;
  private short openProducerEpoch = RecordBatches.NO_PRODUCER_EPOCH;

  /// A record as bytes, and what it says.
  record Encoded(StateRecord record, ByteBuffer key, @Nullable ByteBuffer value) {
    /// More than the record takes in a batch.
    int maxSizeInBytes() {
      return key.remaining() + (value == null ? 0 : value.remaining()) + OVERHEAD;
    }

    private static final int OVERHEAD = 40;
  }

  /// Writes records in bytes. Throws [CoordinatorException] with `MESSAGE_TOO_LARGE` if they fit no
  /// batch together.
  List<Encoded> encode(List<StateRecord> records, int maxBatchBytes) throws CoordinatorException {
    List<Encoded> encoded = new ArrayList<>(records.size());
    long size = RecordBatches.HEADER_SIZE;
    for (StateRecord record : records) {
      ApiMessage value = record.value();
      Encoded each =
          new Encoded(
              record,
              bytes(record.key().apiKey(), record.key(), KEY_VERSION),
              value == null ? null : bytes(record.valueVersion(), value, record.valueVersion()));
      size += each.maxSizeInBytes();
      encoded.add(each);
    }
    if (size > maxBatchBytes) {
      throw new CoordinatorException(
          ErrorCode.MESSAGE_TOO_LARGE,
          records.size()
              + " records of together "
              + size
              + " bytes are more than max.message.bytes of the internal topic, "
              + maxBatchBytes);
    }
    return encoded;
  }

  private ByteBuffer bytes(short prefix, ApiMessage message, short version) {
    writer.reset();
    writer.writeInt16(prefix);
    message.write(writer, version);
    ByteBuffer written = writer.toByteBuffer();
    return ByteBuffer.allocate(written.remaining()).put(written).flip();
  }

  /// Adds the records of a decision.
  void add(
      List<Encoded> records, long producerId, short producerEpoch, long wallMs, int maxBatchBytes) {
    int size = 0;
    for (Encoded record : records) {
      size += record.maxSizeInBytes();
    }
    if (producerId != openProducerId
        || producerEpoch != openProducerEpoch
        || open.sizeInBytes() + size > maxBatchBytes) {
      endBatch();
      open = newBatch(producerId, producerEpoch);
      openProducerId = producerId;
      openProducerEpoch = producerEpoch;
    }
    for (Encoded record : records) {
      open.append(wallMs, record.key(), record.value());
    }
  }

  /// Adds the control batch that ends a transaction.
  void addMarker(Machine.EndMarker marker, long wallMs) {
    endBatch();
    ended.add(
        newBatch(marker.producerId(), marker.producerEpoch())
            .control(true)
            .appendEndTransaction(
                wallMs,
                marker.isCommit() ? ControlRecordType.COMMIT : ControlRecordType.ABORT,
                marker.coordinatorEpoch())
            .build());
  }

  private static RecordBatchBuilder newBatch(long producerId, short producerEpoch) {
    RecordBatchBuilder batch = new RecordBatchBuilder();
    return producerId < 0
        ? batch
        : batch.producer(producerId, producerEpoch, RecordBatches.NO_SEQUENCE).transactional(true);
  }

  private void endBatch() {
    if (open.recordCount() > 0) {
      ended.add(open.build());
    }
  }

  boolean isEmpty() {
    return ended.isEmpty() && open.recordCount() == 0;
  }

  /// The batches so far, which are then not here any more.
  List<ByteBuffer> take() {
    endBatch();
    List<ByteBuffer> taken = List.copyOf(ended);
    ended.clear();
    return taken;
  }
}
