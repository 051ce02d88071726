package io.millrace.cli;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.RecordData;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.record.RecordBatchBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A short run of the server from which the JVM learns, for the AOT cache, which classes a start
/// needs and which methods are hot: a client in the same process does what a producer and a
/// consumer do. Started by `bin/millrace aot-cache`.
final class Training {
  private static final String TOPIC = "training";
  private static final int CONNECT_ATTEMPTS = 200;
  private static final int CONNECT_PAUSE_MS = 50;
  private static final int METADATA_ATTEMPTS = 100;
  private static final int ROUNDS = 300;

  private final TrainingClient client;

  private Training(TrainingClient client) {
    this.client = client;
  }

  /// Argument: a data directory that does not exist yet. Exits with 0 whatever the client met with:
  /// a start that was learnt without requests is better than nothing.
  public static void main(String[] args) throws Exception {
    int port = freePort();
    List<String> command =
        List.of("server", "--data", args[0], "--set", "listeners=PLAINTEXT://127.0.0.1:" + port);
    Thread.ofPlatform().daemon().start(() -> System.exit(Millrace.run(command)));
    try (TrainingClient client = new TrainingClient(connect(port))) {
      new Training(client).run();
    } catch (IOException | RuntimeException e) {
      System.err.println("The requests of the training run failed: " + e);
    }
    System.exit(Millrace.OK); // the shutdown hook stops the server
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Socket connect(int port) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return new Socket(InetAddress.getLoopbackAddress(), port);
      } catch (IOException e) {
        if (attempt == CONNECT_ATTEMPTS) {
          throw e;
        }
        Thread.sleep(CONNECT_PAUSE_MS);
      }
    }
  }

  private void run() throws IOException {
    client.ask(
        ApiKey.API_VERSIONS,
        4,
        ApiVersionsRequest.builder()
            .clientSoftwareName("training")
            .clientSoftwareVersion("1")
            .build());
    Uuid topicId = awaitTopic();
    client.ask(
        ApiKey.INIT_PRODUCER_ID, 5, InitProducerIdRequest.builder().transactionalId(null).build());
    for (int round = 0; round < ROUNDS; round++) {
      client.ask(ApiKey.PRODUCE, 13, produce(topicId));
      client.ask(ApiKey.FETCH, 17, fetch(topicId, round));
    }
  }

  /// Asks for the topic, which makes the broker create it, until it has a leader.
  private Uuid awaitTopic() throws IOException {
    ApiMessage request =
        MetadataRequest.builder()
            .topics(List.of(MetadataRequest.MetadataRequestTopic.builder().name(TOPIC).build()))
            .allowAutoTopicCreation(true)
            .build();
    for (int attempt = 0; attempt < METADATA_ATTEMPTS; attempt++) {
      MetadataResponse response = (MetadataResponse) client.ask(ApiKey.METADATA, 13, request);
      MetadataResponse.MetadataResponseTopic topic = response.topics().getFirst();
      if (topic.errorCode() == 0 && topic.partitions().getFirst().leaderId() >= 0) {
        return topic.topicId();
      }
    }
    throw new IOException("topic " + TOPIC + " did not get a leader");
  }

  private static ApiMessage produce(Uuid topicId) {
    byte[] value = "a value of some length, for good measure".getBytes(StandardCharsets.US_ASCII);
    RecordData records =
        new RecordData.Buffer(
            new RecordBatchBuilder().append(System.currentTimeMillis(), null, value).build());
    return ProduceRequest.builder()
        .acks((short) -1)
        .timeoutMs(10_000)
        .topicData(
            List.of(
                ProduceRequest.TopicProduceData.builder()
                    .topicId(topicId)
                    .partitionData(
                        List.of(
                            ProduceRequest.PartitionProduceData.builder()
                                .index(0)
                                .records(records)
                                .build()))
                    .build()))
        .build();
  }

  private static ApiMessage fetch(Uuid topicId, long offset) {
    return FetchRequest.builder()
        .maxWaitMs(100)
        .minBytes(1)
        .maxBytes(1 << 20)
        .sessionEpoch(-1)
        .topics(
            List.of(
                FetchRequest.FetchTopic.builder()
                    .topicId(topicId)
                    .partitions(
                        List.of(
                            FetchRequest.FetchPartition.builder()
                                .partition(0)
                                .fetchOffset(offset)
                                .partitionMaxBytes(1 << 20)
                                .build()))
                    .build()))
        .build();
  }
}
