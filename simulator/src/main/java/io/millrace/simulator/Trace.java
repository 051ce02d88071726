package io.millrace.simulator;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/// What happened, as a rolling hash of all events and the text of the last few. Two runs with equal
/// hashes have done the same things in the same order at the same times.
final class Trace {
  private static final int KEPT = 256;

  private final ArrayDeque<Event> recent = new ArrayDeque<>(KEPT);
  private long hash;
  private long count;

  private record Event(long nanos, String kind, String subject, long value) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%,15d us  %-10s %s %d", nanos / 1_000, kind, subject, value);
    }
  }

  void add(long nanos, String kind, String subject, long value) {
    hash = Seed.mix(hash ^ nanos);
    hash = Seed.mix(hash ^ ((long) kind.hashCode() << 32 ^ subject.hashCode()));
    hash = Seed.mix(hash ^ value);
    count++;
    if (recent.size() == KEPT) {
      recent.removeFirst();
    }
    recent.addLast(new Event(nanos, kind, subject, value));
  }

  long hash() {
    return hash;
  }

  long count() {
    return count;
  }

  List<String> recent() {
    List<String> lines = new ArrayList<>(recent.size());
    for (Event event : recent) {
      lines.add(event.toString());
    }
    return lines;
  }

  /// A number that stands for the bytes between position and limit, which it leaves untouched, and
  /// for how many there are.
  static long fingerprint(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (long) bytes.remaining() << 32 | crc.getValue();
  }
}
