package io.millrace.metadata.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;

/// Our tables of settings against those of the Kafka version whose protocol is spoken: names,
/// types, defaults, and what is accepted for a list of values.
class ConfigDriftTest {
  /// Defaults that differ on purpose: a broker starts without any settings, on the loopback
  /// interface only.
  private static final Map<String, String> OWN_DEFAULTS =
      Map.of(
          "node.id", "1",
          "process.roles", "broker,controller",
          "controller.listener.names", "CONTROLLER",
          "listeners", "PLAINTEXT://127.0.0.1:9092",
          "log.dir", "millrace-data");

  private static final List<String> SAMPLES =
      List.of(
          "",
          " ",
          "-131073",
          "-131072",
          "-3",
          "-2",
          "-1",
          "0",
          " 1",
          "2",
          "3",
          "4",
          "9",
          "10",
          "17",
          "18",
          "20",
          "22",
          "23",
          "99",
          "100",
          "1000",
          "2000",
          "10000",
          "30000",
          "524287",
          "524288",
          "1048575",
          "1048576",
          "8388608",
          "2147483639",
          "2147483640",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "0.5",
          "1.5",
          "abc",
          "true",
          "TRUE",
          "yes",
          "producer",
          "gzip",
          "GZIP",
          "zstd",
          "none",
          "delete",
          "compact",
          "compact,delete",
          "compact, delete",
          "delete,delete",
          "a,b",
          "a,,b",
          "a,a",
          ",",
          "CreateTime",
          "*",
          "0:1",
          "0:1,2:3",
          "0:1,*",
          "latest",
          "earliest",
          "by_duration:PT1S",
          "by_duration:-PT1S",
          "by_duration:x",
          "read_committed",
          "requested",
          "broker",
          "broker,controller",
          "PLAINTEXT",
          "SASL_SSL",
          "classic",
          "consumer,classic",
          "disabled",
          "Upgrade",
          "RS256",
          "es256");

  @Test
  void topicSettingsAreThoseOfKafka() {
    compare(TopicConfigs.table(), new TreeMap<>(LogConfig.configKeys()));
  }

  @Test
  void brokerSettingsAreThoseOfKafka() {
    compare(
        BrokerConfigs.table(), new TreeMap<>(kafka.server.KafkaConfig.configDef().configKeys()));
  }

  @Test
  void groupSettingsAreThoseOfKafka() {
    compare(OtherConfigs.group(), new TreeMap<>(GroupConfig.CONFIG_DEF.configKeys()));
  }

  @Test
  void clientMetricsSettingsAreThoseOfKafka() {
    compareNames(
        OtherConfigs.clientMetrics(), new TreeMap<>(ClientMetricsConfigs.configDef().configKeys()));
  }

  @Test
  void theSameBrokerSettingsMayChangeWhileRunning() throws ReflectiveOperationException {
    Set<String> perBroker = new TreeSet<>();
    Set<String> dynamic = new TreeSet<>();
    for (ConfigKey key : BrokerConfigs.table().keys()) {
      if (key.updateMode() != UpdateMode.READ_ONLY && !key.isOwn()) {
        dynamic.add(key.name());
      }
      if (key.updateMode() == UpdateMode.PER_BROKER && !key.isDynamicOnly()) {
        perBroker.add(key.name());
      }
    }
    assertThat(dynamic).isEqualTo(new TreeSet<>(DynamicBrokerConfig.ALL_DYNAMIC_CONFIGS));
    assertThat(perBroker)
        .hasToString(
            new TreeSet<>((Set<?>) constant(DynamicBrokerConfig.class, "PER_BROKER_CONFIGS"))
                .toString());
  }

  private static void compare(ConfigTable table, Map<String, ConfigDef.ConfigKey> kafka) {
    compareNames(table, kafka);
    List<String> differences = new ArrayList<>();
    kafka.forEach(
        (name, key) -> {
          if (name.startsWith("controller.quorum.")) {
            return; // Addresses: checked where they are used.
          }
          for (String sample : SAMPLES) {
            String theirs = accepted(name, key, sample);
            String ours = accepted(table.get(name), sample);
            if (theirs.isEmpty() != ours.isEmpty() && !(sample.equals(",") && isThrottle(name))) {
              differences.add(
                  name + "='" + sample + "': Kafka [" + theirs + "], Millrace [" + ours + "]");
            }
          }
        });
    assertThat(differences).isEmpty();
  }

  /// A lone comma is no list of pairs, but Kafka lets it pass.
  private static boolean isThrottle(String name) {
    return name.endsWith(".throttled.replicas");
  }

  private static void compareNames(ConfigTable table, Map<String, ConfigDef.ConfigKey> kafka) {
    Map<String, String> theirs = new TreeMap<>();
    kafka.forEach(
        (name, key) ->
            theirs.put(
                name, key.type + " " + defaultOf(key) + (key.internalConfig ? " internal" : "")));
    Map<String, String> ours = new TreeMap<>();
    for (ConfigKey key : table.keys()) {
      if (!key.isOwn() && !key.isDynamicOnly()) {
        String value = key.defaultValue().map(ConfigType::print).orElse("none");
        ours.put(key.name(), key.type() + " " + value + (key.isInternal() ? " internal" : ""));
      }
    }
    assertThat(ours).isEqualTo(theirs);
  }

  private static Object constant(Class<?> owner, String name) throws ReflectiveOperationException {
    Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return Objects.requireNonNull(field.get(null));
  }

  private static String defaultOf(ConfigDef.ConfigKey key) {
    if (OWN_DEFAULTS.containsKey(key.name)) {
      return OWN_DEFAULTS.get(key.name);
    }
    return key.hasDefault() && key.defaultValue != null
        ? ConfigDef.convertToString(key.defaultValue, key.type)
        : "none";
  }

  private static String accepted(String name, ConfigDef.ConfigKey key, String text) {
    try {
      Object value = ConfigDef.parseType(name, text, key.type);
      if (key.validator != null) {
        key.validator.ensureValid(name, value);
      }
      return "";
    } catch (ConfigException e) {
      if (key.type == ConfigDef.Type.CLASS) {
        return ""; // Kafka looks for the class; we never do.
      }
      return String.valueOf(e.getMessage());
    }
  }

  private static String accepted(ConfigKey key, String text) {
    try {
      key.parse(text);
      return "";
    } catch (InvalidConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
