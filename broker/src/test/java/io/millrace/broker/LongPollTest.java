package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.host.Net;
import io.millrace.host.Tasks;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Fetches that wait, in simulated time: how long each took is known to the millisecond.
@Timeout(60)
final class LongPollTest {
  private static final Net.Endpoint ADDRESS = new Net.Endpoint("server", 9092);

  /// What network, disk and scheduling may add to a wait.
  private static final long SLACK_MS = 200;

  private final Simulation simulation = new Simulation(11);
  private final SimulatedHost server = simulation.host("server");
  private final SimulatedHost reader = simulation.host("reader");
  private final SimulatedHost writer = simulation.host("writer");
  private Uuid id = Uuid.ZERO;

  @BeforeEach
  void start() {
    simulation.run(
        server,
        "start",
        () ->
            new BrokerServer(
                    server,
                    TestBroker.config(
                        "server",
                        9092,
                        Path.of("/data"),
                        TestBroker.settings("num.partitions", "2")))
                .start());
    simulation.run(
        reader,
        "create",
        () -> {
          try (BrokerClient client = new BrokerClient(reader, ADDRESS)) {
            id = client.create("polled");
          }
        });
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  @Test
  void withoutDataItLastsAsLongAsTheClientAllows() {
    Poll poll = poll(request(1, 1 << 20, 5000));
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isBetween(5000L, 5000 + SLACK_MS);
    assertThat(poll.values()).isEmpty();
  }

  @Test
  void withoutAWaitItIsAnsweredAtOnce() {
    Poll poll = poll(request(1, 1 << 20, 0));
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isLessThan(SLACK_MS);
  }

  @Test
  void itEndsWhenDataComes() {
    Poll poll = poll(request(1, 1 << 20, 60_000));
    simulation.runFor(Duration.ofSeconds(7));
    append(0, 100);
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isBetween(7000L, 7000 + SLACK_MS);
    assertThat(poll.values()).hasSize(1);
  }

  @Test
  void itWaitsForAsManyBytesAsTheClientWants() {
    Poll poll = poll(request(3000, 1 << 20, 60_000));
    for (int i = 0; i < 3; i++) {
      simulation.runFor(Duration.ofSeconds(2));
      assertThat(poll.task.isDone()).as("after %d", i).isFalse();
      append(i % 2, 1000);
    }
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isBetween(6000L, 6000 + SLACK_MS);
    assertThat(poll.values()).hasSize(3);
  }

  @Test
  void whatThereIsIsGivenWhenTheTimeIsUp() {
    Poll poll = poll(request(1 << 20, 1 << 20, 4000));
    simulation.runFor(Duration.ofSeconds(1));
    append(0, 1000);
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isBetween(4000L, 4000 + SLACK_MS);
    assertThat(poll.values()).hasSize(1);
  }

  /// A client whose limit keeps out what is there gains nothing by waiting for more.
  @Test
  void whatALimitKeepsOutIsNotWaitedFor() {
    for (int i = 0; i < 3; i++) {
      append(0, 1000);
    }
    Poll poll = poll(request(1500, 1500, 60_000));
    simulation.runUntil(poll.task::isDone);
    assertThat(poll.tookMs).isLessThan(SLACK_MS);
    assertThat(poll.values()).hasSize(1);
  }

  @Test
  void aSessionWaitsForNews() {
    List<Long> took = new ArrayList<>();
    Tasks.Task task =
        reader
            .tasks()
            .start(
                "session",
                () -> {
                  try (BrokerClient client = new BrokerClient(reader, ADDRESS)) {
                    FetchResponse first =
                        client.fetch(
                            18, request(0, 1 << 20, 0).toBuilder().sessionEpoch(0).build());
                    for (int epoch = 1; epoch <= 2; epoch++) {
                      long start = simulation.nanos();
                      FetchResponse response =
                          client.fetch(
                              18,
                              Requests.fetch()
                                  .sessionId(first.sessionId())
                                  .sessionEpoch(epoch)
                                  .minBytes(1)
                                  .maxWaitMs(3000)
                                  .build());
                      took.add((simulation.nanos() - start) / 1_000_000);
                      took.add((long) response.responses().size());
                    }
                  }
                });
    simulation.runFor(Duration.ofSeconds(4));
    append(1, 10);
    simulation.runUntil(task::isDone);
    assertThat(took.get(0)).isBetween(3000L, 3000 + SLACK_MS);
    assertThat(took.get(1)).as("topics without news").isZero();
    assertThat(took.get(2)).isLessThan(1000 + SLACK_MS);
    assertThat(took.get(3)).as("topics with news").isEqualTo(1);
  }

  @Test
  void hundredsOfWaitingFetchesAreAllWoken() {
    List<Poll> polls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      polls.add(poll(request(1, 1 << 20, 60_000)));
    }
    simulation.runFor(Duration.ofSeconds(1));
    append(0, 10);
    simulation.runUntil(() -> polls.stream().allMatch(poll -> poll.task.isDone()));
    assertThat(polls)
        .allSatisfy(poll -> assertThat(poll.tookMs).isBetween(0L, 1000 + 10 * SLACK_MS));
  }

  private FetchRequest request(int minBytes, int maxBytes, int maxWaitMs) {
    return Requests.fetch(
            Requests.topic("polled", id, Requests.partition(0, 0), Requests.partition(1, 0)))
        .minBytes(minBytes)
        .maxBytes(maxBytes)
        .maxWaitMs(maxWaitMs)
        .build();
  }

  private void append(int partition, int size) {
    simulation.run(
        writer,
        "append",
        () -> {
          try (BrokerClient client = new BrokerClient(writer, ADDRESS)) {
            String value = "x".repeat(size);
            client.append("polled", partition, Batches.at(writer.clock().wallMs(), value));
          }
        });
  }

  private Poll poll(FetchRequest request) {
    return new Poll(request);
  }

  /// A fetch under way: how long it took and what it brought.
  private final class Poll {
    private final Tasks.Task task;
    private final List<FetchResponse> responses = new ArrayList<>();
    private long tookMs = -1;

    Poll(FetchRequest request) {
      task =
          reader
              .tasks()
              .start(
                  "poll",
                  () -> {
                    try (BrokerClient client = new BrokerClient(reader, ADDRESS)) {
                      long start = simulation.nanos();
                      responses.add(client.fetch(18, request));
                      tookMs = (simulation.nanos() - start) / 1_000_000;
                    }
                  });
    }

    List<String> values() {
      List<String> values = new ArrayList<>();
      for (FetchResponse response : responses) {
        BrokerClient.check(response.errorCode());
        response
            .responses()
            .forEach(
                topic ->
                    topic
                        .partitions()
                        .forEach(data -> values.addAll(Batches.values(data.records()))));
      }
      return values;
    }
  }
}
