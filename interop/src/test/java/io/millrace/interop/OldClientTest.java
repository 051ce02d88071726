package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A Java client of Kafka 3, whose transactions are those from before KIP-890: it adds partitions
/// to a transaction itself and keeps its epoch from one to the next.
final class OldClientTest {
  private static final int PARTITIONS = 3;
  private static final int TRANSACTIONS = 100;

  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  @Test
  void transactionsOfAnOldClientAreWholeOrNothing() throws Exception {
    BROKER.clients().createTopic("old", PARTITIONS);

    try (LineProcess app = start("old", new CountDownLatch(0))) {
      assertThat(app.awaitEnd(Duration.ofMinutes(1))).as(app.tail()).isZero();
    }

    List<String> expected =
        IntStream.range(0, TRANSACTIONS)
            .filter(i -> !OldTransactionApp.isAborted(i))
            .boxed()
            .flatMap(i -> IntStream.range(0, PARTITIONS).mapToObj(_ -> Integer.toString(i)))
            .toList();
    assertThat(committed("old")).containsExactlyInAnyOrderElementsOf(expected);
    try (var admin = BROKER.clients().admin()) {
      assertThat(admin.listConsumerGroupOffsets("old").partitionsToOffsetAndMetadata().get())
          .containsEntry(new TopicPartition("old", 0), new OffsetAndMetadata(TRANSACTIONS - 1));
    }
  }

  /// What a killed application left open is aborted when it comes back.
  @Test
  void killedOldClientLeavesNothingBehind() throws Exception {
    BROKER.clients().createTopic("old-killed", PARTITIONS);
    var someDone = new CountDownLatch(10);
    try (LineProcess app = start("old-killed", someDone)) {
      assertThat(someDone.await(1, TimeUnit.MINUTES)).as(app.tail()).isTrue();
      app.kill();
    }

    try (LineProcess app = start("old-killed", new CountDownLatch(0))) {
      assertThat(app.awaitEnd(Duration.ofMinutes(1))).as(app.tail()).isZero();
    }

    // Whatever is there of a transaction is there once per partition.
    List<String> committed = committed("old-killed");
    assertThat(committed.stream().filter(value -> value.equals("99")).count())
        .isEqualTo(PARTITIONS);
    assertThat(committed)
        .allSatisfy(
            value ->
                assertThat(committed.stream().filter(value::equals).count() % PARTITIONS)
                    .as(value)
                    .isZero())
        .noneMatch(value -> OldTransactionApp.isAborted(Integer.parseInt(value)));
  }

  private static LineProcess start(String topic, CountDownLatch transactions) throws Exception {
    Path target = Repository.find().root().resolve("interop/target");
    return LineProcess.start(
        List.of(
            Repository.java(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            // The first entry that has a class wins.
            target.resolve("test-classes")
                + ":"
                + target.resolve("old-client")
                + "/*:"
                + target.resolve("lib")
                + "/*",
            OldTransactionApp.class.getName(),
            BROKER.bootstrap(),
            topic,
            topic,
            Integer.toString(PARTITIONS),
            Integer.toString(TRANSACTIONS)),
        _ -> transactions.countDown(),
        _ -> {});
  }

  private static List<String> committed(String topic) {
    return BROKER.clients().readAll(topic, "isolation.level", "read_committed").stream()
        .map(ConsumerRecord::value)
        .toList();
  }
}
