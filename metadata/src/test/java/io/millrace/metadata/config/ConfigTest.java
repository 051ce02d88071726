package io.millrace.metadata.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigTest {
  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> BrokerConfigs.read(Map.of("log.retention.hour", "3")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            "unknown broker setting 'log.retention.hour'; did you mean 'log.retention.hours'?");
    assertThatThrownBy(() -> TopicConfigs.table().parse("zzzzzzzzzzz", "3"))
        .hasMessage("unknown topic setting 'zzzzzzzzzzz'");
  }

  @Test
  void messagesNameSettingValueAndWhatIsAllowed() {
    assertThatThrownBy(() -> TopicConfigs.table().parse("retention.ms", "a week"))
        .hasMessage("retention.ms: 'a week' is not a whole number of 64 bits");
    assertThatThrownBy(() -> TopicConfigs.table().parse("segment.bytes", "1"))
        .hasMessage("segment.bytes: '1' must be at least 1048576");
    assertThatThrownBy(() -> TopicConfigs.table().parse("durability", "maybe"))
        .hasMessage("durability: 'maybe' must be one of fsync, replicated");
    assertThatThrownBy(() -> TopicConfigs.table().parse("compression.gzip.level", "0"))
        .hasMessage("compression.gzip.level: '0' must be from 1 to 9 or -1");
  }

  @Test
  void aBrokersSettingsGiveTheDefaultsOfTopics() {
    Config broker =
        BrokerConfigs.read(
            Map.of(
                "log.roll.hours", "2", "log.retention.minutes", "5", "log.retention.hours", "7"));
    Config topic = TopicConfigs.effective(broker, Map.of("segment.bytes", "2000000"));
    assertThat(topic.longValue("segment.ms")).isEqualTo(7_200_000);
    assertThat(topic.longValue("retention.ms")).isEqualTo(300_000);
    assertThat(topic.intValue("segment.bytes")).isEqualTo(2_000_000);
    assertThat(topic.string("durability")).isEqualTo("fsync");
    assertThat(
            TopicConfigs.effective(
                    BrokerConfigs.read(Map.of("log.retention.hours", "-1")), Map.of())
                .longValue("retention.ms"))
        .isEqualTo(-1);
  }

  @Test
  void settingsAreCheckedTogether() {
    Config broker = BrokerConfigs.read(Map.of());
    assertThatThrownBy(
            () ->
                TopicConfigs.check(
                    Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5"), broker))
        .hasMessageContaining("min.compaction.lag.ms (10)");
    assertThatThrownBy(() -> TopicConfigs.check(Map.of("remote.storage.enable", "true"), broker))
        .hasMessageContaining("no remote storage");
    TopicConfigs.check(Map.of("cleanup.policy", "compact, delete"), broker);
  }

  @Test
  void settingsOfOneListenerAndOfPluginsAreKnown() {
    Config config =
        BrokerConfigs.read(
            Map.of(
                "listener.name.internal.ssl.client.auth", "required",
                "listener.name.internal.plain.sasl.jaas.config", "secret",
                "rsm.config.anything", "x",
                "log.dirs", "/a,/b"));
    assertThat(config.list("log.dirs")).containsExactly("/a", "/b");
    assertThatThrownBy(
            () -> BrokerConfigs.read(Map.of("listener.name.internal.ssl.client.auth", "maybe")))
        .isInstanceOf(InvalidConfigException.class);
    assertThat(BrokerConfigs.synonyms("log.retention.hours"))
        .isEqualTo(List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours"));
  }

  @Test
  void changesWhileRunningCountMoreThanTheFile() {
    Config started = BrokerConfigs.read(Map.of("log.segment.bytes", "3000000"));
    Config now =
        BrokerConfigs.effective(
            started,
            Map.of("log.segment.bytes", "4000000", "max.connections", "7"),
            Map.of("max.connections", "9", "of.another.version", "x"));
    assertThat(now.intValue("log.segment.bytes")).isEqualTo(4_000_000);
    assertThat(now.intValue("max.connections")).isEqualTo(9);
  }
}
