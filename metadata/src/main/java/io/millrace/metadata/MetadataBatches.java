package io.millrace.metadata;

import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.UnsupportedVersionException;
import io.millrace.protocol.message.SnapshotFooterRecord;
import io.millrace.protocol.message.SnapshotHeaderRecord;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Metadata records in record batches, as the files of the metadata log hold them.
final class MetadataBatches {
  private static final short CONTROL_VERSION = 0;
  private static final short SNAPSHOT_HEADER = 3;
  private static final short SNAPSHOT_FOOTER = 4;

  private MetadataBatches() {}

  /// One batch with all the records, the first at `baseOffset`.
  static ByteBuffer batch(long baseOffset, int epoch, long nowMs, List<MetadataRecord> records) {
    RecordBatchBuilder builder =
        new RecordBatchBuilder().baseOffset(baseOffset).partitionLeaderEpoch(epoch);
    for (MetadataRecord record : records) {
      builder.append(nowMs, null, RecordFrame.frame(record), List.of());
    }
    return builder.build();
  }

  /// The batch that a snapshot begins with.
  static ByteBuffer snapshotHeader(int epoch, long nowMs) {
    ApiMessage header =
        SnapshotHeaderRecord.builder()
            .version(SnapshotHeaderRecord.HIGHEST_VERSION)
            .lastContainedLogTimestamp(nowMs)
            .build();
    return control(0, epoch, nowMs, SNAPSHOT_HEADER, header, SnapshotHeaderRecord.HIGHEST_VERSION);
  }

  /// The batch that a snapshot ends with: it is complete if this is there.
  static ByteBuffer snapshotFooter(long offset, int epoch, long nowMs) {
    ApiMessage footer =
        SnapshotFooterRecord.builder().version(SnapshotFooterRecord.HIGHEST_VERSION).build();
    return control(
        offset, epoch, nowMs, SNAPSHOT_FOOTER, footer, SnapshotFooterRecord.HIGHEST_VERSION);
  }

  private static ByteBuffer control(
      long offset, int epoch, long nowMs, short type, ApiMessage content, short version) {
    ByteBuffer key = ByteBuffer.allocate(4).putShort(CONTROL_VERSION).putShort(type).flip();
    MessageWriter value = new MessageWriter();
    content.write(value, version);
    return new RecordBatchBuilder()
        .control(true)
        .baseOffset(offset)
        .partitionLeaderEpoch(epoch)
        .append(nowMs, key, value.toByteBuffer(), List.of())
        .build();
  }

  /// Whether the batch that the cursor is at ends a snapshot.
  static boolean isSnapshotFooter(BatchCursor batch) {
    if (!batch.isControl()) {
      return false;
    }
    try (RecordCursor records = batch.records(DecompressionLimit.UNLIMITED)) {
      @Nullable ByteBuffer key = records.next() ? records.key() : null;
      return key != null
          && key.remaining() == 4
          && key.getShort(key.position() + 2) == SNAPSHOT_FOOTER;
    }
  }

  /// The metadata records of the batch that the cursor is at, whose checksum is right; none of a
  /// control batch. Throws [MetadataLogException] if they cannot be understood.
  static List<MetadataRecord> records(Path file, BatchCursor batch) throws MetadataLogException {
    List<MetadataRecord> found = new ArrayList<>(batch.recordCount());
    if (batch.isControl()) {
      return found;
    }
    try (RecordCursor records = batch.records(DecompressionLimit.UNLIMITED)) {
      while (records.next()) {
        @Nullable ByteBuffer value = records.value();
        if (value != null) {
          found.add(RecordFrame.unframe(value));
        }
      }
      return found;
    } catch (MalformedMessageException | UnsupportedVersionException | InvalidBatchException e) {
      throw new MetadataLogException(
          "%s: the batch at offset %d is intact but cannot be understood: %s. It was probably written"
                  .formatted(file, batch.baseOffset(), e.getMessage())
              + " by a later version; start that version");
    }
  }
}
