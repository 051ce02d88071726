package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProduceConsumeTest {
  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  private final KafkaClients clients = BROKER.clients();

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void recordsOfEveryCodecComeBackAsTheyWere(String codec) throws Exception {
    String topic = "codec-" + codec;
    clients.createTopic(topic, 1);
    var sent = new ArrayList<ProducerRecord<String, String>>();
    for (int i = 0; i < 2000; i++) {
      // Every seventh has no key, every eleventh no value (a tombstone).
      String key = i % 7 == 0 ? null : "key-" + i % 100;
      String value = i % 11 == 0 ? null : "value-" + i + "-" + "x".repeat(i % 300);
      var record = new ProducerRecord<>(topic, 0, 1_700_000_000_000L + i, key, value);
      if (i % 3 == 0) {
        record
            .headers()
            .add(new RecordHeader("h", ("header-" + i).getBytes(StandardCharsets.UTF_8)));
        record.headers().add(new RecordHeader("none", (byte[]) null));
      }
      sent.add(record);
    }

    produce(sent, "compression.type", codec);

    List<ConsumerRecord<String, String>> received = clients.readAll(topic);
    assertThat(received).hasSameSizeAs(sent);
    for (int i = 0; i < sent.size(); i++) {
      ConsumerRecord<String, String> record = received.get(i);
      assertThat(record.offset()).isEqualTo(i);
      assertThat(record.key()).isEqualTo(sent.get(i).key());
      assertThat(record.value()).isEqualTo(sent.get(i).value());
      assertThat(record.timestamp()).isEqualTo(sent.get(i).timestamp());
      assertThat(record.timestampType()).isEqualTo(TimestampType.CREATE_TIME);
      assertThat(record.headers().toArray()).isEqualTo(sent.get(i).headers().toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "all"})
  void recordsOfEveryAcksComeBack(String acks) throws Exception {
    String topic = "acks-" + acks;
    clients.createTopic(topic, 1);

    produce(numbered(topic, 0, 500), "acks", acks, "enable.idempotence", acks.equals("all"));

    // With acks=0 a produce that is acknowledged has only been sent, so read by count, not by end.
    assertThat(TestReads.values(clients, topic, 500)).isEqualTo(values(0, 500));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd", "uncompressed"})
  void topicWithACodecOfItsOwnRecompresses(String codec) throws Exception {
    String topic = "recompressed-" + codec;
    clients.createTopic(topic, 1, "compression.type", codec);

    produce(numbered(topic, 0, 1000), "compression.type", "lz4");
    produce(numbered(topic, 1000, 2000), "compression.type", "none");

    assertThat(clients.readAll(topic)).extracting(ConsumerRecord::value).isEqualTo(values(0, 2000));
  }

  @Test
  void appendTimeTopicsStampTheRecords() throws Exception {
    clients.createTopic("append-time", 1, "message.timestamp.type", "LogAppendTime");
    long before = System.currentTimeMillis();

    produce(List.of(new ProducerRecord<>("append-time", 0, 5L, "k", "v")));

    ConsumerRecord<String, String> record = clients.readAll("append-time").getFirst();
    assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    assertThat(record.timestamp()).isBetween(before, System.currentTimeMillis());
  }

  @Test
  void topicIsCreatedOnFirstUse() throws Exception {
    produce(numbered("made-on-demand", 0, 10));

    assertThat(clients.readAll("made-on-demand"))
        .extracting(ConsumerRecord::value)
        .isEqualTo(values(0, 10));
  }

  @Test
  void bigRecordsComeBackWhereTheTopicAllowsThem() throws Exception {
    clients.createTopic("big", 1, "max.message.bytes", "8000000");
    String value = incompressible(6_000_000);

    produce(
        List.of(
            new ProducerRecord<>("big", 0, "k", value), new ProducerRecord<>("big", 0, "k", "s")),
        "max.request.size",
        8_000_000);

    // Bigger than max.partition.fetch.bytes and fetch.max.bytes: the first batch comes anyway.
    assertThat(clients.readAll("big", "fetch.max.bytes", 1000, "max.partition.fetch.bytes", 1000))
        .extracting(ConsumerRecord::value)
        .isEqualTo(List.of(value, "s"));
  }

  @Test
  void recordOverTheLimitIsRefusedAndTheNextIsTaken() throws Exception {
    clients.createTopic("limited", 1);
    try (var producer = clients.producer("max.request.size", 8_000_000)) {
      Future<RecordMetadata> tooLarge =
          producer.send(new ProducerRecord<>("limited", 0, "k", incompressible(2_000_000)));
      assertThatThrownBy(tooLarge::get).hasCauseInstanceOf(RecordTooLargeException.class);

      assertThat(producer.send(new ProducerRecord<>("limited", 0, "k", "v")).get().offset())
          .isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad name", "bad/name", ".."})
  void topicOfAnInvalidNameIsRefused(String topic) {
    try (var producer = clients.producer("max.block.ms", 10_000)) {
      Future<RecordMetadata> send = producer.send(new ProducerRecord<>(topic, "v"));

      assertThatThrownBy(send::get).hasCauseInstanceOf(InvalidTopicException.class);
    }
  }

  @Test
  void manyPartitionsKeepTheirOrder() throws Exception {
    int partitions = 100;
    int perPartition = 100;
    clients.createTopic("wide", partitions);
    var sent = new ArrayList<ProducerRecord<String, String>>();
    for (int i = 0; i < partitions * perPartition; i++) {
      sent.add(new ProducerRecord<>("wide", i % partitions, "k", Integer.toString(i / partitions)));
    }

    produce(sent);

    var next = new int[partitions];
    for (ConsumerRecord<String, String> record : clients.readAll("wide", "max.poll.records", 50)) {
      assertThat(record.value()).isEqualTo(Integer.toString(next[record.partition()]));
      assertThat(record.offset()).isEqualTo(next[record.partition()]++);
    }
    assertThat(next).containsOnly(perPartition);
  }

  @Test
  void manyProducersShareAPartition() throws Exception {
    clients.createTopic("shared", 1);
    var threads = new ArrayList<Thread>();
    var failures = new ConcurrentLinkedQueue<Throwable>();
    for (int i = 0; i < 8; i++) {
      String key = "producer-" + i;
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  var records = new ArrayList<ProducerRecord<String, String>>();
                  for (int n = 0; n < 500; n++) {
                    records.add(new ProducerRecord<>("shared", 0, key, Integer.toString(n)));
                  }
                  produce(records);
                } catch (Throwable e) {
                  failures.add(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(failures).isEmpty();
    List<ConsumerRecord<String, String>> received = clients.readAll("shared");
    assertThat(received).hasSize(8 * 500);
    for (int i = 0; i < 8; i++) {
      String key = "producer-" + i;
      assertThat(received.stream().filter(r -> key.equals(r.key())).map(ConsumerRecord::value))
          .isEqualTo(values(0, 500));
    }
  }

  private void produce(List<ProducerRecord<String, String>> records, Object... settings)
      throws Exception {
    var sends = new ArrayList<Future<RecordMetadata>>();
    try (var producer = clients.producer(settings)) {
      for (ProducerRecord<String, String> record : records) {
        sends.add(producer.send(record));
      }
    }
    for (Future<RecordMetadata> send : sends) {
      send.get();
    }
  }

  private static List<ProducerRecord<String, String>> numbered(String topic, int from, int to) {
    return values(from, to).stream()
        .map(value -> new ProducerRecord<>(topic, 0, "k", value))
        .toList();
  }

  private static List<String> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private static String incompressible(int length) {
    var bytes = new byte[length / 2];
    new SplittableRandom(7).nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
