package io.millrace.storage;

import static io.millrace.storage.Fixture.append;
import static io.millrace.storage.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A failed write or fsync takes the directory offline, and is never tried again.
final class FailureTest {
  @TempDir Path path;
  private final Host host = Fixture.host();
  private final FaultyDisk disk = new FaultyDisk(host.disk());

  private LogDirectory open() throws IOException {
    return LogDirectory.open(Fixture.withDisk(host, disk), path, Fixture.OPTIONS);
  }

  @Test
  void failedForce() throws IOException, InterruptedException {
    Semaphore failed = new Semaphore(0);
    try (LogDirectory directory = open()) {
      directory.onFailure(failed::release);
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      append(log, batch(1, 10, 1));
      log.flush();
      assertThat(log.flushedOffset()).isEqualTo(1);
      disk.failsForce = true;
      append(log, batch(1, 10, 1));
      failed.acquire();
      assertThat(directory.isFailed()).isTrue();
      assertThat(log.flushedOffset()).isEqualTo(1);
      disk.failsForce = false;
      int forces = disk.forces.get();
      assertOffline(directory, log);
      assertThat(Fixture.readAll(log, 0, 1000)).hasSize(2);
      assertThat(disk.forces).hasValue(forces);
      directory.onFailure(failed::release);
      failed.acquire();
    }
    // The failed directory was not closed in order.
    try (LogDirectory directory = open()) {
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      assertThat(log.recoveryCases()).doesNotContain(RecoveryCase.CLEAN);
      append(log, batch(1, 10, 1));
    }
  }

  @Test
  void failedWrite() throws IOException {
    try (LogDirectory directory = open()) {
      PartitionLog log = Fixture.openLog(directory, Fixture.CONFIG);
      append(log, batch(1, 10, 1));
      disk.failsWrite = true;
      assertThatThrownBy(() -> append(log, batch(1, 10, 1)))
          .isInstanceOf(LogDirectoryFailedException.class)
          .hasMessageContaining("offline until restart");
      disk.failsWrite = false;
      assertThat(log.logEndOffset()).isEqualTo(1);
      assertOffline(directory, log);
    }
  }

  private static void assertOffline(LogDirectory directory, PartitionLog log) {
    assertThat(directory.isFailed()).isTrue();
    assertThatThrownBy(() -> append(log, batch(1, 10, 1)))
        .isInstanceOf(LogDirectoryFailedException.class);
    assertThatThrownBy(log::flush).isInstanceOf(LogDirectoryFailedException.class);
    assertThatThrownBy(directory::checkpoint).isInstanceOf(LogDirectoryFailedException.class);
    assertThatThrownBy(() -> log.advanceLogStartOffset(1))
        .isInstanceOf(LogDirectoryFailedException.class);
    assertThatThrownBy(
            () ->
                directory.openLog(
                    new io.millrace.protocol.TopicPartition("other", 0),
                    Fixture.TOPIC_ID,
                    Fixture.CONFIG))
        .isInstanceOf(LogDirectoryFailedException.class);
  }
}
