package io.millrace.protocol.record;

import io.millrace.protocol.message.ErrorCode;

/// A record batch that may not be appended, or cannot be read, and why.
///
/// The message is for people and holds no record content. It carries no stack trace: a hostile
/// client may cause any number of them.
public final class InvalidBatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int NO_RECORD = -1;

  private final ErrorCode errorCode;
  private final int recordIndex;

  public InvalidBatchException(ErrorCode errorCode, String message) {
    this(errorCode, message, NO_RECORD);
  }

  public InvalidBatchException(ErrorCode errorCode, String message, int recordIndex) {
    super(message, null, false, false);
    this.errorCode = errorCode;
    this.recordIndex = recordIndex;
  }

  public ErrorCode errorCode() {
    return errorCode;
  }

  /// The index in the batch of the record that is at fault; -1 where it is the whole batch.
  public int recordIndex() {
    return recordIndex;
  }
}
