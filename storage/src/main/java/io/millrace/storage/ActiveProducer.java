package io.millrace.storage;

/// What a log knows of a producer, as DescribeProducers (KIP-664) tells it. Numbers are -1 where
/// there is nothing to tell; timestamps are those of the records, in milliseconds since the epoch.
///
/// `transactionStartOffset` is the first offset of the transaction that is open, -1 if none is.
public record ActiveProducer(
    long producerId,
    short epoch,
    int lastSequence,
    long lastTimestamp,
    int coordinatorEpoch,
    long transactionStartOffset) {}
