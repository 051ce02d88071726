package io.millrace.storage;

/// The largest leader epoch at or below the one that was asked for, and the offset after its last
/// record (KIP-101, KIP-279). Both are -1 if the log does not know.
public record EpochEndOffset(int leaderEpoch, long endOffset) {
  public static final EpochEndOffset UNKNOWN = new EpochEndOffset(-1, -1);
}
