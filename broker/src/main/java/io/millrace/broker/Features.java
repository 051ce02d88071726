package io.millrace.broker;

import io.millrace.broker.api.FeatureLevels;
import io.millrace.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The features of Kafka that this version has (KIP-584), with the levels that it supports.
///
/// A feature that is not listed is one that clients must not use.
final class Features {
  /// Kafka's level 4.4-IV2; 7 is the oldest that its clients and tools know.
  private static final FeatureLevels.Feature METADATA_VERSION =
      new FeatureLevels.Feature("metadata.version", (short) 7, (short) 33, (short) 33);

  /// 1 is the consumer group protocol of KIP-848.
  private static final FeatureLevels.Feature GROUP_VERSION =
      new FeatureLevels.Feature("group.version", (short) 0, (short) 1, (short) 1);

  /// 2 gives a producer a new epoch with every transaction (KIP-890).
  private static final FeatureLevels.Feature TRANSACTION_VERSION =
      new FeatureLevels.Feature("transaction.version", (short) 0, (short) 2, (short) 2);

  private static final List<FeatureLevels.Feature> SUPPORTED =
      List.of(GROUP_VERSION, METADATA_VERSION, TRANSACTION_VERSION);

  private Features() {}

  /// The levels that a new cluster starts with.
  static SortedMap<String, Short> initialLevels() {
    TreeMap<String, Short> levels = new TreeMap<>();
    SUPPORTED.forEach(feature -> levels.put(feature.name(), feature.finalized()));
    return levels;
  }

  /// What is supported, with the levels that are in force.
  static FeatureLevels levels(ClusterImage image) {
    List<FeatureLevels.Feature> features = new ArrayList<>();
    for (FeatureLevels.Feature feature : SUPPORTED) {
      short finalized = image.features().getOrDefault(feature.name(), (short) 0);
      features.add(
          new FeatureLevels.Feature(
              feature.name(), feature.minSupported(), feature.maxSupported(), finalized));
    }
    return new FeatureLevels(image.offset(), features);
  }
}
