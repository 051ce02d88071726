package io.millrace.broker;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.AlterConfigsRequest;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreatePartitionsRequest;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DescribeConfigsRequest;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest;
import io.millrace.protocol.message.ListConfigResourcesRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Valid requests that change or describe topics and settings; none changes the topic that the
/// other samples use.
final class AdminSamples {
  private static final byte TOPIC = 2;

  private AdminSamples() {}

  static @Nullable ApiMessage request(ApiKey api, String topic) {
    return switch (api) {
      case CREATE_TOPICS ->
          CreateTopicsRequest.builder()
              .topics(
                  List.of(
                      CreateTopicsRequest.CreatableTopic.builder()
                          .name(topic + "-created")
                          .numPartitions(1)
                          .replicationFactor((short) 1)
                          .build()))
              .timeoutMs(Requests.TIMEOUT_MS)
              .build();
      case DELETE_TOPICS ->
          // By name up to version 5, by name or id from 6 on: nothing named is valid in all.
          DeleteTopicsRequest.builder().timeoutMs(Requests.TIMEOUT_MS).build();
      case CREATE_PARTITIONS ->
          CreatePartitionsRequest.builder()
              .topics(
                  List.of(
                      CreatePartitionsRequest.CreatePartitionsTopic.builder()
                          .name(topic)
                          .count(2)
                          .assignments(null)
                          .build()))
              .timeoutMs(Requests.TIMEOUT_MS)
              .validateOnly(true)
              .build();
      case DESCRIBE_CONFIGS ->
          DescribeConfigsRequest.builder()
              .resources(
                  List.of(
                      DescribeConfigsRequest.DescribeConfigsResource.builder()
                          .resourceType(TOPIC)
                          .resourceName(topic)
                          .configurationKeys(null)
                          .build()))
              .includeSynonyms(true)
              .build();
      case ALTER_CONFIGS ->
          AlterConfigsRequest.builder()
              .resources(
                  List.of(
                      AlterConfigsRequest.AlterConfigsResource.builder()
                          .resourceType(TOPIC)
                          .resourceName(topic)
                          .build()))
              .validateOnly(true)
              .build();
      case INCREMENTAL_ALTER_CONFIGS ->
          IncrementalAlterConfigsRequest.builder()
              .resources(
                  List.of(
                      IncrementalAlterConfigsRequest.AlterConfigsResource.builder()
                          .resourceType(TOPIC)
                          .resourceName(topic)
                          .configs(
                              List.of(
                                  IncrementalAlterConfigsRequest.AlterableConfig.builder()
                                      .name("retention.ms")
                                      .configOperation((byte) 0)
                                      .value("1000000")
                                      .build()))
                          .build()))
              .validateOnly(true)
              .build();
      case LIST_CONFIG_RESOURCES -> ListConfigResourcesRequest.builder().build();
      default -> null;
    };
  }
}
