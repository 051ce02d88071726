package io.millrace.bench;

/// Exact order statistics over sorted arrays.
final class Percentiles {
  private Percentiles() {}

  /// The smallest value that at least this share of all values does not exceed (nearest rank).
  ///
  /// @param sorted ascending, not empty
  /// @param share over 0, at most 1
  static long of(long[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(1, rank) - 1];
  }

  /// The middle value, or the mean of the two in the middle.
  static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
