package io.millrace.protocol.record;

import io.millrace.protocol.message.ErrorCode;
import java.nio.ByteBuffer;

/// What a record of a control batch says: its key is a version and a type, two bytes each.
public enum ControlRecordType {
  ABORT(0),
  COMMIT(1),
  /// A type that has nothing to do with transactions, or that is not known yet: to be passed over.
  OTHER(-1);

  private static final short VERSION = 0;
  private static final int KEY_BYTES = 2 * Short.BYTES;
  private static final int END_TRANSACTION_BYTES = Short.BYTES + Integer.BYTES;

  private final short id;

  ControlRecordType(int id) {
    this.id = (short) id;
  }

  /// The type of the record that `cursor`, in a control batch, is at.
  ///
  /// @throws InvalidBatchException if its key is not that of a control record
  public static ControlRecordType of(RecordCursor cursor) {
    if (cursor.keySize() < KEY_BYTES) {
      throw invalid(cursor, "a key of " + cursor.keySize() + " bytes");
    }
    short version = cursor.buffer().getShort(cursor.keyPosition());
    if (version < 0) {
      throw invalid(cursor, "version " + version);
    }
    short id = cursor.buffer().getShort(cursor.keyPosition() + Short.BYTES);
    return id == ABORT.id ? ABORT : id == COMMIT.id ? COMMIT : OTHER;
  }

  /// The epoch of the coordinator that ended the transaction, from the record that `cursor` is at.
  ///
  /// @throws InvalidBatchException if its value is not that of an end of a transaction
  public static int coordinatorEpoch(RecordCursor cursor) {
    if (cursor.valueSize() < END_TRANSACTION_BYTES) {
      throw invalid(cursor, "a value of " + cursor.valueSize() + " bytes");
    }
    return cursor.buffer().getInt(cursor.valuePosition() + Short.BYTES);
  }

  ByteBuffer key() {
    return ByteBuffer.allocate(KEY_BYTES).putShort(VERSION).putShort(id).flip();
  }

  static ByteBuffer endTransactionValue(int coordinatorEpoch) {
    return ByteBuffer.allocate(END_TRANSACTION_BYTES)
        .putShort(VERSION)
        .putInt(coordinatorEpoch)
        .flip();
  }

  private static InvalidBatchException invalid(RecordCursor cursor, String what) {
    return new InvalidBatchException(
        ErrorCode.INVALID_RECORD,
        "record " + cursor.index() + " of the control batch has " + what,
        cursor.index());
  }
}
