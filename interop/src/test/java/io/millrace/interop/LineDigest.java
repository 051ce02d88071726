package io.millrace.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// What a stream of `KEY<tab>LINE` says, without keeping it: for every key how many lines it has
/// and a 64-bit hash of them in their order. Two streams with equal digests hold the same multiset
/// of lines, with the order per key kept, but for the chance of a collision.
final class LineDigest {
  /// What is known of the lines of one key.
  record PerKey(long count, long hash) {}

  private static final long PRIME = 0x100000001b3L;

  private final Map<String, PerKey> keys = new TreeMap<>();
  private long count;

  /// Adds all lines of a stream.
  LineDigest add(InputStream in) throws IOException {
    try (var reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16)) {
      var line = new StringBuilder();
      // Only \n ends a line: what is in it may hold \r.
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          add(line);
          line.setLength(0);
        } else {
          line.append((char) c);
        }
      }
      if (!line.isEmpty()) {
        throw new IOException("the last line is not complete: " + line);
      }
    }
    return this;
  }

  private void add(StringBuilder line) throws IOException {
    int separator = line.indexOf("\t");
    if (separator < 0) {
      throw new IOException("a line without a key: " + line);
    }
    String key = line.substring(0, separator);
    PerKey known = Objects.requireNonNullElse(keys.get(key), new PerKey(0, 0));
    long hash = known.hash() * 31 + 7;
    for (int i = 0; i < line.length(); i++) {
      hash = (hash ^ line.charAt(i)) * PRIME;
    }
    keys.put(key, new PerKey(known.count() + 1, hash));
    count++;
  }

  long count() {
    return count;
  }

  int keyCount() {
    return keys.size();
  }

  /// Says what differs, or nothing if the digests are equal.
  String differenceTo(LineDigest other) {
    var difference = new StringBuilder();
    var all = new TreeMap<>(keys);
    other.keys.forEach(all::putIfAbsent);
    int shown = 0;
    for (String key : all.keySet()) {
      if (!Objects.equals(keys.get(key), other.keys.get(key)) && shown++ < 10) {
        difference
            .append(key)
            .append(": ")
            .append(keys.get(key))
            .append(" and ")
            .append(other.keys.get(key))
            .append('\n');
      }
    }
    return difference.toString();
  }
}
