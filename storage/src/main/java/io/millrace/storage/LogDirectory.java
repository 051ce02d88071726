package io.millrace.storage;

import io.millrace.host.Host;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A directory of partition logs.
@SuppressWarnings("DoNotCallSuggester") // being written
public final class LogDirectory implements Closeable {
  private static final String MSG = "not yet";

  private LogDirectory() {}

  public static LogDirectory open(Host host, Path path, LogDirectoryOptions options)
      throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public int nodeId() {
    throw new UnsupportedOperationException(MSG);
  }

  public String clusterId() {
    throw new UnsupportedOperationException(MSG);
  }

  public Uuid directoryId() {
    throw new UnsupportedOperationException(MSG);
  }

  public Path path() {
    throw new UnsupportedOperationException(MSG);
  }

  public boolean isFailed() {
    throw new UnsupportedOperationException(MSG);
  }

  public PartitionLog openLog(TopicPartition partition, Uuid topicId, LogConfig config)
      throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public Optional<PartitionLog> log(TopicPartition partition) {
    throw new UnsupportedOperationException(MSG);
  }

  public List<PartitionLog> logs() {
    throw new UnsupportedOperationException(MSG);
  }

  public void deleteLog(TopicPartition partition) throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public void setAsideStrays(Predicate<TopicPartition> known) throws IOException {
    throw new UnsupportedOperationException(MSG);
  }

  public void onFailure(Runnable callback) {
    throw new UnsupportedOperationException(MSG);
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException(MSG);
  }
}
