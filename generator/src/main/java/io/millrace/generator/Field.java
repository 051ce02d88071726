package io.millrace.generator;

import java.util.OptionalInt;

/// A field of a struct, with ranges that are already cut to the versions that its struct has.
///
/// @param name in Java's case, `topicName`
/// @param versions those that have the field
/// @param nullableVersions those in which it may be null
/// @param taggedVersions those in which it is a tagged field; empty without a tag
/// @param flexibleVersions those in which its length, if it has one, is a varint
/// @param defaultText the default as the schema has it: empty for the type's own, `null` for null
/// @param ignorable whether a version without the field may drop its value
/// @param redacted whether `toString` must not show it
record Field(
    String name,
    FieldType type,
    String about,
    Versions versions,
    Versions nullableVersions,
    OptionalInt tag,
    Versions taggedVersions,
    Versions flexibleVersions,
    String defaultText,
    boolean ignorable,
    boolean redacted) {

  boolean isNullable() {
    return !nullableVersions.isEmpty();
  }

  /// Records that may be null are null unless set, as in Kafka.
  boolean isNullByDefault() {
    return defaultText.equals("null")
        || (type == FieldType.Scalar.RECORDS && isNullable() && defaultText.isEmpty());
  }

  /// The versions in which the field has its place in the order of the fields.
  Versions untaggedVersions() {
    return versions.without(taggedVersions);
  }

  String javaType() {
    return isNullable() ? "@Nullable " + type.javaType() : type.javaType();
  }
}
