package io.millrace.protocol.record;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Goes over the records of one batch without making an object per record.
///
/// Uncompressed records are read where the batch lies. Compressed ones pass through a window that
/// holds one record at a time and grows with the largest, never by what a size field claims but by
/// what was really decompressed. So what this cursor gives out (positions, slices) holds until the
/// next call of [#next].
///
/// Each record is checked in full when the cursor moves to it: sizes, headers, and that its parts
/// fill it exactly. Whoever asks for all of them also learns whether bytes follow the last. What
/// does not fit is an [InvalidBatchException]: of code `CORRUPT_MESSAGE` for a malformed variable
/// length number or a compressed stream that cannot be decoded, else `INVALID_RECORD`.
public final class RecordCursor implements AutoCloseable {
  private static final int MIN_WINDOW_BYTES = 4 << 10;
  private static final int MAX_INITIAL_WINDOW_BYTES = 64 << 10;

  /// The longest encoding of a record's size.
  private static final int MAX_VARINT_BYTES = 5;

  private static final int MAX_VARLONG_BYTES = 10;

  private final @Nullable Decompressor source;
  private final int maxRecordBytes;
  private final int recordCount;
  private final long baseOffset;
  private final long baseTimestamp;
  private final long appendTime;
  private final boolean hasAppendTime;

  private ByteBuffer data;

  /// Of the bytes in `data` that are valid.
  private int limit;

  /// Where the next varint is read; after `next`, the end of the current record.
  private int read;

  private int index = -1;
  private int recordPosition;
  private int recordEnd;
  private long timestampDelta;
  private int offsetDelta;
  private int keyPosition;
  private int keySize;
  private int valuePosition;
  private int valueSize;
  private int headerCount;
  private int headersPosition;

  private int headersLeft;
  private int headerRead;
  private int headerKeyPosition;
  private int headerKeySize;
  private int headerValuePosition;
  private int headerValueSize;

  private RecordCursor(
      BatchCursor batch, ByteBuffer data, @Nullable Decompressor source, int maxRecordBytes) {
    this.source = source;
    this.maxRecordBytes = maxRecordBytes;
    this.data = data;
    this.read = data.position();
    this.limit = data.limit();
    this.recordCount = batch.recordCount();
    this.baseOffset = batch.baseOffset();
    this.baseTimestamp = batch.baseTimestamp();
    this.appendTime = batch.maxTimestamp();
    this.hasAppendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
  }

