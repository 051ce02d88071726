package io.millrace.protocol.record;

import static io.millrace.protocol.record.RecordBatches.HEADER_SIZE;

import java.nio.ByteBuffer;

/// Stores the records of a batch with another compression (topic setting `compression.type`).
public final class Recompression {
  private Recompression() {}

  /// A copy of `batch` that differs in the compression of its records, and so in size and checksum,
  /// only: records, offsets, timestamps, producer state and flags are the same. The buffer is the
  /// caller's.
  ///
  /// @throws InvalidBatchException if the records cannot be decompressed within `limit`
  public static ByteBuffer recompress(
      BatchCursor batch, Compression target, int level, DecompressionLimit limit) {
    ByteBuffer records = batch.recordBytes();
    Compression source = batch.compression();
    if (source != Compression.NONE && records.hasRemaining()) {
      records = source.decompress(records, limit);
    }
    if (target != Compression.NONE && records.hasRemaining()) {
      records = target.compress(records, level);
    }
    ByteBuffer copy = ByteBuffer.allocate(Math.addExact(HEADER_SIZE, records.remaining()));
    copy.put(0, batch.slice(), 0, HEADER_SIZE);
    copy.put(HEADER_SIZE, records, records.position(), records.remaining());
    int attributes = batch.attributes() & ~RecordBatches.COMPRESSION_MASK;
    copy.putInt(RecordBatches.LENGTH, copy.capacity() - RecordBatches.LOG_OVERHEAD);
    copy.putShort(RecordBatches.ATTRIBUTES, (short) (attributes | target.id()));
    BatchCursor written = RecordBatches.over(copy);
    written.moveTo(0);
    written.rewriteCrc();
    return copy;
  }
}
