package io.millrace.broker.api;

import io.millrace.protocol.message.ErrorCode;

/// How a producer is told that another one of its transactional id has taken its place.
final class Fencing {
  private Fencing() {}

  /// `INVALID_PRODUCER_EPOCH` in place of `PRODUCER_FENCED` for versions that do not know that.
  static ErrorCode error(ErrorCode error, boolean knowsFenced) {
    return error == ErrorCode.PRODUCER_FENCED && !knowsFenced
        ? ErrorCode.INVALID_PRODUCER_EPOCH
        : error;
  }
}
