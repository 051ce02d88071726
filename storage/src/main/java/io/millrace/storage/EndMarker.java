package io.millrace.storage;

import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.ControlRecordType;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What ends a producer's transaction in a log (KIP-98): a control batch with one record.
record EndMarker(long producerId, short producerEpoch, int coordinatorEpoch, boolean isCommit) {
  /// What no marker comes near.
  static final int MAX_BYTES = 1 << 10;

  /// The marker in the batch at `at`; null if it is a control batch of another kind, or not all of
  /// it is in the buffer.
  static @Nullable EndMarker read(ByteBuffer buffer, int at) {
    long size = BatchHeader.sizeInBytes(buffer, at);
    if (size > Math.min(MAX_BYTES, buffer.limit() - at)) {
      return null;
    }
    BatchCursor batch = RecordBatches.over(buffer.slice(at, (int) size));
    if (!batch.next()) {
      return null;
    }
    try (RecordCursor records = batch.records(DecompressionLimit.UNLIMITED)) {
      if (!records.next()) {
        return null;
      }
      ControlRecordType type = ControlRecordType.of(records);
      return type == ControlRecordType.OTHER
          ? null
          : new EndMarker(
              batch.producerId(),
              batch.producerEpoch(),
              ControlRecordType.coordinatorEpoch(records),
              type == ControlRecordType.COMMIT);
    } catch (InvalidBatchException notAMarker) {
      return null;
    }
  }

  /// As a batch at offset 0.
  ByteBuffer toBatch(long nowMs) {
    return new RecordBatchBuilder()
        .producer(producerId, producerEpoch, RecordBatches.NO_SEQUENCE)
        .transactional(true)
        .control(true)
        .appendEndTransaction(
            nowMs, isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, coordinatorEpoch)
        .build();
  }
}
