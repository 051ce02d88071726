package io.millrace.metadata.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is known about one setting.
///
/// @param defaultText the default as a user would write it; empty if there is none
/// @param synonyms of a topic's or group's setting: the broker settings that its default comes
///   from, the one that counts first
public record ConfigKey(
    String name,
    ConfigType type,
    Optional<String> defaultText,
    Constraint constraint,
    UpdateMode updateMode,
    Set<Trait> traits,
    List<Synonym> synonyms,
    String about) {

  /// What is special about a setting.
  enum Trait {
    /// It has an effect in this version.
    USED,
    /// For tests; never described to clients.
    INTERNAL,
    /// Not a setting of Kafka.
    OWN,
    /// May only be set while the broker runs, not in `server.properties`.
    DYNAMIC_ONLY,
    /// May only be set in `server.properties`, although Kafka lets it change while the broker runs:
    /// it names code or files of the broker (CVE-2023-25194 and its like).
    LOCAL_ONLY
  }

  /// A broker setting that gives the default of another setting, in units of `factor`: hours to
  /// milliseconds is a factor of 3,600,000.
  public record Synonym(String name, long factor) {}

  /// Whether the setting does anything in this version. What does nothing is accepted, kept and
  /// described all the same.
  public boolean hasEffect() {
    return traits.contains(Trait.USED);
  }

  /// Whether the setting is hidden from clients.
  public boolean isInternal() {
    return traits.contains(Trait.INTERNAL);
  }

  /// Whether Kafka does not have it.
  public boolean isOwn() {
    return traits.contains(Trait.OWN);
  }

  /// Whether it is not allowed in `server.properties`.
  public boolean isDynamicOnly() {
    return traits.contains(Trait.DYNAMIC_ONLY);
  }

  /// Whether it is only allowed in `server.properties`, whatever its update mode.
  public boolean isLocalOnly() {
    return traits.contains(Trait.LOCAL_ONLY);
  }

  /// Whether its value must not be shown or logged.
  public boolean isSensitive() {
    return type == ConfigType.PASSWORD;
  }

  /// What the setting means, for people.
  public String documentation() {
    return hasEffect() ? about : about + " Has no effect in this version.";
  }

  /// The parsed default.
  public Optional<Object> defaultValue() {
    return defaultText.map(type::parse);
  }

  /// Reads and checks a value: a `Boolean`, `String`, `Integer`, `Short`, `Long`, `Double` or
  /// `List<String>`. Throws [InvalidConfigException].
  public Object parse(String text) {
    Object value;
    try {
      value = type.parse(text);
    } catch (IllegalArgumentException e) {
      throw invalid(text, "is not " + type.description());
    }
    Optional<String> complaint = constraint.complaint(value);
    if (complaint.isPresent()) {
      throw invalid(text, complaint.get());
    }
    return value;
  }

  /// Whether [#parse] would take the value.
  boolean allows(String text) {
    try {
      return constraint.complaint(type.parse(text)).isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private InvalidConfigException invalid(String text, String complaint) {
    String shown = isSensitive() ? "its value" : "'" + text + "'";
    return new InvalidConfigException(name + ": " + shown + " " + complaint);
  }
}
