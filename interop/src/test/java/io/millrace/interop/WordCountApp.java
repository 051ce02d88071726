package io.millrace.interop;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/// Counts the words of a topic with Kafka Streams, exactly once: with a repartition topic, a state
/// store and its changelog. A program of its own, to be killed.
///
/// Usage: `WordCountApp BOOTSTRAP APPLICATION-ID STATE-FOLDER INPUT OUTPUT CACHE-BYTES`
public final class WordCountApp {
  private WordCountApp() {}

  public static void main(String[] args) throws InterruptedException {
    var builder = new StreamsBuilder();
    builder.stream(args[3], Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> Arrays.asList(words(line)))
        .groupBy((_, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
        .count(Materialized.as("counts"))
        .toStream()
        .to(args[4], Produced.with(Serdes.String(), Serdes.Long()));
    var streams = new KafkaStreams(builder.build(), settings(args));
    var ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(
        e -> {
          System.out.println("thread replaced: " + e);
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener(
        (newState, _) -> {
          System.out.println("state " + newState);
          if (newState.hasCompletedShutdown()) {
            ended.countDown();
          }
        });
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().unstarted(() -> streams.close(Duration.ofSeconds(30))));
    streams.start();
    ended.await();
  }

  private static Properties settings(String[] args) {
    var settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[2]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, args[5]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6000);
    settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 500);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 100);
    // A killed instance leaves its transactions open; those wait who read what it wrote.
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 10_000);
    return settings;
  }

  /// The words of a line: runs of letters and digits, in lower case.
  static String[] words(String line) {
    return Arrays.stream(line.toLowerCase(Locale.ROOT).split("[^\\p{Alnum}]+", -1))
        .filter(word -> !word.isEmpty())
        .toArray(String[]::new);
  }
}
