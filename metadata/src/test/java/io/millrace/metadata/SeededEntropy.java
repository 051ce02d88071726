package io.millrace.metadata;

import io.millrace.host.Entropy;
import java.util.SplittableRandom;

/// Draws that a seed repeats.
final class SeededEntropy implements Entropy {
  private final SplittableRandom random;

  SeededEntropy(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public long nextLong() {
    return random.nextLong();
  }

  @Override
  public int nextInt(int bound) {
    return random.nextInt(bound);
  }

  @Override
  public boolean rarely(String site) {
    return false;
  }
}
