package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.BrokerProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kafka Streams with `exactly_once_v2`. [WordCount] does the same with a text of any size.
final class StreamsTest {
  private static final long TEXT_BYTES = 400_000;

  @TempDir static Path folder;

  @Test
  @Timeout(300)
  void wordsAreCountedExactlyOnceOverKillsOfApplicationAndBroker() throws Exception {
    Path text = folder.resolve("text");
    SourceLines.write(text, TEXT_BYTES);
    try (BrokerProcess broker = TestBroker.create("StreamsTest", WordCount.SETTINGS)) {
      broker.start();

      WordCountRun.Report report = new WordCountRun(broker, text, 0).run(1);

      assertThat(report.violations()).isEmpty();
      assertThat(report.kills()).isEqualTo(3);
      assertThat(report.words()).isGreaterThan(10_000);
    }
  }
}
