package io.millrace.broker;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.DeleteRecordsRequest;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.OffsetForLeaderEpochRequest;
import io.millrace.protocol.message.ProduceRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Requests that tests send, short to write.
final class Requests {
  static final short ACKS_ALL = -1;
  static final int TIMEOUT_MS = 30_000;

  private Requests() {}

  static ApiVersionsRequest apiVersions() {
    return ApiVersionsRequest.builder()
        .clientSoftwareName("millrace-test")
        .clientSoftwareVersion("1.0")
        .build();
  }

  /// Asks for topics by name, creating those that are missing.
  static MetadataRequest metadata(String... topics) {
    return MetadataRequest.builder()
        .topics(
            Arrays.stream(topics)
                .map(name -> MetadataRequest.MetadataRequestTopic.builder().name(name).build())
                .toList())
        .allowAutoTopicCreation(true)
        .build();
  }

  /// Topics are named by name and id: whichever the version has is sent.
  static ProduceRequest produce(
      String topic, Uuid id, int partition, int acks, ByteBuffer records) {
    return ProduceRequest.builder()
        .acks((short) acks)
        .timeoutMs(TIMEOUT_MS)
        .topicData(
            List.of(
                ProduceRequest.TopicProduceData.builder()
                    .name(topic)
                    .topicId(id)
                    .partitionData(
                        List.of(
                            ProduceRequest.PartitionProduceData.builder()
                                .index(partition)
                                .records(new RecordData.Buffer(records))
                                .build()))
                    .build()))
        .build();
  }

  static FetchRequest.FetchPartition partition(int index, long offset) {
    return FetchRequest.FetchPartition.builder()
        .partition(index)
        .currentLeaderEpoch(-1)
        .fetchOffset(offset)
        .lastFetchedEpoch(-1)
        .logStartOffset(-1)
        .partitionMaxBytes(1 << 20)
        .build();
  }

  static FetchRequest.FetchTopic topic(
      String name, Uuid id, FetchRequest.FetchPartition... partitions) {
    return FetchRequest.FetchTopic.builder()
        .topic(name)
        .topicId(id)
        .partitions(List.of(partitions))
        .build();
  }

  /// A fetch without a session that does not wait.
  static FetchRequest.Builder fetch(FetchRequest.FetchTopic... topics) {
    return FetchRequest.builder()
        .maxWaitMs(0)
        .minBytes(0)
        .maxBytes(50 << 20)
        .sessionId(0)
        .sessionEpoch(-1)
        .topics(List.of(topics));
  }

  static ListOffsetsRequest listOffsets(String topic, int partition, long timestamp) {
    return listOffsets(topic, partition, timestamp, -1);
  }

  static ListOffsetsRequest listOffsets(String topic, int partition, long timestamp, int epoch) {
    return ListOffsetsRequest.builder()
        .replicaId(-1)
        .topics(
            List.of(
                ListOffsetsRequest.ListOffsetsTopic.builder()
                    .name(topic)
                    .partitions(
                        List.of(
                            ListOffsetsRequest.ListOffsetsPartition.builder()
                                .partitionIndex(partition)
                                .currentLeaderEpoch(epoch)
                                .timestamp(timestamp)
                                .build()))
                    .build()))
        .build();
  }

  static OffsetForLeaderEpochRequest offsetForLeaderEpoch(
      String topic, int partition, int currentEpoch, int epoch) {
    return OffsetForLeaderEpochRequest.builder()
        .replicaId(-1)
        .topics(
            List.of(
                OffsetForLeaderEpochRequest.OffsetForLeaderTopic.builder()
                    .topic(topic)
                    .partitions(
                        List.of(
                            OffsetForLeaderEpochRequest.OffsetForLeaderPartition.builder()
                                .partition(partition)
                                .currentLeaderEpoch(currentEpoch)
                                .leaderEpoch(epoch)
                                .build()))
                    .build()))
        .build();
  }

  static DeleteRecordsRequest deleteRecords(String topic, int partition, long offset) {
    return DeleteRecordsRequest.builder()
        .timeoutMs(TIMEOUT_MS)
        .topics(
            List.of(
                DeleteRecordsRequest.DeleteRecordsTopic.builder()
                    .name(topic)
                    .partitions(
                        List.of(
                            DeleteRecordsRequest.DeleteRecordsPartition.builder()
                                .partitionIndex(partition)
                                .offset(offset)
                                .build()))
                    .build()))
        .build();
  }

  /// The bytes that hexadecimal digits stand for; anything else is passed over.
  static byte[] hex(String digits) {
    List<Byte> bytes = new ArrayList<>();
    String clean = digits.replaceAll("[^0-9a-fA-F]", "");
    for (int i = 0; i < clean.length(); i += 2) {
      bytes.add((byte) Integer.parseInt(clean.substring(i, i + 2), 16));
    }
    byte[] result = new byte[bytes.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = bytes.get(i);
    }
    return result;
  }
}
