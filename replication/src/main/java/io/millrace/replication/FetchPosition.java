package io.millrace.replication;

/// From where, and how much, a client wants of one partition.
///
/// `currentLeaderEpoch` and `lastFetchedEpoch` are -1 where the client has none (KIP-320, KIP-595);
/// `maxBytes` limits the record bytes of this partition, unless the first batch alone is larger.
public record FetchPosition(
    long fetchOffset, int maxBytes, int currentLeaderEpoch, int lastFetchedEpoch) {}
