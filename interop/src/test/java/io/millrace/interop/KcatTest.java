package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// librdkafka, by way of kcat. [RealFile] does the same with a file of any size.
final class KcatTest {
  private static final long FILE_BYTES = 3_000_000;

  @RegisterExtension static final TestBroker BROKER = TestBroker.with();

  @TempDir static Path folder;

  private static Path file;
  private static LineDigest lines;

  private final KcatRoundTrip roundTrip = new KcatRoundTrip(BROKER.clients());

  @BeforeAll
  static void writeFile() throws Exception {
    KcatRoundTrip.checkInstalled();
    file = folder.resolve("lines");
    SourceLines.write(file, FILE_BYTES);
    lines = new LineDigest().add(Files.newInputStream(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void linesComeBackInTheOrderOfTheirKeys(String codec) throws Exception {
    String topic = "lines-" + codec;

    roundTrip.produce(topic, file, codec);

    assertThat(lines.differenceTo(roundTrip.readWithKcat(topic))).isEmpty();
  }

  @Test
  void consoleConsumerReadsWhatKcatWrote() throws Exception {
    roundTrip.produce("console", file, "zstd");

    assertThat(lines.differenceTo(roundTrip.readWithConsoleConsumer("console"))).isEmpty();
  }

  @Test
  void metadataAreListed() throws Exception {
    BROKER.clients().createTopic("listed", 3);

    String output =
        Tool.run(List.of("kcat", "-L", "-b", BROKER.bootstrap(), "-t", "listed")).orFail().output();

    assertThat(output)
        .contains("1 brokers", BROKER.bootstrap(), "topic \"listed\" with 3 partitions");
  }

  @Test
  void offsetsAreQueriedByTime() throws Exception {
    roundTrip.produce("by-time", file, "none");

    // -2 is the beginning.
    String output =
        Tool.run(List.of("kcat", "-Q", "-b", BROKER.bootstrap(), "-t", "by-time:0:-2"))
            .orFail()
            .output();

    assertThat(output).contains("by-time [0] offset 0");
  }

  @Test
  void idempotentProducerDelivers() throws Exception {
    BROKER.clients().createTopic("idempotent", 1);

    Tool.run(
            List.of(
                "kcat",
                "-P",
                "-b",
                BROKER.bootstrap(),
                "-t",
                "idempotent",
                "-X",
                "enable.idempotence=true",
                "-l",
                file.toString()))
        .orFail();

    assertThat(BROKER.clients().readAll("idempotent")).hasSize((int) lines.count());
  }
}
