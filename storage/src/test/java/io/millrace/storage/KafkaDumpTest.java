package io.millrace.storage;

import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.RecordBatchBuilder;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile;
import org.apache.kafka.storage.internals.log.EpochEntry;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kafka's own code reads what we write.
final class KafkaDumpTest {
  /// What the tool says about files that it does not like. It also says that the first offset of
  /// each segment but the first does not follow -1, which is no complaint.
  private static final Pattern COMPLAINT =
      Pattern.compile(
          "(?i)mismatch|corrupt|exception|out of order|not found|isvalid: false|^ *[0-9]+ is followed by");

  @TempDir Path path;

  @Test
  void dumpLogSegmentsReadsEverything() throws Exception {
    List<Compression> codecs = List.of(Compression.values());
    LogConfig config =
        Fixture.CONFIG.toBuilder().segmentBytes(40_000).indexIntervalBytes(1000).build();
    try (LogDirectory directory = Fixture.open(path)) {
      PartitionLog log = Fixture.openLog(directory, config);
      for (int i = 0; i < 200; i++) {
        append(log, batch(3, 100, 10_000 + 100L * (i % 7 == 0 ? i - 3 : i)));
        append(log, Fixture.compressed(codecs.get(i % codecs.size()), 10, 10_000 + 100L * i));
        append(log, Fixture.ofProducer(i % 3, 0, 2 * (i / 3), 2));
      }
      assertThat(log.segments.all().length).isGreaterThan(3);
    }
    assertIsDumped(".log", "--deep-iteration");
    assertIsDumped(".index");
    assertIsDumped(".index", "--verify-index-only");
    assertIsDumped(".index", "--index-sanity-check");
    assertIsDumped(".timeindex");
    assertIsDumped(".snapshot");
  }

  private void assertIsDumped(String suffix, String... options) throws Exception {
    List<String> files =
        Fixture.names(path).stream()
            .filter(name -> name.endsWith(suffix))
            .map(name -> path.resolve("orders-3").resolve(name).toString())
            .toList();
    assertThat(files).isNotEmpty();
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--files", String.join(",", files)));
    String output = dump(arguments);
    List<String> lines = output.lines().toList();
    for (String file : files) {
      assertThat(lines).contains("Dumping " + file);
    }
    assertThat(lines.stream().filter(line -> COMPLAINT.matcher(line).find()))
        .as("%s of %s", List.of(options), suffix)
        .isEmpty();
  }

  /// In a JVM of its own: the tool exits the process when it is done.
  private static String dump(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path")));
    command.add("org.apache.kafka.tools.DumpLogSegments");
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    process.getInputStream().transferTo(output);
    assertThat(process.waitFor()).as("%s: %s", arguments, output).isZero();
    return output.toString(StandardCharsets.UTF_8);
  }

  @Test
  void kafkaReadsTheSmallFiles() throws IOException {
    try (LogDirectory directory = Fixture.open(path)) {
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      log.append(batch(new RecordBatchBuilder(), 5, 10, 1), 1, AppendOrigin.CLIENT);
      log.append(batch(new RecordBatchBuilder(), 5, 10, 1), 6, AppendOrigin.CLIENT);
      log.advanceLogStartOffset(2);
    }
    File partition = path.resolve("orders-3").toFile();
    File epochs = LeaderEpochCheckpointFile.newFile(partition);
    assertThat(new LeaderEpochCheckpointFile(epochs, new LogDirFailureChannel(1)).read())
        .containsExactly(new EpochEntry(1, 2), new EpochEntry(6, 5));
    var kafkaPartition = new org.apache.kafka.common.TopicPartition("orders", 3);
    assertThat(
            new OffsetCheckpointFile(
                    path.resolve("recovery-point-offset-checkpoint").toFile(),
                    new LogDirFailureChannel(1))
                .read())
        .isEqualTo(Map.of(kafkaPartition, 10L));
    assertThat(
            new OffsetCheckpointFile(
                    path.resolve("log-start-offset-checkpoint").toFile(),
                    new LogDirFailureChannel(1))
                .read())
        .isEqualTo(Map.of(kafkaPartition, 2L));
    assertThat(
            new PartitionMetadataFile(
                    new File(partition, "partition.metadata"), new LogDirFailureChannel(1))
                .read()
                .topicId()
                .toString())
        .isEqualTo(Fixture.TOPIC_ID.toString());
    java.util.Properties properties = new java.util.Properties();
    try (var reader = Files.newBufferedReader(path.resolve("meta.properties"))) {
      properties.load(reader);
    }
    var meta = new org.apache.kafka.metadata.properties.MetaProperties.Builder(properties).build();
    assertThat(meta.nodeId()).hasValue(7);
    assertThat(meta.clusterId()).hasValue("cluster");
    assertThat(meta.directoryId()).isPresent();
  }
}
