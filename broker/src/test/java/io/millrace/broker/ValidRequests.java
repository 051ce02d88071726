package io.millrace.broker;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ConsumerGroupDescribeRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.DescribeClusterRequest;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.protocol.message.DescribeTopicPartitionsRequest;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.MetadataRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A valid request of every API in every version that the broker announces.
final class ValidRequests {
  record Sample(ApiKey api, int version, ApiMessage request) {}

  private ValidRequests() {}

  /// Samples of all APIs that are known here, about partition 0 of a topic that exists.
  static List<Sample> samples(String topic, Uuid id) {
    List<Sample> samples = new ArrayList<>();
    for (ApiKey api : ApiKey.values()) {
      for (int version = api.lowestVersion(); version <= api.highestStableVersion(); version++) {
        ApiMessage request = request(api, version, topic, id);
        if (request != null) {
          samples.add(new Sample(api, version, request));
        }
      }
    }
    return samples;
  }

  /// The samples of what the broker announces. Fails for an API of which there is no sample here.
  static List<Sample> announced(ApiVersionsResponse announcement, String topic, Uuid id) {
    List<Sample> announced = new ArrayList<>();
    for (ApiVersionsResponse.ApiVersion range : announcement.apiKeys()) {
      ApiKey api = ApiKey.forId(range.apiKey()).orElseThrow();
      int lowest = Math.max(range.minVersion(), api.lowestVersion());
      for (int version = lowest; version <= range.maxVersion(); version++) {
        ApiMessage request = request(api, version, topic, id);
        if (request == null) {
          throw new AssertionError("no sample of " + api + " in version " + version);
        }
        announced.add(new Sample(api, version, request));
      }
    }
    return announced;
  }

  private static @Nullable ApiMessage request(ApiKey api, int version, String topic, Uuid id) {
    return switch (api) {
      case PRODUCE -> Requests.produce(topic, id, 0, Requests.ACKS_ALL, Batches.of("sample"));
      case FETCH ->
          Requests.fetch(Requests.topic(topic, id, Requests.partition(0, 0))).replicaId(-1).build();
      case LIST_OFFSETS -> Requests.listOffsets(topic, 0, -1);
      case METADATA ->
          MetadataRequest.builder()
              .topics(List.of(MetadataRequest.MetadataRequestTopic.builder().name(topic).build()))
              .allowAutoTopicCreation(true)
              .includeTopicAuthorizedOperations(version >= 8)
              .build();
      case API_VERSIONS -> Requests.apiVersions();
      case DELETE_RECORDS -> Requests.deleteRecords(topic, 0, 0);
      case INIT_PRODUCER_ID ->
          InitProducerIdRequest.builder().transactionalId(null).transactionTimeoutMs(1000).build();
      case JOIN_GROUP,
          SYNC_GROUP,
          HEARTBEAT,
          LEAVE_GROUP,
          DESCRIBE_GROUPS,
          LIST_GROUPS,
          DELETE_GROUPS,
          OFFSET_COMMIT,
          OFFSET_FETCH,
          OFFSET_DELETE,
          TXN_OFFSET_COMMIT,
          FIND_COORDINATOR ->
          GroupSamples.request(api, version, topic, id);
      case OFFSET_FOR_LEADER_EPOCH -> Requests.offsetForLeaderEpoch(topic, 0, -1, 0);
      case DESCRIBE_PRODUCERS ->
          DescribeProducersRequest.builder()
              .topics(
                  List.of(
                      DescribeProducersRequest.TopicRequest.builder()
                          .name(topic)
                          .partitionIndexes(List.of(0))
                          .build()))
              .build();
      case DESCRIBE_LOG_DIRS -> DescribeLogDirsRequest.builder().topics(null).build();
      case DESCRIBE_CLUSTER ->
          DescribeClusterRequest.builder().includeClusterAuthorizedOperations(true).build();
      case DESCRIBE_TOPIC_PARTITIONS ->
          DescribeTopicPartitionsRequest.builder()
              .topics(
                  List.of(
                      DescribeTopicPartitionsRequest.TopicRequest.builder().name(topic).build()))
              .responsePartitionLimit(2000)
              .build();
      case ADD_PARTITIONS_TO_TXN,
          ADD_OFFSETS_TO_TXN,
          END_TXN,
          WRITE_TXN_MARKERS,
          DESCRIBE_TRANSACTIONS,
          LIST_TRANSACTIONS ->
          TransactionSamples.request(api, version, topic);
      case CONSUMER_GROUP_HEARTBEAT ->
          ConsumerGroupHeartbeatRequest.builder()
              .groupId("consumers-of-" + topic)
              .memberId(version == 0 ? "" : "a-member")
              .rebalanceTimeoutMs(Requests.TIMEOUT_MS)
              .subscribedTopicNames(List.of(topic))
              .topicPartitions(List.of())
              .build();
      case CONSUMER_GROUP_DESCRIBE ->
          ConsumerGroupDescribeRequest.builder().groupIds(List.of("consumers-of-" + topic)).build();
      default -> AdminSamples.request(api, topic);
    };
  }
}
