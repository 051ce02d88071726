package io.millrace.broker;

import io.millrace.host.Net;
import io.millrace.host.Tasks;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A whole broker on a simulated host, with producers and a consumer on hosts of their own: it is
/// filled, stops or loses its power, starts again on the same disk, and is read once more.
///
/// Prints its trace hash, so that it can be run in a JVM of its own.
final class SimulatedRun {
  private static final String TOPIC = "simulated";
  private static final int PARTITIONS = 2;
  private static final int PRODUCERS = 3;
  private static final int BATCHES = 12;
  private static final int PORT = 9092;
  private static final Net.Endpoint ADDRESS = new Net.Endpoint("server", PORT);

  private final Simulation simulation;
  private final SimulatedHost server;
  private final SimulatedHost consumer;
  private final boolean crashes;
  private @Nullable BrokerServer broker;
  private Uuid topicId = Uuid.ZERO;

  private SimulatedRun(Simulation simulation) {
    this.simulation = simulation;
    this.server = simulation.host("server");
    this.consumer = simulation.host("consumer");
    this.crashes = simulation.seed() % 2 == 1;
  }

  public static void main(String[] seeds) {
    for (String seed : seeds) {
      System.out.println(seed + " " + hash(Long.parseLong(seed)));
    }
  }

  /// The trace hash of a run. Every other seed loses power instead of stopping in order.
  static long hash(long seed) {
    try (Simulation simulation = new Simulation(seed)) {
      new SimulatedRun(simulation).run();
      return simulation.traceHash();
    }
  }

  private void run() {
    startBroker();
    simulation.run(consumer, "create", this::createTopic);
    List<Tasks.Task> tasks = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      SimulatedHost producer = simulation.host("producer-" + i);
      String name = "p" + i;
      tasks.add(producer.tasks().start("produce", () -> produce(producer, name)));
    }
    List<List<String>> consumed = new ArrayList<>();
    tasks.add(consumer.tasks().start("consume", () -> consumed.addAll(consume())));
    simulation.runUntil(() -> tasks.stream().allMatch(Tasks.Task::isDone));
    restart();
    List<List<String>> again = new ArrayList<>();
    simulation.run(consumer, "read again", () -> again.addAll(readAgain()));
    if (!again.equals(consumed)) {
      throw new AssertionError("consumed " + consumed + ", but after the restart " + again);
    }
    stopBroker();
    simulation.runUntilIdle();
  }

  private void startBroker() {
    simulation.run(
        server,
        "start",
        () -> {
          Map<String, String> settings =
              TestBroker.settings("num.partitions", Integer.toString(PARTITIONS));
          broker =
              new BrokerServer(
                  server, TestBroker.config("server", PORT, Path.of("/data"), settings));
          broker.start();
        });
  }

  private void stopBroker() {
    simulation.run(server, "stop", () -> running().stop());
  }

  private BrokerServer running() {
    BrokerServer current = broker;
    if (current == null) {
      throw new IllegalStateException("no broker runs");
    }
    return current;
  }

  private void restart() {
    if (crashes) {
      server.crash();
      server.restart();
    } else {
      stopBroker();
    }
    simulation.runFor(Duration.ofSeconds(3));
    startBroker();
  }

  private void createTopic() throws IOException {
    try (BrokerClient client = new BrokerClient(consumer, ADDRESS)) {
      topicId = client.create(TOPIC);
    }
  }

  /// Sends batches to the partitions in turn, now and then one that was sent already.
  private static void produce(SimulatedHost host, String name)
      throws IOException, InterruptedException {
    try (BrokerClient client = new BrokerClient(host, ADDRESS)) {
      long producerId = client.newProducerId();
      for (int i = 0; i < BATCHES; i++) {
        host.clock().sleep(Duration.ofMillis(host.entropy().nextInt(400)));
        ByteBuffer batch = batch(host, producerId, i / PARTITIONS, name + "-" + i);
        int sendings = host.entropy().nextInt(4) == 0 ? 2 : 1;
        for (int sending = 0; sending < sendings; sending++) {
          ProduceResponse.PartitionProduceResponse answer =
              client.produce(TOPIC, i % PARTITIONS, batch.duplicate());
          BrokerClient.check(answer.errorCode());
        }
      }
    }
  }

  private static ByteBuffer batch(SimulatedHost host, long producerId, int sequence, String text) {
    return new RecordBatchBuilder()
        .producer(producerId, (short) 0, sequence)
        .append(host.clock().wallMs(), null, text.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  /// Reads by long polls of one fetch session until it has everything; the values by partition.
  private List<List<String>> consume() throws IOException {
    List<List<String>> values = new ArrayList<>();
    long[] offsets = new long[PARTITIONS];
    for (int i = 0; i < PARTITIONS; i++) {
      values.add(new ArrayList<>());
    }
    try (BrokerClient client = new BrokerClient(consumer, ADDRESS)) {
      int session = 0;
      int epoch = 0;
      while (values.stream().mapToInt(List::size).sum() < PRODUCERS * BATCHES) {
        FetchRequest.FetchPartition[] positions = new FetchRequest.FetchPartition[PARTITIONS];
        for (int i = 0; i < PARTITIONS; i++) {
          positions[i] = Requests.partition(i, offsets[i]);
        }
        FetchResponse response =
            client.fetch(
                BrokerClient.FETCH_BY_ID,
                Requests.fetch(Requests.topic(TOPIC, topicId, positions))
                    .sessionId(session)
                    .sessionEpoch(epoch++)
                    .minBytes(1)
                    .maxWaitMs(500)
                    .build());
        BrokerClient.check(response.errorCode());
        session = response.sessionId();
        for (FetchResponse.FetchableTopicResponse topic : response.responses()) {
          for (FetchResponse.PartitionData data : topic.partitions()) {
            take(data, values, offsets);
          }
        }
      }
    }
    return values;
  }

  private static void take(
      FetchResponse.PartitionData data, List<List<String>> values, long[] offsets) {
    if (data.errorCode() != ErrorCode.NONE.code()) {
      throw new AssertionError("the broker answered " + ErrorCode.forCode(data.errorCode()));
    }
    int partition = data.partitionIndex();
    for (long offset : Batches.offsets(data.records())) {
      if (offset != offsets[partition]++) {
        throw new AssertionError("offset " + offset + " came out of its order");
      }
    }
    values.get(partition).addAll(Batches.values(data.records()));
  }

  private List<List<String>> readAgain() throws IOException {
    List<List<String>> values = new ArrayList<>();
    try (BrokerClient client = new BrokerClient(consumer, ADDRESS)) {
      for (int i = 0; i < PARTITIONS; i++) {
        values.add(client.readAll(TOPIC, i));
      }
    }
    return values;
  }
}
