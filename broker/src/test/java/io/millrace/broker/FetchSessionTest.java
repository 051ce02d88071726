package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Fetch sessions on the wire (KIP-227); row 32 of the table of bad inputs.
@Timeout(60)
final class FetchSessionTest {
  private static final int PARTITIONS = 3;
  private static final int SLOTS = 40;

  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  private String topic = "";
  private Uuid id = Uuid.ZERO;

  @BeforeAll
  static void start() throws Exception {
    broker =
        TestBroker.start(
            directory,
            "num.partitions",
            Integer.toString(PARTITIONS),
            "max.incremental.fetch.session.cache.slots",
            Integer.toString(SLOTS));
    client = broker.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    broker.close();
  }

  @BeforeEach
  void createTopic(TestInfo test) throws Exception {
    topic = test.getTestMethod().orElseThrow().getName();
    id = client.create(topic);
  }

  @Test
  void aSessionTellsOnlyWhatIsNew() throws Exception {
    client.append(topic, 1, Batches.of("one"));
    int session = open(0, 0, 0);
    // Nothing was taken yet: what was given is given again.
    assertThat(indexes(go(session, 1))).containsExactly(1);
    assertThat(indexes(go(session, 2, Requests.partition(1, 1)))).isEmpty();
    assertThat(indexes(go(session, 3))).isEmpty();
    client.append(topic, 2, Batches.of("two"));
    FetchResponse news = go(session, 4);
    assertThat(indexes(news)).containsExactly(2);
    assertThat(news.sessionId()).isEqualTo(session);
    assertThat(Batches.values(BrokerClient.onlyPartition(news).records())).containsExactly("two");
    close(session);
  }

  @Test
  void theFirstAnswerHasAllPartitions() throws Exception {
    FetchResponse response = client.fetch(18, request(0, 0, all(0, 0, 0)).build());
    assertThat(response.sessionId()).isNotZero();
    assertThat(indexes(response)).containsExactly(0, 1, 2);
    close(response.sessionId());
  }

  @Test
  void anUnderlyingChangeIsNewsToo() throws Exception {
    client.append(topic, 0, Batches.of("a", "b"));
    int session = open(2, 0, 0);
    assertThat(indexes(go(session, 1))).isEmpty();
    client.deleteRecords(topic, 0, 1);
    FetchResponse.PartitionData data = BrokerClient.onlyPartition(go(session, 2));
    assertThat(data.logStartOffset()).isEqualTo(1);
    assertThat(indexes(go(session, 3))).isEmpty();
    close(session);
  }

  @Test
  void forgottenPartitionsAreNotTold() throws Exception {
    int session = open(0, 0, 0);
    go(session, 1);
    client.append(topic, 0, Batches.of("x"));
    client.append(topic, 1, Batches.of("y"));
    FetchRequest forget =
        request(session, 2)
            .forgottenTopicsData(
                List.of(
                    FetchRequest.ForgottenTopic.builder()
                        .topic(topic)
                        .topicId(id)
                        .partitions(List.of(0, 2))
                        .build()))
            .build();
    assertThat(indexes(client.fetch(18, forget))).containsExactly(1);
    close(session);
  }

  @Test
  void partitionsMayJoinASession() throws Exception {
    FetchResponse first = client.fetch(18, request(0, 0, Requests.partition(0, 0)).build());
    int session = first.sessionId();
    assertThat(indexes(first)).containsExactly(0);
    assertThat(indexes(go(session, 1, Requests.partition(2, 0)))).containsExactly(2);
    client.append(topic, 0, Batches.of("x"));
    client.append(topic, 2, Batches.of("y"));
    assertThat(indexes(go(session, 2))).containsExactlyInAnyOrder(0, 2);
    close(session);
  }

  @Test
  void anUnexpectedEpochIsRefused() throws Exception {
    int session = open(0, 0, 0);
    assertThat(error(go(session, 2))).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assertThat(error(go(session, Integer.MAX_VALUE)))
        .isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assertThat(error(go(session, 1))).isEqualTo(ErrorCode.NONE);
    assertThat(error(go(session, 1))).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    close(session);
  }

