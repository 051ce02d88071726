package io.millrace.broker;

import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DeleteRecordsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse;
import io.millrace.protocol.message.ProduceResponse;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What tests ask of a broker, by a [WireClient] and in the newest versions.
final class BrokerClient implements Closeable {
  /// The newest version that names topics by name.
  static final int PRODUCE_BY_NAME = 12;

  static final int FETCH_BY_NAME = 12;
  static final int FETCH_BY_ID = 18;
  static final int METADATA = 13;
  static final int LIST_OFFSETS = 11;

  private final WireClient wire;

  BrokerClient(Host host, Net.Endpoint broker) throws IOException {
    wire = new WireClient(host, broker);
  }

  WireClient wire() {
    return wire;
  }

  <T extends ApiMessage> T call(Class<T> type, ApiKey api, int version, ApiMessage request)
      throws IOException {
    return wire.call(type, api, version, request);
  }

  /// Creates topics, with `num.partitions` partitions, by asking for them; the id of the last.
  Uuid create(String... topics) throws IOException {
    Uuid id = Uuid.ZERO;
    for (MetadataResponse.MetadataResponseTopic topic : metadata(topics).topics()) {
      check(topic.errorCode());
      id = topic.topicId();
    }
    return id;
  }

  MetadataResponse metadata(String... topics) throws IOException {
    return metadata(METADATA, Requests.metadata(topics));
  }

  MetadataResponse metadata(int version, MetadataRequest request) throws IOException {
    return call(MetadataResponse.class, ApiKey.METADATA, version, request);
  }

  ProduceResponse.PartitionProduceResponse produce(String topic, int partition, ByteBuffer records)
      throws IOException {
    return produce(topic, partition, Requests.ACKS_ALL, records);
  }

  ProduceResponse.PartitionProduceResponse produce(
      String topic, int partition, int acks, ByteBuffer records) throws IOException {
    ProduceResponse response =
        call(
            ProduceResponse.class,
            ApiKey.PRODUCE,
            PRODUCE_BY_NAME,
            Requests.produce(topic, Uuid.ZERO, partition, acks, records));
    return response.responses().getFirst().partitionResponses().getFirst();
  }

  /// Appends one batch, waits until it is committed, and answers its base offset.
  long append(String topic, int partition, ByteBuffer records) throws IOException {
    ProduceResponse.PartitionProduceResponse answer = produce(topic, partition, records);
    check(answer.errorCode());
    return answer.baseOffset();
  }

  FetchResponse fetch(int version, FetchRequest request) throws IOException {
    return call(FetchResponse.class, ApiKey.FETCH, version, request);
  }

  /// What is there from an offset on, without waiting.
  FetchResponse.PartitionData fetch(String topic, int partition, long offset) throws IOException {
    return onlyPartition(
        fetch(
            FETCH_BY_NAME,
            Requests.fetch(Requests.topic(topic, Uuid.ZERO, Requests.partition(partition, offset)))
                .build()));
  }

  static FetchResponse.PartitionData onlyPartition(FetchResponse response) {
    check(response.errorCode());
    return response.responses().getFirst().partitions().getFirst();
  }

  /// The values of all records of a partition that are committed.
  List<String> readAll(String topic, int partition) throws IOException {
    List<String> all = new ArrayList<>();
    long offset = offset(topic, partition, -2);
    long end = offset(topic, partition, -1);
    while (offset < end) {
      FetchResponse.PartitionData data = fetch(topic, partition, offset);
      check(data.errorCode());
      all.addAll(Batches.values(data.records()));
      offset = Batches.offsets(data.records()).getLast() + 1;
    }
    return all;
  }

  /// The offset that a timestamp, or a negative number with a meaning of its own, stands for.
  long offset(String topic, int partition, long timestamp) throws IOException {
    ListOffsetsResponse.ListOffsetsPartitionResponse answer =
        listOffset(LIST_OFFSETS, topic, partition, timestamp, -1);
    check(answer.errorCode());
    return answer.offset();
  }

  ListOffsetsResponse.ListOffsetsPartitionResponse listOffset(
      int version, String topic, int partition, long timestamp, int epoch) throws IOException {
    return call(
            ListOffsetsResponse.class,
            ApiKey.LIST_OFFSETS,
            version,
            Requests.listOffsets(topic, partition, timestamp, epoch))
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  /// The end of the log beyond what is committed too: a refused batch must not move it.
  long logEndOffset(String topic, int partition) throws IOException {
    return call(
            ListOffsetsResponse.class,
            ApiKey.LIST_OFFSETS,
            LIST_OFFSETS,
            Requests.listOffsets(topic, partition, -1).toBuilder().replicaId(-2).build())
        .topics()
        .getFirst()
        .partitions()
        .getFirst()
        .offset();
  }

  DeleteRecordsResponse.DeleteRecordsPartitionResult deleteRecords(
      String topic, int partition, long offset) throws IOException {
    return call(
            DeleteRecordsResponse.class,
            ApiKey.DELETE_RECORDS,
            2,
            Requests.deleteRecords(topic, partition, offset))
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  OffsetForLeaderEpochResponse.EpochEndOffset endOfEpoch(
      String topic, int partition, int currentEpoch, int epoch) throws IOException {
    return call(
            OffsetForLeaderEpochResponse.class,
            ApiKey.OFFSET_FOR_LEADER_EPOCH,
            4,
            Requests.offsetForLeaderEpoch(topic, partition, currentEpoch, epoch))
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  long newProducerId() throws IOException {
    InitProducerIdResponse answer =
        call(
            InitProducerIdResponse.class,
            ApiKey.INIT_PRODUCER_ID,
            5,
            InitProducerIdRequest.builder()
                .transactionalId(null)
                .transactionTimeoutMs(60_000)
                .build());
    check(answer.errorCode());
    return answer.producerId();
  }

  static ErrorCode error(short code) {
    return ErrorCode.forCode(code);
  }

  static void check(short errorCode) {
    if (errorCode != ErrorCode.NONE.code()) {
      throw new AssertionError("the broker answered " + ErrorCode.forCode(errorCode));
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
