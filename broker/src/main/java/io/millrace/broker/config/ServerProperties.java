package io.millrace.broker.config;

import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.ConfigKey;
import io.millrace.metadata.config.InvalidConfigException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/// The settings a broker was started with: every one known, its value allowed, and where it was
/// given. Immutable.
///
/// What was given later wins: first the file, line by line, then what the command line sets. Names
/// are Kafka's. Unknown names and bad values are refused with an [InvalidConfigException] of one
/// line that ends with the place, as in `(server.properties:12)` or `(--set)`.
public final class ServerProperties {
  private final SortedMap<String, Given> given;
  private final Config config;

  private ServerProperties(SortedMap<String, Given> given) {
    this.given = given;
    given.forEach(ServerProperties::check);
    // What is wrong with settings together has no single place.
    this.config = BrokerConfigs.read(values(given));
  }

  private record Given(String value, String origin) {}

  private static void check(String name, Given given) {
    try {
      // One at a time, so that the complaint belongs to this one.
      BrokerConfigs.read(Map.of(name, given.value()));
    } catch (InvalidConfigException e) {
      throw at(given.origin(), String.valueOf(e.getMessage()));
    }
  }

  private static SortedMap<String, String> values(SortedMap<String, Given> given) {
    TreeMap<String, String> values = new TreeMap<>();
    given.forEach((name, each) -> values.put(name, each.value()));
    return values;
  }

  private static InvalidConfigException at(String origin, String message) {
    return new InvalidConfigException(message + " (" + origin + ")");
  }

  /// No settings at all.
  public static ServerProperties none() {
    return new Builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /// The checked values and the defaults of what was not given.
  public Config config() {
    return config;
  }

  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  /// The names given that do nothing in this version, in order.
  public List<String> namesWithoutEffect() {
    return given.keySet().stream()
        .filter(name -> BrokerConfigs.find(name).filter(ConfigKey::hasEffect).isEmpty())
        .toList();
  }

  /// A complaint about the value that the setting has. Not for secrets: it shows the value.
  InvalidConfigException complaint(String name, String complaint) {
    Given each = given.get(name);
    String message = name + ": '" + config.findText(name).orElse("") + "' " + complaint;
    return each == null ? at("the default", message) : at(each.origin(), message);
  }

  /// Gathers settings; what is added later wins.
  public static final class Builder {
    private final TreeMap<String, Given> given = new TreeMap<>();

    private Builder() {}

    /// Adds the settings of a Java properties file, given by its name and text.
    public Builder addFile(String fileName, String text) {
      int number = 0;
      int first = 1;
      StringBuilder logical = new StringBuilder();
      for (String line : text.lines().toList()) {
        number++;
        if (logical.isEmpty()) {
          first = number;
        }
        logical.append(line).append('\n');
        if (!isContinued(line, logical.length() == line.length() + 1)) {
          addLine(logical.toString(), fileName + ":" + first);
          logical.setLength(0);
        }
      }
      if (!logical.isEmpty()) {
        addLine(logical.toString(), fileName + ":" + first);
      }
      return this;
    }

    /// Whether the next line belongs to the same setting: a comment is never continued.
    private static boolean isContinued(String line, boolean isFirst) {
      String stripped = line.strip();
      if (isFirst && (stripped.startsWith("#") || stripped.startsWith("!"))) {
        return false;
      }
      int backslashes = 0;
      while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
        backslashes++;
      }
      return backslashes % 2 == 1;
    }

    /// Reads one logical line with the JDK's own parser, which knows the escapes.
    private void addLine(String line, String origin) {
      Properties properties = new Properties();
      try {
        properties.load(new StringReader(line));
      } catch (IllegalArgumentException e) {
        throw at(origin, "malformed \\uXXXX escape");
      } catch (IOException e) {
        throw new UncheckedIOException("reading a string failed", e);
      }
      for (String name : properties.stringPropertyNames()) {
        put(name, properties.getProperty(name), origin);
      }
    }

    /// Adds a setting as the command line gives it, `name=value`.
    public Builder set(String assignment) {
      int equals = assignment.indexOf('=');
      if (equals <= 0) {
        throw new InvalidConfigException(
            "--set takes a setting as name=value, not '" + assignment + "'");
      }
      return put(
          assignment.substring(0, equals).strip(), assignment.substring(equals + 1), "--set");
    }

    /// Adds a setting; `origin` is the place where it was given, for complaints.
    public Builder put(String name, String value, String origin) {
      given.put(name, new Given(value, origin));
      return this;
    }

    /// Whether one of the settings was given.
    public boolean hasAny(String... names) {
      return List.of(names).stream().anyMatch(given::containsKey);
    }

    /// Drops a setting that another one has replaced.
    public Builder remove(String name) {
      given.remove(name);
      return this;
    }

    /// Checks everything. Throws [InvalidConfigException].
    public ServerProperties build() {
      return new ServerProperties(new TreeMap<>(given));
    }
  }

  @Override
  public String toString() {
    List<String> names = new ArrayList<>(given.keySet());
    return "settings " + names; // no values: some are secrets
  }
}
