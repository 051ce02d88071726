package io.millrace.metadata.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The settings of a broker: every name that Kafka 4.4 knows, and our own `log.durability`.
///
/// A few defaults are ours, so that a broker starts with no settings at all and listens only where
/// nobody else can reach it: `node.id`, `process.roles`, `controller.listener.names`, `listeners`
/// and `log.dir`.
///
/// Besides the table there are names with a prefix: `listener.name.<listener>.<setting>`, where
/// `<setting>` may be preceded by a SASL mechanism, sets a setting for one listener only; names
/// that begin with `rsm.config.`, `rlmm.config.` or `config.providers.` belong to plug-ins, and are
/// accepted without a check.
public final class BrokerConfigs {
  private static final ConfigTable TABLE =
      ConfigTable.of(BrokerConfigText.BROKER, "broker setting");
  private static final Pattern LISTENER_PREFIX = Pattern.compile("listener\\.name\\.[^.]+\\.(.+)");
  private static final List<String> PLUGIN_PREFIXES =
      List.of("rsm.config.", "rlmm.config.", "config.providers.");
  private static final List<String> PER_LISTENER_ONLY =
      List.of("sasl.server.callback.handler.class", "sasl.login.callback.handler.class");

  private BrokerConfigs() {}

  public static ConfigTable table() {
    return TABLE;
  }

  /// Reads the settings that a broker was started with. Throws [InvalidConfigException] for the
  /// first that is unknown, not allowed here, or has a value that is not allowed.
  public static Config read(Map<String, String> settings) {
    TreeMap<String, String> own = new TreeMap<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(settings).entrySet()) {
      String name = entry.getKey();
      if (isForPlugin(name)) {
        continue;
      }
      Optional<ConfigKey> key = find(name);
      if (key.isEmpty()) {
        throw TABLE.unknown(name);
      }
      if (key.get().isDynamicOnly()) {
        throw new InvalidConfigException(
            name + " can only be set while the broker runs, with AlterConfigs");
      }
      key.get().parse(entry.getValue());
      if (key.get().name().equals(name)) {
        own.put(name, entry.getValue());
      }
    }
    return check(Config.of(TABLE, own));
  }

  private static Config check(Config config) {
    for (String pair :
        List.of(
            "log.cleaner.min.compaction.lag.ms log.cleaner.max.compaction.lag.ms",
            "remote.log.manager.task.retry.backoff.ms remote.log.manager.task.retry.backoff.max.ms")) {
      String[] names = pair.split(" ", -1);
      if (config.longValue(names[0]) > config.longValue(names[1])) {
        throw new InvalidConfigException(
            String.format(
                Locale.ROOT,
                "%s (%d) must not be greater than %s (%d)",
                names[0],
                config.longValue(names[0]),
                names[1],
                config.longValue(names[1])));
      }
    }
    return config;
  }

  /// The setting that a name means: the name itself in the table, or what is behind the prefix of a
  /// listener (and a SASL mechanism).
  public static Optional<ConfigKey> find(String name) {
    Optional<ConfigKey> key = TABLE.find(name);
    Matcher prefixed = LISTENER_PREFIX.matcher(name);
    if (key.isPresent() || !prefixed.matches()) {
      return key;
    }
    String rest = prefixed.group(1);
    int dot = rest.indexOf('.');
    return TABLE
        .find(rest)
        .or(() -> dot < 0 ? Optional.empty() : TABLE.find(rest.substring(dot + 1)));
  }

  /// When the setting of that name, which exists, may change. A setting of one listener belongs to
  /// a broker.
  public static UpdateMode updateMode(String name) {
    UpdateMode mode = find(name).map(ConfigKey::updateMode).orElse(UpdateMode.READ_ONLY);
    boolean isPrefixed = LISTENER_PREFIX.matcher(name).matches();
    return isPrefixed && mode == UpdateMode.CLUSTER_WIDE ? UpdateMode.PER_BROKER : mode;
  }

  /// Whether the setting belongs to a plug-in, whose settings are not known here.
  public static boolean isForPlugin(String name) {
    return PLUGIN_PREFIXES.stream().anyMatch(name::startsWith);
  }

  /// The names under which a value is looked for, the first that is set counts: `log.retention.ms`,
  /// then `log.retention.minutes`, then `log.retention.hours`.
  public static List<String> synonyms(String name) {
    Matcher prefixed = LISTENER_PREFIX.matcher(name);
    if (prefixed.matches()) {
      return PER_LISTENER_ONLY.stream().anyMatch(name::endsWith)
          ? List.of(name)
          : List.of(name, prefixed.group(1));
    }
    return switch (name) {
      case "log.roll.ms", "log.roll.hours" -> List.of("log.roll.ms", "log.roll.hours");
      case "log.roll.jitter.ms", "log.roll.jitter.hours" ->
          List.of("log.roll.jitter.ms", "log.roll.jitter.hours");
      case "log.flush.interval.ms" ->
          List.of("log.flush.interval.ms", "log.flush.scheduler.interval.ms");
      case "log.retention.ms", "log.retention.minutes", "log.retention.hours" ->
          List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours");
      default -> List.of(name);
    };
  }

  /// The settings that hold on a broker: those it was started with, those set for all brokers while
  /// running, those set for it while running; the later counts. What is not valid among the latter
  /// two (another version may have accepted it) is left out.
  public static Config effective(
      Config started, Map<String, String> forAllBrokers, Map<String, String> forThisBroker) {
    if (forAllBrokers.isEmpty() && forThisBroker.isEmpty()) {
      return started;
    }
    TreeMap<String, String> merged = new TreeMap<>(started.given());
    merged.putAll(Config.ofValid(TABLE, forAllBrokers).given());
    merged.putAll(Config.ofValid(TABLE, forThisBroker).given());
    return Config.of(TABLE, merged);
  }
}
