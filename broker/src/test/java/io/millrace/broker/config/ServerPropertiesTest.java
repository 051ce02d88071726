package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.config.InvalidConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerPropertiesTest {
  @Test
  void whatIsGivenLaterWins() {
    ServerProperties properties =
        ServerProperties.builder()
            .addFile("f", "num.partitions=2\nnum.partitions=3\n")
            .set("num.partitions=4")
            .build();
    assertThat(properties.config().intValue("num.partitions")).isEqualTo(4);
  }

  @Test
  void theFileIsAJavaPropertiesFile() {
    ServerProperties properties =
        ServerProperties.builder()
            .addFile(
                "f",
                """
                # a comment that ends in a backslash \\
                ! another

                num.partitions : 2
                  message.max.bytes   77
                process.roles = broker,\\
                    controller
                broker.rack=r\\u0061ck
                """)
            .build();
    assertThat(properties.config().intValue("num.partitions")).isEqualTo(2);
    assertThat(properties.config().intValue("message.max.bytes")).isEqualTo(77);
    assertThat(properties.config().list("process.roles")).containsExactly("broker", "controller");
    assertThat(properties.config().string("broker.rack")).isEqualTo("rack");
  }

  @Test
  void anUnknownNameIsAnErrorWithTheNearestKnownOneAndThePlace() {
    assertMistake(
        () -> ServerProperties.builder().addFile("server.properties", "\n\nlisteners1=x").build(),
        "unknown broker setting 'listeners1'; did you mean 'listeners'? (server.properties:3)");
    assertMistake(
        () -> ServerProperties.builder().set("xyzzy=1").build(),
        "unknown broker setting 'xyzzy' (--set)");
  }

  @Test
  void aBadValueIsAnErrorWithThePlaceWhereItsLineBegins() {
    assertMistake(
        () ->
            ServerProperties.builder()
                .addFile("dir/f.properties", "# c\nbroker.rack=a\\\n  b\nnum.partitions=\\\n  0\n")
                .build(),
        "num.partitions: '0' must be at least 1 (dir/f.properties:4)");
    assertMistake(
        () -> ServerProperties.builder().put("num.partitions", "many", "--set").build(),
        "num.partitions: 'many' is not a whole number of 32 bits (--set)");
  }

  @Test
  void aValueThatWasReplacedIsNotLookedAt() {
    ServerProperties properties =
        ServerProperties.builder().addFile("f", "num.partitions=0").set("num.partitions=1").build();
    assertThat(properties.config().intValue("num.partitions")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"num.partitions", "=3", "''"})
  void anAssignmentHasANameAndAnEqualsSign(String assignment) {
    assertMistake(
        () -> ServerProperties.builder().set(assignment),
        "--set takes a setting as name=value, not '" + assignment + "'");
  }

  @Test
  void settingsOfListenersAndPluginsAreKnown() {
    ServerProperties properties =
        ServerProperties.builder()
            .set("listener.name.plaintext.max.connections=7")
            .set("rsm.config.anything=x")
            .build();
    assertThat(properties.namesWithoutEffect()).contains("rsm.config.anything");
  }

  @Test
  void knownSettingsWithoutEffectAreKeptAndTold() {
    ServerProperties properties =
        ServerProperties.builder().set("num.network.threads=3").set("num.partitions=2").build();
    assertThat(properties.namesWithoutEffect()).containsExactly("num.network.threads");
    assertThat(properties.config().given()).containsEntry("num.network.threads", "3");
  }

  @Test
  void secretsAreNotShown() {
    ServerProperties properties =
        ServerProperties.builder().set("ssl.key.password=hunter2").build();
    assertThat(properties.toString()).doesNotContain("hunter2");
  }

  private static void assertMistake(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(InvalidConfigException.class).hasMessage(message);
  }
}
