package io.millrace.broker.api;

import java.util.List;

/// The features of the cluster (KIP-584). `epoch` grows with each change of a level.
public record FeatureLevels(long epoch, List<Feature> features) {
  /// Which levels of a feature this broker supports, and which is in force; 0: it is off.
  public record Feature(String name, short minSupported, short maxSupported, short finalized) {}
}
