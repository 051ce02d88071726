package io.millrace.simulator;

import java.util.SplittableRandom;

/// The number that decides everything. Each component draws from a generator of its own, named
/// after it, so that one more draw in one place does not change what the others draw.
record Seed(long value) {
  SplittableRandom random(String component) {
    return new SplittableRandom(mix(value ^ mix(hash(component))));
  }

  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  /// Spreads every bit of `x` over the whole result (the finisher of SplitMix64).
  static long mix(long x) {
    long mixed = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
