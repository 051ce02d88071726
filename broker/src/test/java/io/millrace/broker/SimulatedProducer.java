package io.millrace.broker;

import io.millrace.broker.SimulatedClient.Call;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.simulator.SimulatedHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// An idempotent producer with up to five batches in flight, which it sends again, in their order,
/// until they are acknowledged.
final class SimulatedProducer {
  private static final int MAX_IN_FLIGHT = 5;
  private static final short EPOCH = 0;

  private final SimulatedHost host;
  private final String name;
  private final String topic;
  private final LateRequests late;
  private final List<Sent> acknowledged;
  private final int[] sequences;
  private long producerId;
  private int batchCount;

  /// A batch and where it was acknowledged to be; -1 if that was not said.
  record Sent(int partition, long producerId, int baseSequence, int lastSequence, long offset) {}

  private record Batch(int baseSequence, int lastSequence, ByteBuffer records) {}

  /// @param name which makes its values unlike those of others
  /// @param acknowledged to which it adds
  SimulatedProducer(
      SimulatedHost host,
      String name,
      String topic,
      int partitionCount,
      LateRequests late,
      List<Sent> acknowledged) {
    this.host = host;
    this.name = name;
    this.topic = topic;
    this.late = late;
    this.acknowledged = acknowledged;
    this.sequences = new int[partitionCount];
  }

  /// Produces until it is told to stop, and then finishes what it has begun.
  void run(BooleanSupplier stopped) throws InterruptedException {
    try (SimulatedClient client = new SimulatedClient(host)) {
      InitProducerIdResponse answer =
          client.ask(
              new Call<>(
                  InitProducerIdResponse.class,
                  ApiKey.INIT_PRODUCER_ID,
                  5,
                  InitProducerIdRequest.builder()
                      .transactionalId(null)
                      .transactionTimeoutMs(60_000)
                      .build(),
                  InitProducerIdResponse::errorCode));
      BrokerClient.check(answer.errorCode());
      producerId = answer.producerId();
      while (!stopped.getAsBoolean()) {
        int partition = host.entropy().nextInt(sequences.length);
        List<Batch> batches = new ArrayList<>();
        for (int i = host.entropy().nextInt(MAX_IN_FLIGHT) + 1; i > 0; i--) {
          batches.add(batch(partition));
        }
        send(client, partition, batches);
        host.clock().sleep(Duration.ofMillis(host.entropy().nextInt(400)));
      }
    }
  }

  private Batch batch(int partition) {
    int first = sequences[partition];
    int count = 1 + host.entropy().nextInt(3);
    RecordBatchBuilder records = new RecordBatchBuilder().producer(producerId, EPOCH, first);
    int batch = batchCount++;
    for (int i = 0; i < count; i++) {
      String value = name + "/" + batch + "." + i;
      records.append(host.clock().wallMs(), null, value.getBytes(StandardCharsets.UTF_8));
    }
    sequences[partition] += count;
    return new Batch(first, first + count - 1, records.build());
  }

  private void send(SimulatedClient client, int partition, List<Batch> batches)
      throws InterruptedException {
    List<Batch> left = new ArrayList<>(batches);
    while (!left.isEmpty()) {
      try {
        for (Batch batch : left) {
          if (late.takes(host)) {
            late.add(
                ProduceResponse.class,
                ApiKey.PRODUCE,
                BrokerClient.PRODUCE_BY_NAME,
                request(partition, batch));
          }
          client
              .wire()
              .send(ApiKey.PRODUCE, BrokerClient.PRODUCE_BY_NAME, request(partition, batch));
        }
        for (Batch batch : List.copyOf(left)) {
          receive(client, partition, batch, left);
        }
      } catch (IOException e) {
        client.close();
      }
      if (!left.isEmpty()) {
        client.backOff();
      }
    }
  }

  private ProduceRequest request(int partition, Batch batch) {
    return Requests.produce(
        topic, Uuid.ZERO, partition, Requests.ACKS_ALL, batch.records().duplicate());
  }

  private void receive(SimulatedClient client, int partition, Batch batch, List<Batch> left)
      throws IOException {
    ProduceResponse.PartitionProduceResponse answer =
        client
            .wire()
            .receive(ProduceResponse.class, ApiKey.PRODUCE, BrokerClient.PRODUCE_BY_NAME)
            .responses()
            .getFirst()
            .partitionResponses()
            .getFirst();
    ErrorCode error = ErrorCode.forCode(answer.errorCode());
    switch (error) {
      case NONE, DUPLICATE_SEQUENCE_NUMBER -> {
        left.remove(batch);
        acknowledged.add(
            new Sent(
                partition,
                producerId,
                batch.baseSequence(),
                batch.lastSequence(),
                error == ErrorCode.NONE ? answer.baseOffset() : -1));
      }
      case OUT_OF_ORDER_SEQUENCE_NUMBER -> {
        // One before it has failed, and is sent again before it.
        if (left.getFirst().equals(batch)) {
          throw new AssertionError(
              name + ": sequence " + batch.baseSequence() + " is the next but was refused");
        }
      }
      default -> {
        if (!SimulatedClient.isRetriable(error.code())) {
          throw new AssertionError(name + ": Produce was answered " + error);
        }
      }
    }
  }
}
