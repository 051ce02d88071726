package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/// The tables of APIs and errors against Kafka's.
class ApiKeyTest {
  @Test
  void keysAndVersionsAreKafkas() {
    List<ApiKeys> kafkas =
        Arrays.stream(ApiKeys.values()).filter(ApiKeys::hasValidVersion).toList();
    assertThat(ApiKey.values()).hasSize(kafkas.size());
    for (ApiKeys kafka : kafkas) {
      ApiKey ours = ApiKey.forId(kafka.id).orElseThrow();
      assertThat(ours.name()).isEqualTo(kafka.name());
      assertThat(ours.id()).isEqualTo(kafka.id);
      assertThat(ours.lowestVersion()).isEqualTo(kafka.oldestVersion());
      assertThat(ours.highestVersion()).isEqualTo(kafka.latestVersion(true));
      assertThat(ours.highestStableVersion()).isEqualTo(kafka.latestVersion(false));
      assertThat(ours.isLatestVersionUnstable())
          .isEqualTo(kafka.messageType.latestVersionUnstable());
      for (short version = ours.lowestVersion(); version <= ours.highestVersion(); version++) {
        assertThat(ours.requestHeaderVersion(version))
            .isEqualTo(kafka.requestHeaderVersion(version));
        assertThat(ours.responseHeaderVersion(version))
            .isEqualTo(kafka.responseHeaderVersion(version));
      }
    }
  }

  @Test
  void listenersAreKafkas() {
    for (ApiKey api : ApiKey.values()) {
      var kafkas = ApiKeys.forId(api.id()).messageType.listeners();
      assertThat(api.listeners().contains(ApiKey.Listener.BROKER))
          .isEqualTo(kafkas.contains(ApiMessageType.ListenerType.BROKER));
      assertThat(api.listeners().contains(ApiKey.Listener.CONTROLLER))
          .isEqualTo(kafkas.contains(ApiMessageType.ListenerType.CONTROLLER));
    }
  }

  @Test
  void unknownAndRemovedKeysAreNone() {
    assertThat(ApiKey.forId((short) -1)).isEmpty();
    assertThat(ApiKey.forId((short) 4)).isEmpty();
    assertThat(ApiKey.forId((short) 1000)).isEmpty();
  }

  @Test
  void errorsAreKafkas() {
    assertThat(ErrorCode.values()).hasSameSizeAs(Errors.values());
    for (Errors kafka : Errors.values()) {
      ErrorCode ours = ErrorCode.forCode(kafka.code());
      assertThat(ours.name()).isEqualTo(kafka.name());
      assertThat(ours.code()).isEqualTo(kafka.code());
      assertThat(ours.isRetriable()).isEqualTo(kafka.exception() instanceof RetriableException);
      assertThat(ours.message())
          .isEqualTo(kafka.exception() == null ? "" : kafka.exception().getMessage());
    }
    assertThat(ErrorCode.forCode((short) 9999)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    assertThat(ErrorCode.forCode((short) -2)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
  }
}
