package io.millrace.storage;

/// A record found by time: its timestamp in milliseconds since the Unix epoch, its offset, and the
/// leader epoch of its batch (-1 if unknown).
public record TimestampAndOffset(long timestamp, long offset, int leaderEpoch) {}
