package io.millrace.broker.api;

import io.millrace.metadata.config.ConfigKey;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A setting as clients see it.
///
/// @param key what is known of the setting; empty for one that this version does not know
/// @param value null if there is none, or if it is a secret
/// @param synonyms all places that give it a value, the one that counts first
record DescribedConfig(
    String name,
    Optional<ConfigKey> key,
    @Nullable String value,
    boolean isSensitive,
    boolean isReadOnly,
    List<Synonym> synonyms) {

  /// A value that a setting has at one place, perhaps under another name.
  record Synonym(String name, @Nullable String value, ConfigSource source) {}

  /// Where the value comes from.
  ConfigSource source() {
    return synonyms.isEmpty() ? ConfigSource.DEFAULT : synonyms.getFirst().source();
  }
}