  static RecordCursor over(BatchCursor batch, DecompressionLimit limit) {
    Compression compression = batch.compression();
    if (batch.recordCount() < 0) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_RECORD, "the batch has a record count of " + batch.recordCount());
    }
    ByteBuffer stored = batch.recordBytes();
    // A compacted batch may be empty; what an encoder makes of no bytes is not stored then.
    if (compression == Compression.NONE || !stored.hasRemaining()) {
      return new RecordCursor(batch, stored, null, Integer.MAX_VALUE);
    }
    int windowBytes =
        Math.clamp(8L * stored.remaining(), MIN_WINDOW_BYTES, MAX_INITIAL_WINDOW_BYTES);
    return new RecordCursor(
        batch,
        ByteBuffer.allocate(windowBytes).limit(0),
        compression.decompressor(stored, limit),
        limit.maxRecordBytes());
  }

  /// Moves to the next record; false after the last.
  ///
  /// @throws InvalidBatchException if what is there is not a record, or if bytes follow the last
  ///   one
  public boolean next() {
    if (index + 1 >= recordCount) {
      checkNothingFollows();
      return false;
    }
    index++;
    ensure(MAX_VARINT_BYTES);
    int start = read;
    int size = readVarint(limit);
    if (size < 0) {
      throw invalid("size " + size);
    }
    if (size > maxRecordBytes) {
      throw invalid("size " + size + "; the largest allowed is " + maxRecordBytes);
    }
    int prefix = read - start;
    if (size > limit - read) {
      read = start;
      ensure(prefix + size);
      start = read;
      read += prefix;
      if (size > limit - read) {
        throw invalid(
            "size " + size + ", which is more than the " + (limit - read) + " bytes left");
      }
    }
    recordPosition = start;
    recordEnd = read + size;
    readRecord();
    return true;
  }

  private void readRecord() {
    if (read >= recordEnd) {
      throw invalid("size 0");
    }
    read++; // record attributes: no bit of them has a meaning
    timestampDelta = readVarlong(recordEnd);
    offsetDelta = readVarint(recordEnd);
    keySize = readSize("key");
    keyPosition = read;
    read += Math.max(keySize, 0);
    valueSize = readSize("value");
    valuePosition = read;
    read += Math.max(valueSize, 0);
    headerCount = readVarint(recordEnd);
    // A header takes two bytes at least.
    if (headerCount < 0 || headerCount > (recordEnd - read) / 2) {
      throw invalid(
          "a header count of " + headerCount + " with " + (recordEnd - read) + " bytes left");
    }
    headersPosition = read;
    rewindHeaders();
    while (headersLeft > 0) {
      nextHeader(); // which checks it
    }
    if (headerRead != recordEnd) {
      throw invalid((recordEnd - headerRead) + " bytes after its headers");
    }
    read = recordEnd;
    rewindHeaders();
  }

  /// A size of -1 stands for null.
  private int readSize(String what) {
    int size = readVarint(recordEnd);
    if (size < -1 || size > recordEnd - read) {
      throw invalid(
          "a " + what + " size of " + size + " with " + (recordEnd - read) + " bytes left");
    }
    return size;
  }

  private void checkNothingFollows() {
    ensure(1);
    if (read < limit) {
      throw new InvalidBatchException(
          ErrorCode.INVALID_RECORD,
          "the batch says it has " + recordCount + " records, but bytes follow the last of them");
    }
  }

  /// Makes `bytes` bytes from `read` on available, or as many as there are.
  private void ensure(int bytes) {
    if (source == null || limit - read >= bytes) {
      return;
    }
    data.position(read).limit(limit);
    data.compact();
    read = 0;
    boolean ended = false;
    while (data.position() < bytes && !ended) {
      if (!data.hasRemaining()) {
        data = Growth.withRoom(data, 1);
      }
      ended = source.read(data) < 0;
    }
    limit = data.position();
    data.clear();
  }

  private int readVarint(int end) {
    // Most numbers of a record are this small.
    if (read < end) {
      byte only = data.get(read);
      if (only >= 0) {
        read++;
        return (only >>> 1) ^ -(only & 1);
      }
    }
    long value = readUnsigned(end, MAX_VARINT_BYTES);
    if (value >>> 32 != 0) {
      throw malformedNumber();
    }
    int unsigned = (int) value;
    return (unsigned >>> 1) ^ -(unsigned & 1);
  }

  private long readVarlong(int end) {
    long unsigned = readUnsigned(end, MAX_VARLONG_BYTES);
    return (unsigned >>> 1) ^ -(unsigned & 1);
  }

  private long readUnsigned(int end, int maxBytes) {
    long value = 0;
    int position = read;
    int last = Math.min(end, position + maxBytes);
    for (int shift = 0; position < last; shift += 7) {
      byte next = data.get(position++);
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        // The tenth byte holds the 64th bit only.
        if (shift == 63 && next > 1) {
          throw malformedNumber();
        }
        read = position;
        return value;
      }
    }
    throw position - read == maxBytes ? malformedNumber() : invalid("an end within a number");
  }

  private InvalidBatchException malformedNumber() {
    return new InvalidBatchException(
        ErrorCode.CORRUPT_MESSAGE,
        "record " + index + " of the batch has a malformed variable-length number",
        index);
  }

  private InvalidBatchException invalid(String what) {
    return new InvalidBatchException(
        ErrorCode.INVALID_RECORD, "record " + index + " of the batch has " + what, index);
  }

  /// The place of the record in its batch, from 0.
  public int index() {
    return index;
  }

  public long offset() {
    return baseOffset + offsetDelta;
  }

  public int offsetDelta() {
    return offsetDelta;
  }

  /// Milliseconds since the epoch.
  public long timestamp() {
    return hasAppendTime ? appendTime : baseTimestamp + timestampDelta;
  }

  /// As stored: relative to the base timestamp of the batch, even if that has log append time.
  public long timestampDelta() {
    return timestampDelta;
  }

  /// Of the encoded record with its size field, uncompressed.
  public int sizeInBytes() {
    return recordEnd - recordPosition;
  }

  /// What the positions of this cursor refer to.
  public ByteBuffer buffer() {
    return data;
  }

  public boolean hasKey() {
    return keySize >= 0;
  }

  public int keyPosition() {
    return keyPosition;
  }

  /// Bytes; -1 for a null key.
  public int keySize() {
    return keySize;
  }

  /// A slice of [#buffer].
  public @Nullable ByteBuffer key() {
    return slice(keyPosition, keySize);
  }

  public boolean hasValue() {
    return valueSize >= 0;
  }

  public int valuePosition() {
    return valuePosition;
  }

  /// Bytes; -1 for a null value.
  public int valueSize() {
    return valueSize;
  }

  /// A slice of [#buffer].
  public @Nullable ByteBuffer value() {
    return slice(valuePosition, valueSize);
  }

  public int headerCount() {
    return headerCount;
  }

  /// Goes back before the first header of the record, where a record starts.
  public void rewindHeaders() {
    headersLeft = headerCount;
    headerRead = headersPosition;
  }

  /// Moves to the next header of the record; false after the last.
  public boolean nextHeader() {
    if (headersLeft == 0) {
      return false;
    }
    headersLeft--;
    int next = read;
    read = headerRead;
    headerKeySize = readSize("header key");
    if (headerKeySize < 0) {
      throw invalid("a header without a key");
    }
    headerKeyPosition = read;
    read += headerKeySize;
    headerValueSize = readSize("header value");
    headerValuePosition = read;
    read += Math.max(headerValueSize, 0);
    headerRead = read;
    read = next;
    return true;
  }

  public String headerKey() {
    byte[] utf8 = new byte[headerKeySize];
    data.get(headerKeyPosition, utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /// A slice of [#buffer].
  public @Nullable ByteBuffer headerValue() {
    return slice(headerValuePosition, headerValueSize);
  }

  private @Nullable ByteBuffer slice(int position, int size) {
    return size < 0 ? null : data.slice(position, size);
  }

  /// Frees what the decompression holds.
  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
  }
}
