package io.millrace.host;

/// Randomness and the ids made from it.
public interface Entropy {
  long nextLong();

  /// A number from 0 up to, not including, `bound`; `bound` is positive.
  int nextInt(int bound);

  /// Whether to take a rare path on purpose at the named site. Always false in production; the
  /// simulator arms a random choice of sites in each run.
  boolean rarely(String site);
}
