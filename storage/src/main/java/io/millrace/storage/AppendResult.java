package io.millrace.storage;

/// What became of an append.
///
/// `logAppendTimeMs` is -1 unless the topic's `message.timestamp.type` is `LogAppendTime`.
/// `duplicate` says that the batch had been appended before, at `baseOffset`, by the same
/// idempotent producer: nothing was written now.
public record AppendResult(
    long baseOffset,
    long lastOffset,
    long logAppendTimeMs,
    long logStartOffset,
    boolean duplicate) {}
