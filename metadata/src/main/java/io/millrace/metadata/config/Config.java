package io.millrace.metadata.config;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Checked values of the settings of one resource: those given, and the defaults of the others.
/// Immutable. Asking for a name that the table does not have, or as another type than it is, is a
/// bug and throws.
public final class Config {
  private final ConfigTable table;
  private final TreeMap<String, Object> given = new TreeMap<>();
  private final TreeMap<String, String> texts = new TreeMap<>();

  private Config(ConfigTable table) {
    this.table = table;
  }

  /// Reads and checks the given settings. Throws [InvalidConfigException] for the first, in order
  /// of names, that is unknown or has a value that is not allowed.
  public static Config of(ConfigTable table, Map<String, String> given) {
    Config config = new Config(table);
    for (Map.Entry<String, String> entry : new TreeMap<>(given).entrySet()) {
      config.given.put(entry.getKey(), table.parse(entry.getKey(), entry.getValue()));
      config.texts.put(entry.getKey(), entry.getValue());
    }
    return config;
  }

  /// Reads and checks settings, leaving out those that are unknown or not allowed: for settings
  /// that were accepted by another version.
  public static Config ofValid(ConfigTable table, Map<String, String> given) {
    TreeMap<String, String> valid = new TreeMap<>(given);
    valid
        .entrySet()
        .removeIf(
            entry ->
                table.find(entry.getKey()).filter(key -> key.allows(entry.getValue())).isEmpty());
    return of(table, valid);
  }

  public ConfigTable table() {
    return table;
  }

  /// What was given, as text, in order of names.
  public SortedMap<String, String> given() {
    return Collections.unmodifiableSortedMap(texts);
  }

  /// Whether a value was given for the setting.
  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  /// The value or default; empty if there is neither.
  public Optional<Object> find(String name) {
    @Nullable Object value = given.get(name);
    return value != null ? Optional.of(value) : table.get(name).defaultValue();
  }

  /// The value or default as text, lists joined by commas; empty if there is neither.
  public Optional<String> findText(String name) {
    return find(name).map(ConfigType::print);
  }

  public boolean booleanValue(String name) {
    return (Boolean) value(name);
  }

  public int intValue(String name) {
    return ((Number) value(name)).intValue();
  }

  public long longValue(String name) {
    return ((Number) value(name)).longValue();
  }

  public double doubleValue(String name) {
    return ((Number) value(name)).doubleValue();
  }

  public String string(String name) {
    return (String) value(name);
  }

  /// The elements of a list; none if there is neither a value nor a default.
  public List<String> list(String name) {
    return find(name)
        .map(value -> ((List<?>) value).stream().map(Object::toString).toList())
        .orElse(List.of());
  }

  private Object value(String name) {
    return find(name).orElseThrow(() -> new IllegalStateException(name + " has no value"));
  }
}
