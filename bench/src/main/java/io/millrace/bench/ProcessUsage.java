package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What a process and its descendants have used, read from `/proc`.
///
/// @param cpuSeconds user and system time since the start of the process
/// @param residentBytes VmRSS: every page in memory, shared ones in full
/// @param proportionalBytes PSS: shared pages divided by the number of processes that share them
public record ProcessUsage(double cpuSeconds, long residentBytes, long proportionalBytes) {
  /// `USER_HZ`, which Linux has fixed at 100 for what it tells in `/proc`.
  private static final double TICKS_PER_SECOND = 100;

  public static ProcessUsage of(ProcessHandle process) throws IOException {
    double cpuSeconds = 0;
    long residentBytes = 0;
    long proportionalBytes = 0;
    for (ProcessHandle part : withDescendants(process)) {
      Path folder = Path.of("/proc", Long.toString(part.pid()));
      cpuSeconds += cpuSeconds(Files.readString(folder.resolve("stat")));
      residentBytes += kilobytesOf("VmRSS", Files.readAllLines(folder.resolve("status"))) * 1024;
      proportionalBytes +=
          kilobytesOf("Pss", Files.readAllLines(folder.resolve("smaps_rollup"))) * 1024;
    }
    return new ProcessUsage(cpuSeconds, residentBytes, proportionalBytes);
  }

  /// CPU seconds only: cheaper than [#of], as it does not walk the page tables.
  public static double cpuSecondsOf(ProcessHandle process) throws IOException {
    double cpuSeconds = 0;
    for (ProcessHandle part : withDescendants(process)) {
      cpuSeconds += cpuSeconds(Files.readString(Path.of("/proc", part.pid() + "", "stat")));
    }
    return cpuSeconds;
  }

  static List<ProcessHandle> withDescendants(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants()).toList();
  }

  /// User and system time of a line of `/proc/PID/stat`. The second field is the command in
  /// parentheses and may hold spaces and parentheses itself, so fields are counted after the last.
  static double cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    // The third field of the line comes first here; utime and stime are the 14th and 15th.
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /// The value of a line such as `VmRSS: 1234 kB`.
  static long kilobytesOf(String name, List<String> lines) {
    for (String line : lines) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.substring(name.length() + 1).replace("kB", "").strip());
      }
    }
    throw new IllegalArgumentException("no line " + name + ": in " + lines);
  }
}
