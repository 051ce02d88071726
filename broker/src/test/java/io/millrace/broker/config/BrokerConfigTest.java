package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Net.Endpoint;
import io.millrace.metadata.config.InvalidConfigException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BrokerConfigTest {
  private static final Machine MACHINE = new Machine(() -> "box.example", 256L << 20);

  private static BrokerConfig config(String... settings) {
    ServerProperties.Builder builder = ServerProperties.builder();
    for (String setting : settings) {
      builder.set(setting);
    }
    return BrokerConfig.of(builder.build(), MACHINE);
  }

  @Test
  void noSettingsMakeABrokerThatOnlyThisMachineReaches() {
    BrokerConfig config = config();
    Endpoint address = new Endpoint("127.0.0.1", 9092);
    assertThat(config.network().listeners())
        .containsExactly(new Listener("PLAINTEXT", address, address));
    assertThat(config.network().listeners().getFirst().isLoopback()).isTrue();
    assertThat(config.topics().autoCreate()).isTrue();
    assertThat(config.topics().partitions()).isEqualTo(1);
    assertThat(config.topics().replicationFactor()).isEqualTo((short) 1);
    assertThat(config.settings().string("log.durability")).isEqualTo("fsync");
    assertThat(config.network().requests().maxBytes()).isEqualTo(100 << 20);
    assertThat(config.network().requests().queuedMaxBytes()).isEqualTo(128L << 20);
  }

  @Test
  void kafkasOwnSampleFileIsUnderstood() {
    BrokerConfig config =
        config(
            "process.roles=broker,controller",
            "node.id=7",
            "controller.quorum.bootstrap.servers=localhost:9093",
            "listeners=PLAINTEXT://:9092,CONTROLLER://:9093",
            "inter.broker.listener.name=PLAINTEXT",
            "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL",
            "num.network.threads=3",
            "log.dirs=/tmp/kraft-combined-logs",
            "num.partitions=1",
            "log.retention.hours=168");
    assertThat(config.node().id()).isEqualTo(7);
    assertThat(config.storage().directory()).isEqualTo(Path.of("/tmp/kraft-combined-logs"));
    assertThat(config.network().listeners())
        .containsExactly(
            new Listener("PLAINTEXT", new Endpoint("", 9092), new Endpoint("localhost", 9092)));
    assertThat(config.network().listeners().getFirst().isLoopback()).isFalse();
  }

  @Test
  void aListenerOnAllInterfacesIsAdvertisedUnderTheNameOfTheMachine() {
    Listener listener = config("listeners=PLAINTEXT://:0").network().listeners().getFirst();
    assertThat(listener.bind()).isEqualTo(new Endpoint("", 0));
    assertThat(listener.advertisedAt(4711)).isEqualTo(new Endpoint("box.example", 4711));
  }

  @Test
  void severalListenersHaveNamesThatMapToPlaintext() {
    BrokerConfig config =
        config(
            "listeners=PLAINTEXT://127.0.0.1:1,inside://[::1]:2",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT");
    assertThat(config.network().listeners())
        .extracting(Listener::name)
        .containsExactly("INSIDE", "PLAINTEXT");
    assertThat(config.network().listeners().getFirst().bind()).isEqualTo(new Endpoint("::1", 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listeners=9092 | must be addresses as PLAINTEXT://host:port",
        "listeners=PLAINTEXT://host | must end in a port from 0",
        "listeners=PLAINTEXT://host:70000 | must end in a port from 0",
        "listeners=PLAINTEXT://a:1,PLAINTEXT://b:1 | has two addresses named PLAINTEXT",
        "listeners=CONTROLLER://a:1 | has no address for clients",
        "listeners=PLAINTEXT://0.0.0.0:9092 | Set advertised.listeners",
        "listeners=SASL_SSL://a:1 | this version has only PLAINTEXT",
        "listeners=OUTSIDE://a:1 | OUTSIDE:PLAINTEXT",
        "advertised.listeners=OTHER://a:1 | which setting listeners does not have",
        "log.dirs=/a,/b | must be one directory",
        "process.roles=broker | must be broker,controller",
        "controller.quorum.voters=1@a:1,2@b:1 | names several controllers",
        "default.replication.factor=0 | must be from 1 to 32767",
        "queued.max.request.bytes=5 | must be at least socket.request.max.bytes",
      })
  void whatCannotBeIsRefusedWithTheReasonAndThePlace(String setting, String reason) {
    assertThatThrownBy(() -> config(setting))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith(setting.substring(0, setting.indexOf('=')) + ": ")
        .hasMessageContaining(reason)
        .hasMessageEndingWith("(--set)");
  }

  @Test
  void theOlderNameOfTheNodeIdCountsIfItStandsAlone() {
    assertThat(config("broker.id=5").node().id()).isEqualTo(5);
    assertThat(config("broker.id=5", "node.id=6").node().id()).isEqualTo(6);
  }
}
