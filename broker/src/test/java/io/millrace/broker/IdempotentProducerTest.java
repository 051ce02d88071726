package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ProduceResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Row 25 of the table of bad inputs, and what idempotence promises: every batch once, in order.
@Timeout(60)
final class IdempotentProducerTest {
  @TempDir static Path directory;
  private static TestBroker broker;
  private static BrokerClient client;

  private String topic = "";
  private long producerId;

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

  @BeforeEach
  void newProducer(TestInfo test) throws Exception {
    topic = test.getTestMethod().orElseThrow().getName();
    client.create(topic);
    producerId = client.newProducerId();
  }

  @Test
  void aBatchThatIsSentAgainIsAnsweredWithItsOffset() throws Exception {
    accepts(0, 0, 0, "a", "b");
    accepts(2, 0, 2, "c");
    accepts(2, 0, 2, "c");
    accepts(0, 0, 0, "a", "b");
    assertThat(client.readAll(topic, 0)).containsExactly("a", "b", "c");
  }

  @Test
  void theLastFiveBatchesAreRemembered() throws Exception {
    for (int i = 0; i < 6; i++) {
      accepts(i, 0, i, "v" + i);
    }
    for (int i = 1; i < 6; i++) {
      accepts(i, 0, i, "v" + i);
    }
    // Older than what is remembered: Kafka takes it for a gap in the order.
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 0, "v0");
    assertThat(client.logEndOffset(topic, 0)).isEqualTo(6);
  }

  @Test
  void aGapIsRefused() throws Exception {
    accepts(0, 0, 0, "a");
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 2, "c");
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, Integer.MAX_VALUE, "z");
    accepts(1, 0, 1, "b");
    assertThat(client.readAll(topic, 0)).containsExactly("a", "b");
  }

  @Test
  void aBatchThatOverlapsAnotherIsRefused() throws Exception {
    accepts(0, 0, 0, "a", "b");
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 1, "b", "c");
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 0, "a");
    assertThat(client.logEndOffset(topic, 0)).isEqualTo(2);
  }

  @Test
  void anOlderEpochIsRefused() throws Exception {
    accepts(0, 1, 0, "a");
    refuses(ErrorCode.INVALID_PRODUCER_EPOCH, 0, 0, "b");
    refuses(ErrorCode.INVALID_PRODUCER_EPOCH, 0, 1, "b");
    accepts(1, 1, 1, "b");
  }

  @Test
  void aNewEpochBeginsWithSequence0() throws Exception {
    accepts(0, 0, 0, "a");
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 1, 1, "b");
    accepts(1, 1, 0, "b");
    refuses(ErrorCode.INVALID_PRODUCER_EPOCH, 0, 1, "c");
  }

  /// The log may have forgotten a producer, or lost its first records to retention.
  @Test
  void aProducerThatIsUnknownMayBeginAnywhere() throws Exception {
    accepts(0, 0, 41, "a");
    accepts(1, 0, 42, "b");
  }

  @Test
  void after2147483647ComesSequence0() throws Exception {
    accepts(0, 0, Integer.MAX_VALUE - 1, "a", "b");
    accepts(2, 0, 0, "c");
    accepts(0, 0, Integer.MAX_VALUE - 1, "a", "b");
    accepts(3, 0, 1, "d");
  }

  @Test
  void aBatchMayWrapAroundItself() throws Exception {
    accepts(0, 0, Integer.MAX_VALUE, "a", "b", "c");
    accepts(3, 0, 2, "d");
    accepts(0, 0, Integer.MAX_VALUE, "a", "b", "c");
  }

  @Test
  void producersDoNotDisturbEachOther() throws Exception {
    long other = client.newProducerId();
    assertThat(other).isNotEqualTo(producerId);
    accepts(0, 0, 0, "a");
    assertThat(client.append(topic, 0, Batches.sequenced(other, 0, 0, "b"))).isEqualTo(1);
    assertThat(client.append(topic, 0, Batches.of("c"))).isEqualTo(2);
    accepts(3, 0, 1, "d");
  }

  /// What is remembered outlives the broker, whether it stops or is found dead.
  @Test
  void duplicatesAreKnownAfterARestart(@TempDir Path own) throws Exception {
    long producer;
    try (TestBroker first = TestBroker.start(own);
        BrokerClient before = first.connect()) {
      before.create("kept");
      producer = before.newProducerId();
      before.append("kept", 0, Batches.sequenced(producer, 0, 0, "a"));
      before.append("kept", 0, Batches.sequenced(producer, 0, 1, "b"));
    }
    try (TestBroker second = TestBroker.start(own);
        BrokerClient after = second.connect()) {
      assertThat(after.append("kept", 0, Batches.sequenced(producer, 0, 1, "b"))).isEqualTo(1);
      assertThat(
              BrokerClient.error(
                  after.produce("kept", 0, Batches.sequenced(producer, 0, 5, "z")).errorCode()))
          .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
      assertThat(after.append("kept", 0, Batches.sequenced(producer, 0, 2, "c"))).isEqualTo(2);
      assertThat(after.readAll("kept", 0)).containsExactly("a", "b", "c");
    }
  }

  @Test
  void producerIdsAreNeverGivenTwice(@TempDir Path own) throws Exception {
    Set<Long> given = new TreeSet<>();
    int count = 0;
    for (int start = 0; start < 3; start++) {
      try (TestBroker restarted = TestBroker.start(own);
          BrokerClient one = restarted.connect();
          BrokerClient two = restarted.connect()) {
        for (int i = 0; i < 600; i++) { // with two clients more than one block
          given.add(one.newProducerId());
          given.add(two.newProducerId());
          count += 2;
        }
      }
    }
    assertThat(given).hasSize(count);
  }

  private void accepts(long expectedOffset, int epoch, int sequence, String... values)
      throws Exception {
    ProduceResponse.PartitionProduceResponse answer =
        client.produce(topic, 0, Batches.sequenced(producerId, epoch, sequence, values));
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(ErrorCode.NONE);
    assertThat(answer.baseOffset()).isEqualTo(expectedOffset);
  }

  private void refuses(ErrorCode expected, int epoch, int sequence, String... values)
      throws Exception {
    ProduceResponse.PartitionProduceResponse answer =
        client.produce(topic, 0, Batches.sequenced(producerId, epoch, sequence, values));
    assertThat(BrokerClient.error(answer.errorCode())).isEqualTo(expected);
  }
}
