package io.millrace.replication;

import io.millrace.host.Tasks;
import io.millrace.protocol.RecordData;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.simulator.SimulatedHost;
import io.millrace.simulator.Simulation;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogDirectoryOptions;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Partitions on logs of a simulated host. Whatever touches a log runs as a task: [#run].
final class SimulatedLogs implements AutoCloseable {
  static final String TOPIC = "topic";
  static final Uuid TOPIC_ID = new Uuid(17, 4);
  static final int LEADER_EPOCH = 3;

  final Simulation simulation;
  final SimulatedHost host;
  private @Nullable LogDirectory directory;

  SimulatedLogs(long seed) {
    simulation = new Simulation(seed);
    host = simulation.host("node");
    open();
  }

  /// Opens the directory, as after a start of the process.
  void open() {
    run(
        () ->
            directory =
                LogDirectory.open(
                    host, Path.of("/data"), LogDirectoryOptions.of(0, Optional.empty())));
  }

  void run(Tasks.Body body) {
    simulation.run(host, "test", body);
  }

  Partition lead(int index, Durability durability) throws IOException {
    LogDirectory opened = directory;
    if (opened == null) {
      throw new IllegalStateException("the directory is not open");
    }
    TopicPartition name = new TopicPartition(TOPIC, index);
    Optional<PartitionLog> open = opened.log(name);
    PartitionLog log =
        open.isPresent()
            ? open.get()
            : opened.openLog(name, TOPIC_ID, LogConfig.builder().durability(durability).build());
    return new Partition(host.clock(), log, LEADER_EPOCH, 1);
  }

  /// A batch of `records` records, each of `size` bytes.
  ByteBuffer batch(int records, int size) {
    RecordBatchBuilder builder = new RecordBatchBuilder();
    for (int i = 0; i < records; i++) {
      builder.append(host.clock().wallMs(), null, new byte[size]);
    }
    return builder.build();
  }

  /// The base offsets of the batches in what a fetch gave.
  static List<Long> baseOffsets(RecordData records) throws IOException {
    List<Long> offsets = new ArrayList<>();
    if (records instanceof LogSlice slice && slice.sizeInBytes() > 0) {
      ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
      slice.file().read(bytes, slice.position());
      BatchCursor batches = RecordBatches.over(bytes.flip());
      while (batches.next()) {
        offsets.add(batches.baseOffset());
      }
    }
    return offsets;
  }

  @Override
  public void close() {
    simulation.close();
  }
}