  @Test
  void row32ASessionThatIsGuessedIsNotFound() throws Exception {
    for (int guess : new int[] {1, 4711, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertThat(error(go(guess, 1))).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    }
  }

  @Test
  void aSessionThatWasClosedIsNotFound() throws Exception {
    int session = open(0, 0, 0);
    close(session);
    assertThat(error(go(session, 1))).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  }

  @Test
  void aFullFetchWithASessionReplacesIt() throws Exception {
    int session = open(0, 0, 0);
    FetchResponse replaced = client.fetch(18, request(session, 0, all(0, 0, 0)).build());
    assertThat(indexes(replaced)).containsExactly(0, 1, 2);
    assertThat(replaced.sessionId()).isNotZero().isNotEqualTo(session);
    assertThat(error(go(session, 1))).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    close(replaced.sessionId());
  }

  @Test
  void aSessionKeepsItsWayOfNamingTopics() throws Exception {
    int session = open(0, 0, 0);
    FetchResponse byName = client.fetch(12, request(session, 1).build());
    assertThat(error(byName)).isEqualTo(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
    close(session);
    FetchResponse named = client.fetch(12, request(0, 0, all(0, 0, 0)).build());
    assertThat(error(client.fetch(13, request(named.sessionId(), 1).build())))
        .isEqualTo(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
    close(named.sessionId());
  }

  @Test
  void row32WhenAllSessionsAreTakenAFetchGoesWithout() throws Exception {
    List<Integer> sessions = new ArrayList<>();
    for (int i = 0; i < SLOTS; i++) {
      sessions.add(open(0, 0, 0));
    }
    assertThat(sessions).doesNotHaveDuplicates().doesNotContain(0);
    client.append(topic, 0, Batches.of("x"));
    FetchResponse without = client.fetch(18, request(0, 0, all(0, 0, 0)).build());
    assertThat(without.sessionId()).isZero();
    assertThat(indexes(without)).containsExactly(0, 1, 2);
    for (int session : sessions) {
      assertThat(indexes(go(session, 1))).containsExactly(0);
      close(session);
    }
    assertThat(open(0, 0, 0)).isNotZero();
  }

  /// What a partition gave puts it behind the others, so that a small limit starves none.
  @Test
  void partitionsTakeTurns() throws Exception {
    for (int i = 0; i < 4; i++) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        client.append(topic, partition, Batches.sized(1000));
      }
    }
    long[] offsets = new long[PARTITIONS];
    int session = 0;
    List<Integer> served = new ArrayList<>();
    for (int epoch = 0; epoch < 12; epoch++) {
      FetchRequest request =
          request(session, epoch, all(offsets[0], offsets[1], offsets[2])).maxBytes(1).build();
      FetchResponse response = client.fetch(18, request);
      session = response.sessionId();
      for (FetchResponse.PartitionData data : partitions(response)) {
        if (!Batches.offsets(data.records()).isEmpty()) {
          served.add(data.partitionIndex());
          offsets[data.partitionIndex()]++;
        }
      }
    }
    assertThat(served).hasSize(12);
    for (int turn = 0; turn < 12; turn += PARTITIONS) {
      assertThat(served.subList(turn, turn + PARTITIONS)).containsExactlyInAnyOrder(0, 1, 2);
    }
    close(session);
  }

  private int open(long... offsets) throws Exception {
    FetchResponse response = client.fetch(18, request(0, 0, all(offsets)).build());
    BrokerClient.check(response.errorCode());
    return response.sessionId();
  }

  private FetchResponse go(int session, int epoch, FetchRequest.FetchPartition... changed)
      throws Exception {
    return client.fetch(18, request(session, epoch, changed).build());
  }

  private void close(int session) throws Exception {
    client.fetch(18, request(session, -1).build());
  }

  private static FetchRequest.FetchPartition[] all(long... offsets) {
    FetchRequest.FetchPartition[] partitions = new FetchRequest.FetchPartition[PARTITIONS];
    for (int i = 0; i < PARTITIONS; i++) {
      partitions[i] = Requests.partition(i, offsets[i]);
    }
    return partitions;
  }

  private FetchRequest.Builder request(
      int session, int epoch, FetchRequest.FetchPartition... partitions) {
    FetchRequest.Builder request =
        partitions.length == 0
            ? Requests.fetch()
            : Requests.fetch(Requests.topic(topic, id, partitions));
    return request.sessionId(session).sessionEpoch(epoch);
  }

  private static ErrorCode error(FetchResponse response) {
    return BrokerClient.error(response.errorCode());
  }

  private static List<FetchResponse.PartitionData> partitions(FetchResponse response) {
    BrokerClient.check(response.errorCode());
    List<FetchResponse.PartitionData> all = new ArrayList<>();
    response.responses().forEach(told -> all.addAll(told.partitions()));
    return all;
  }

  private static List<Integer> indexes(FetchResponse response) {
    return partitions(response).stream().map(FetchResponse.PartitionData::partitionIndex).toList();
  }
}
