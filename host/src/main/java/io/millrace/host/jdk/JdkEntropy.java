package io.millrace.host.jdk;

import io.millrace.host.Entropy;
import java.security.SecureRandom;

/// Numbers that nobody can guess: ids of clusters and sessions are made from them.
final class JdkEntropy implements Entropy {
  @Override
  public long nextLong() {
    return Source.RANDOM.nextLong();
  }

  @Override
  public int nextInt(int bound) {
    return Source.RANDOM.nextInt(bound);
  }

  @Override
  public boolean rarely(String site) {
    return false;
  }

  /// Loaded at the first use: setting up the generator takes some 20 ms of the start of a process.
  private static final class Source {
    static final SecureRandom RANDOM = new SecureRandom();
  }
}
