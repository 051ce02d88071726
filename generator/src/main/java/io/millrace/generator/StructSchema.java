package io.millrace.generator;

import java.util.Comparator;
import java.util.List;

/// A message or a struct in it.
///
/// @param about what the schema says of it; may be empty
/// @param versions those in which it can occur
/// @param flexibleVersions those of them that end with tagged fields
record StructSchema(
    String name, String about, Versions versions, Versions flexibleVersions, List<Field> fields) {

  /// Whether it keeps tagged fields that it does not know.
  boolean isFlexible() {
    return !flexibleVersions.isEmpty();
  }

  List<Field> taggedFields() {
    return fields.stream()
        .filter(field -> !field.taggedVersions().isEmpty())
        .sorted(Comparator.comparingInt(field -> field.tag().getAsInt()))
        .toList();
  }
}
