package io.millrace.storage;

/// A transaction with data, from its first offset to its marker. `lastStableOffset` is the first
/// offset of the transactions that were open then, or the offset after the marker if none was.
record EndedTransaction(
    long producerId,
    long firstOffset,
    long markerOffset,
    boolean isAborted,
    long lastStableOffset) {}
