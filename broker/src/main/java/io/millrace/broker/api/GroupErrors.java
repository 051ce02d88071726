package io.millrace.broker.api;

import io.millrace.protocol.message.ErrorCode;

/// What clients of groups are told when the coordinator cannot write.
final class GroupErrors {
  private GroupErrors() {}

  /// Members know no error for a group that is too large to be written.
  static ErrorCode ofMember(ErrorCode error) {
    return error == ErrorCode.MESSAGE_TOO_LARGE ? ErrorCode.UNKNOWN_SERVER_ERROR : error;
  }

  static ErrorCode ofCommit(ErrorCode error) {
    return error == ErrorCode.MESSAGE_TOO_LARGE ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE : error;
  }
}
