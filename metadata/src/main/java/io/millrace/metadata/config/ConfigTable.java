package io.millrace.metadata.config;

import io.millrace.metadata.config.ConfigKey.Synonym;
import io.millrace.metadata.config.ConfigKey.Trait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The settings that a kind of resource has, by name.
///
/// A table is written as text, a line per setting, in columns between bars: name, type, default
/// (`-` for none), what is allowed ([Constraint]), traits and synonyms, documentation. Traits are:
///
/// - `used`: has an effect in this version
/// - `internal`: not described to clients
/// - `own`: not a setting of Kafka
/// - `per-broker`, `cluster-wide`: may change while the broker runs
/// - `dynamic-only`: not allowed in `server.properties`
/// - `local-only`: only allowed there, although Kafka lets it change, because it names code or
///   files of the broker
///
/// After the traits of a topic's or group's setting, `=` begins the broker settings that give its
/// default, the one that counts first.
///
/// A line is taken apart when its setting is first asked for: a broker has some 380 settings and a
/// start needs a few dozen of them, while the code is still being interpreted.
public final class ConfigTable {
  /// Names this far from a known one, in edits, are still taken for a slip of the finger.
  private static final int NEAREST_LIMIT = 12;

  private final String noun;
  private final TreeMap<String, Entry> entries = new TreeMap<>();

  private ConfigTable(String noun) {
    this.noun = noun;
  }

  /// Reads a table; `noun` is what a setting of it is called in messages.
  static ConfigTable of(String text, String noun) {
    ConfigTable table = new ConfigTable(noun);
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      String line = text.substring(start, end);
      table.entries.put(line.substring(0, line.indexOf('|')).strip(), new Entry(line));
      start = end + 1;
    }
    return table;
  }

  /// A line of the table, and the setting it stands for once somebody asked. Two tasks may take a
  /// line apart at the same time; what they get is equal and immutable.
  private static final class Entry {
    private final String line;
    private volatile @Nullable ConfigKey key;

    Entry(String line) {
      this.line = line;
    }

    ConfigKey key() {
      ConfigKey known = key;
      if (known == null) {
        known = parseKey(line);
        key = known;
      }
      return known;
    }
  }

  private static ConfigKey parseKey(String line) {
    String[] columns = line.split("\\|", 6);
    String defaultText = columns[2].strip();
    EnumSet<Trait> traits = EnumSet.noneOf(Trait.class);
    List<Synonym> synonyms = new ArrayList<>();
    UpdateMode mode = UpdateMode.READ_ONLY;
    boolean areSynonyms = false;
    for (String word : columns[4].strip().split(" ", -1)) {
      if (areSynonyms) {
        synonyms.add(parseSynonym(word));
        continue;
      }
      switch (word) {
        case "used" -> traits.add(Trait.USED);
        case "internal" -> traits.add(Trait.INTERNAL);
        case "own" -> traits.add(Trait.OWN);
        case "dynamic-only" -> traits.add(Trait.DYNAMIC_ONLY);
        case "local-only" -> traits.add(Trait.LOCAL_ONLY);
        case "per-broker" -> mode = UpdateMode.PER_BROKER;
        case "cluster-wide" -> mode = UpdateMode.CLUSTER_WIDE;
        case "=" -> areSynonyms = true;
        case "" -> {}
        default -> throw new IllegalArgumentException("unknown trait in: " + line);
      }
    }
    return new ConfigKey(
        columns[0].strip(),
        ConfigType.valueOf(columns[1].strip()),
        switch (defaultText) {
          case "-" -> Optional.empty();
          case "\"\"" -> Optional.of("");
          default -> Optional.of(defaultText);
        },
        Constraint.parse(columns[3].strip()),
        mode,
        traits,
        List.copyOf(synonyms),
        columns[5].strip());
  }

  private static Synonym parseSynonym(String word) {
    int star = word.indexOf('*');
    return star < 0
        ? new Synonym(word, 1)
        : new Synonym(word.substring(0, star), Long.parseLong(word.substring(star + 1)));
  }

  /// Every setting, in the order of names.
  public Collection<ConfigKey> keys() {
    return entries.values().stream().map(Entry::key).toList();
  }

  public Optional<ConfigKey> find(String name) {
    Entry entry = entries.get(name);
    return entry == null ? Optional.empty() : Optional.of(entry.key());
  }

  /// The setting of that name. Throws [InvalidConfigException], which names the nearest known one.
  public ConfigKey get(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw unknown(name);
    }
    return entry.key();
  }

  /// Reads and checks a value. Throws [InvalidConfigException] for an unknown name too.
  public Object parse(String name, String text) {
    return get(name).parse(text);
  }

  /// The complaint about a name that the table does not have.
  public InvalidConfigException unknown(String name) {
    return new InvalidConfigException(
        "unknown "
            + noun
            + " '"
            + name
            + "'"
            + nearest(name).map(near -> "; did you mean '" + near + "'?").orElse(""));
  }

  /// The known name that takes the fewest edits (Levenshtein) to become from `name`; empty if none
  /// is near.
  public Optional<String> nearest(String name) {
    int limit = Math.min(NEAREST_LIMIT, 1 + name.length() / 3);
    String best = null;
    for (String known : entries.keySet()) {
      int distance = distance(name, known);
      if (distance <= limit) {
        best = known;
        limit = distance - 1;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
