package io.millrace.storage;

/// A transaction that was aborted: the records of the producer from `firstOffset` to the marker at
/// `lastOffset` are not for readers of committed data.
///
/// `lastStableOffset` is what the last stable offset became with the abort: below it no transaction
/// was open any more.
public record AbortedTransaction(
    long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
