package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ErrorCode;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the broker announces, it serves: every API in every version.
@Timeout(60)
final class EveryVersionTest {
  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(directory);
    client = broker.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  /// The client decodes strictly: a response with bytes left over, or too few, fails.
  @Test
  void everyVersionIsAnswered() throws Exception {
    Uuid id = client.create("every");
    client.append("every", 0, Batches.of("there"));
    ApiVersionsResponse announcement = announcement(5);
    for (ValidRequests.Sample sample : ValidRequests.announced(announcement, "every", id)) {
      ApiMessage answer =
          client.call(ApiMessage.class, sample.api(), sample.version(), sample.request());
      assertThat(answer.toString())
          .as("%s version %d", sample.api(), sample.version())
          .doesNotContain("errorCode=" + ErrorCode.UNKNOWN_SERVER_ERROR.code() + ",")
          .doesNotContain("errorCode=" + ErrorCode.UNSUPPORTED_VERSION.code() + ",");
    }
  }

  @Test
  void theIssuesApisAreAnnounced() throws Exception {
    Map<ApiKey, String> announced = new TreeMap<>();
    for (ApiVersionsResponse.ApiVersion range : announcement(4).apiKeys()) {
      announced.put(
          ApiKey.forId(range.apiKey()).orElseThrow(),
          range.minVersion() + "-" + range.maxVersion());
    }
    assertThat(announced)
        .containsEntry(ApiKey.PRODUCE, "0-13")
        .containsEntry(ApiKey.FETCH, "4-18")
        .containsEntry(ApiKey.LIST_OFFSETS, "1-11")
        .containsEntry(ApiKey.METADATA, "0-13")
        .containsEntry(ApiKey.API_VERSIONS, "0-5")
        .containsEntry(ApiKey.DELETE_RECORDS, "0-2")
        .containsEntry(ApiKey.INIT_PRODUCER_ID, "0-5")
        .containsEntry(ApiKey.OFFSET_FOR_LEADER_EPOCH, "2-4")
        .containsEntry(ApiKey.DESCRIBE_PRODUCERS, "0-0")
        .containsEntry(ApiKey.DESCRIBE_LOG_DIRS, "1-5")
        .containsEntry(ApiKey.DESCRIBE_CLUSTER, "0-2")
        .containsEntry(ApiKey.DESCRIBE_TOPIC_PARTITIONS, "0-0");
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void everyVersionOfApiVersionsSaysTheSame(int version) throws Exception {
    ApiVersionsResponse answer = announcement(version);
    assertThat(answer.apiKeys()).isEqualTo(announcement(5).apiKeys());
    if (version >= 3) {
      assertThat(answer.finalizedFeatures())
          .anySatisfy(feature -> assertThat(feature.name()).isEqualTo("metadata.version"));
    }
  }

  @ParameterizedTest(name = "software named {0}")
  @ValueSource(strings = {"", " ", "-x", "a b", "x/", "名"})
  void aClientHasToNameItselfDecently(String name) throws Exception {
    ApiVersionsResponse answer =
        client.call(
            ApiVersionsResponse.class,
            ApiKey.API_VERSIONS,
            3,
            Requests.apiVersions().toBuilder().clientSoftwareName(name).build());
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void aClientThatMeansAnotherClusterOrNodeIsSentBack() throws Exception {
    String clusterId = client.metadata().clusterId();
    assertThat(meaning(clusterId, -1)).isEqualTo(ErrorCode.NONE);
    assertThat(meaning(null, -1)).isEqualTo(ErrorCode.NONE);
    assertThat(meaning("another", -1)).isEqualTo(ErrorCode.REBOOTSTRAP_REQUIRED);
    assertThat(meaning(clusterId, 77)).isEqualTo(ErrorCode.REBOOTSTRAP_REQUIRED);
  }

  private static ErrorCode meaning(@Nullable String cluster, int node) throws Exception {
    ApiVersionsRequest request =
        Requests.apiVersions().toBuilder().clusterId(cluster).nodeId(node).build();
    return BrokerClient.error(
        client.call(ApiVersionsResponse.class, ApiKey.API_VERSIONS, 5, request).errorCode());
  }

  private static ApiVersionsResponse announcement(int version) throws Exception {
    ApiVersionsResponse answer =
        client.call(
            ApiVersionsResponse.class, ApiKey.API_VERSIONS, version, Requests.apiVersions());
    BrokerClient.check(answer.errorCode());
    return answer;
  }
}
