package io.millrace.simulator;

import io.millrace.host.Entropy;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Numbers drawn from the seed, for one node.
final class SimulatedEntropy implements Entropy {
  /// In how many runs a site is armed, and how often an armed site takes the rare path.
  private static final double RARELY = 0.25;

  private final Seed seed;
  private final String host;
  private final SplittableRandom random;
  private final Map<String, Site> sites = new HashMap<>();

  private record Site(boolean armed, SplittableRandom random) {}

  SimulatedEntropy(Seed seed, String host) {
    this.seed = seed;
    this.host = host;
    this.random = seed.random("entropy of " + host);
  }

  @Override
  public long nextLong() {
    return random.nextLong();
  }

  @Override
  public int nextInt(int bound) {
    return random.nextInt(bound);
  }

  /// A site is armed for a whole run and on all nodes, so that runs differ in what is rare in them.
  @Override
  public boolean rarely(String site) {
    Site known = sites.computeIfAbsent(site, this::site);
    return known.armed && known.random.nextDouble() < RARELY;
  }

  private Site site(String name) {
    boolean armed = seed.random("site " + name).nextDouble() < RARELY;
    return new Site(armed, seed.random("site " + name + " on " + host));
  }
}
