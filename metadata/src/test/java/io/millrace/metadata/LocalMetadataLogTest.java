package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Host;
import io.millrace.host.jdk.JdkHost;
import io.millrace.metadata.record.MetadataRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.metadata.MetadataRecordType;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.ControlRecordUtils;
import org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalMetadataLogTest {
  private static final Host HOST =
      new JdkHost(
          (task, failure) -> {
            throw new AssertionError(task, failure);
          });

  @TempDir Path directory;

  /// Collects what the log hands over into an image.
  private static final class Reader implements MetadataLog.Follower {
    ClusterImage image = ClusterImage.EMPTY;
    int epoch = -1;

    @Override
    public void onSnapshot(long offset, int snapshotEpoch, List<MetadataRecord> records) {
      image = ClusterImage.EMPTY;
      records.forEach(record -> image = image.apply(offset, snapshotEpoch, record));
      image = image.at(offset, snapshotEpoch);
    }

    @Override
    public void onCommitted(long baseOffset, int committedEpoch, List<MetadataRecord> records) {
      assertThat(baseOffset).isEqualTo(image.offset() + 1);
      for (int i = 0; i < records.size(); i++) {
        image = image.apply(baseOffset + i, committedEpoch, records.get(i));
      }
    }

    @Override
    public void onLeading(int newEpoch) {
      epoch = newEpoch;
    }

    @Override
    public void onNotLeading() {}
  }

  private LocalMetadataLog log(long bytesBetweenSnapshots) {
    return new LocalMetadataLog(HOST, directory, bytesBetweenSnapshots);
  }

  private Path logDirectory() {
    return directory.resolve("__cluster_metadata-0");
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.list(logDirectory())) {
      return all.filter(each -> each.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private ClusterImage read() throws IOException {
    Reader reader = new Reader();
    try (LocalMetadataLog log = log(1 << 20)) {
      log.follow(reader);
    }
    return reader.image;
  }

  /// Writes a batch per topic; returns the image after each, the empty one first.
  private List<ClusterImage> write(int topics, long bytesBetweenSnapshots) throws Exception {
    List<ClusterImage> images = new ArrayList<>();
    Reader reader = new Reader();
    try (LocalMetadataLog log = log(bytesBetweenSnapshots)) {
      log.follow(reader);
      images.add(reader.image);
      Controller controller = new Controller(Clusters.DEFAULTS);
      SeededEntropy entropy = new SeededEntropy(reader.epoch);
      if (reader.image.brokers().isEmpty()) {
        log.append(
            reader.epoch,
            controller.decide(reader.image, Clusters.broker(1, ""), entropy).records());
        images.add(reader.image);
      }
      for (int i = 0; i < topics; i++) {
        String name = "e" + reader.epoch + "-" + i;
        log.append(
            reader.epoch,
            controller
                .decide(reader.image, Clusters.create(Clusters.topic(name, 2, 1)), entropy)
                .records());
        images.add(reader.image);
        if (log.isSnapshotDue()) {
          log.writeSnapshot(reader.image.offset(), reader.image.epoch(), reader.image.toRecords());
        }
      }
    }
    return images;
  }

  @Test
  void whatWasAppendedIsThereAfterARestartInANewEpoch() throws Exception {
    ClusterImage last = write(3, 1 << 20).getLast();
    assertThat(read()).isEqualTo(last);
    Reader reader = new Reader();
    try (LocalMetadataLog log = log(1 << 20)) {
      log.follow(reader);
      assertThat(reader.epoch).isEqualTo(2);
      assertThatThrownBy(() -> log.append(1, last.toRecords()))
          .isInstanceOf(MetadataLog.NotLeaderException.class);
    }
  }

  @Test
  void snapshotsReplaceTheLogBeforeThem() throws Exception {
    ClusterImage last = write(40, 1_000).getLast();
    assertThat(files(".checkpoint")).hasSize(1);
    assertThat(files(".log")).hasSize(1);
    assertThat(Files.size(files(".log").getFirst())).isLessThan(1_000);
    assertThat(read()).isEqualTo(last);
    ClusterImage more = write(40, 1_000).getLast();
    assertThat(read()).isEqualTo(more);
    assertThat(more.topics()).hasSize(80);
  }

  /// Case B: a crash may leave any part of the last append, or another file length with zeros.
  @Test
  void anAppendThatWasCutShortIsCutOff() throws Exception {
    List<ClusterImage> images = write(3, 1 << 20);
    Path file = files(".log").getFirst();
    byte[] whole = Files.readAllBytes(file);
    int lastBatch = lastBatchPosition(whole);
    for (int length = lastBatch; length < whole.length; length += 7) {
      byte[] torn = Arrays.copyOf(whole, length);
      Files.write(file, torn);
      assertThat(read()).as("%d bytes", length).isEqualTo(images.get(images.size() - 2));
      assertThat(Files.size(file)).isEqualTo(lastBatch);

      byte[] zeros = Arrays.copyOf(torn, whole.length);
      Files.write(file, zeros);
      ClusterImage read = read();
      assertThat(read).as("%d bytes and zeros", length).isIn(images);
    }
    Files.write(file, whole);
    assertThat(read()).isEqualTo(images.getLast());
  }

  private static int lastBatchPosition(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int at = 0;
    while (at + 12 + buffer.getInt(at + 8) < bytes.length) {
      at += 12 + buffer.getInt(at + 8);
    }
    return at;
  }

  /// Case C.
  @Test
  void damageBeforeAnIntactBatchStopsTheNode() throws Exception {
    write(3, 1 << 20);
    Path file = files(".log").getFirst();
    byte[] whole = Files.readAllBytes(file);
    int lastBatch = lastBatchPosition(whole);
    for (int at = 8; at < lastBatch; at += 11) {
      if (isLeaderEpoch(whole, at)) {
        continue; // Not covered by the checksum.
      }
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x55;
      Files.write(file, damaged);
      assertThatThrownBy(this::read)
          .as("byte %d", at)
          .isInstanceOf(MetadataLogException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("damaged at byte");
      assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }
  }

  private static boolean isLeaderEpoch(byte[] bytes, int position) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int at = 0;
    while (at + 12 + buffer.getInt(at + 8) <= position) {
      at += 12 + buffer.getInt(at + 8);
    }
    return position - at >= 12 && position - at < 16;
  }

  /// Cases D, E and F.
  @Test
  void snapshotsThatAreMissingOrDamagedStopTheNode() throws Exception {
    ClusterImage last = write(40, 1_000).getLast();
    Path snapshot = files(".checkpoint").getFirst();
    byte[] whole = Files.readAllBytes(snapshot);
    Files.write(logDirectory().resolve("00000000000000009999-0000000001.checkpoint.part"), whole);
    assertThat(read()).isEqualTo(last);
    assertThat(files(".part")).isEmpty();

    for (int length : new int[] {0, 50, whole.length / 2, whole.length - 1}) {
      Files.write(snapshot, Arrays.copyOf(whole, length));
      assertThatThrownBy(this::read)
          .isInstanceOf(MetadataLogException.class)
          .hasMessageContaining(snapshot.toString());
    }
    Files.delete(snapshot);
    assertThatThrownBy(this::read)
        .isInstanceOf(MetadataLogException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aCrashAroundASnapshotLosesNothing() throws Exception {
    ClusterImage before = write(5, 1 << 20).getLast();
    Path oldLog = files(".log").getFirst();
    byte[] old = Files.readAllBytes(oldLog);
    Reader reader = new Reader();
    try (LocalMetadataLog log = log(1 << 20)) {
      log.follow(reader);
      log.writeSnapshot(before.offset(), before.epoch(), before.toRecords());
    }
    // The old log was not deleted yet.
    Files.write(oldLog, old);
    assertThat(read()).isEqualTo(before);
    assertThat(Files.exists(oldLog)).isFalse();
    // The new log was not made yet.
    Files.delete(files(".log").getFirst());
    Files.write(oldLog, old);
    assertThat(read()).isEqualTo(before);
    ClusterImage more = write(2, 1 << 20).getLast();
    assertThat(read()).isEqualTo(more);
  }

  /// With the classes that Kafka's dump tool reads the files by.
  @Test
  void kafkaReadsLogAndSnapshot() throws Exception {
    ClusterImage last = write(8, 1_000).getLast();
    write(1, 1 << 20);
    List<String> log = readByKafka(files(".log").getFirst());
    assertThat(log).contains("TOPIC_RECORD e2-0", "PARTITION_RECORD");
    List<String> snapshot = readByKafka(files(".checkpoint").getFirst());
    assertThat(snapshot.getFirst()).isEqualTo("SNAPSHOT_HEADER");
    assertThat(snapshot.getLast()).isEqualTo("SNAPSHOT_FOOTER");
    assertThat(snapshot).contains("REGISTER_BROKER_RECORD");
    assertThat(last.topics().keySet())
        .containsAll(
            snapshot.stream()
                .filter(each -> each.startsWith("TOPIC_RECORD"))
                .map(each -> each.substring("TOPIC_RECORD ".length()))
                .toList());
  }

  /// The kinds of records in a file, and the names of topics.
  private static List<String> readByKafka(Path file) throws IOException {
    List<String> kinds = new ArrayList<>();
    try (FileRecords records = FileRecords.open(file.toFile(), false)) {
      int size = 0;
      for (FileChannelRecordBatch batch : records.batches()) {
        batch.ensureValid();
        size += batch.sizeInBytes();
        for (Record record : batch) {
          kinds.add(batch.isControlBatch() ? controlType(record) : kind(record));
        }
      }
      assertThat(size).isEqualTo((int) Files.size(file));
    }
    return kinds;
  }

  private static String controlType(Record record) {
    ControlRecordType type = ControlRecordType.parse(record.key());
    switch (type) {
      case SNAPSHOT_HEADER -> ControlRecordUtils.deserializeSnapshotHeaderRecord(record);
      case SNAPSHOT_FOOTER -> ControlRecordUtils.deserializeSnapshotFooterRecord(record);
      default -> throw new AssertionError(type);
    }
    return type.toString();
  }

  private static String kind(Record record) {
    ApiMessageAndVersion read =
        MetadataRecordSerde.INSTANCE.read(
            new ByteBufferAccessor(record.value()), record.valueSize());
    String kind = MetadataRecordType.fromId(read.message().apiKey()).toString();
    return read.message() instanceof TopicRecord topic ? kind + " " + topic.name() : kind;
  }
}
