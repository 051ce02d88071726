package io.millrace.protocol;

import java.nio.ByteBuffer;
import java.util.Base64;

/// A 128-bit id as the protocol carries it: two big-endian longs. Printed and parsed as Kafka does,
/// as 22 characters of URL-safe Base64.
public record Uuid(long mostSignificantBits, long leastSignificantBits)
    implements Comparable<Uuid> {
  /// Stands for "no id" wherever the protocol has one.
  public static final Uuid ZERO = new Uuid(0, 0);

  /// Parses what [#toString] prints. Throws `IllegalArgumentException` for anything else.
  public static Uuid parse(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    if (bytes.length != 16) {
      throw new IllegalArgumentException("'" + text + "' is not an id of 16 bytes in Base64");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Uuid(buffer.getLong(), buffer.getLong());
  }

  public boolean isZero() {
    return equals(ZERO);
  }

  @Override
  public int compareTo(Uuid other) {
    int high = Long.compareUnsigned(mostSignificantBits, other.mostSignificantBits);
    return high != 0
        ? high
        : Long.compareUnsigned(leastSignificantBits, other.leastSignificantBits);
  }

  @Override
  public String toString() {
    byte[] bytes = new byte[16];
    ByteBuffer.wrap(bytes).putLong(mostSignificantBits).putLong(leastSignificantBits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
