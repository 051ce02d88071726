package io.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How long this process has been running, from the moment the kernel made it: `bin/millrace`
/// becomes the JVM by `exec`, so the script's own time counts.
final class ProcessAge {
  /// What `/proc/<pid>/stat` counts in (USER_HZ), a constant of Linux's interface on the
  /// architectures the JDK runs on.
  private static final int TICKS_PER_SECOND = 100;

  /// The place of `starttime` among the fields after the command's name, see proc_pid_stat(5).
  private static final int START_TIME_FIELD = 19;

  private ProcessAge() {}

  /// Milliseconds since the start of the process, to the 10 ms that Linux keeps.
  static long millis() {
    try {
      return millis(
          Files.readString(Path.of("/proc/self/stat")), Files.readString(Path.of("/proc/uptime")));
    } catch (IOException | RuntimeException e) {
      // Not Linux. `ProcessHandle` is the second choice: on Linux it is off by up to a second,
      // because it adds the ticks to a boot time in whole seconds.
      Optional<Instant> start = ProcessHandle.current().info().startInstant();
      return start.map(instant -> Duration.between(instant, Instant.now()).toMillis()).orElse(0L);
    }
  }

  static long millis(String stat, String uptime) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long startMs = Long.parseLong(fields[START_TIME_FIELD]) * (1000 / TICKS_PER_SECOND);
    long nowMs = (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1000);
    return Math.max(0, nowMs - startMs);
  }
}
