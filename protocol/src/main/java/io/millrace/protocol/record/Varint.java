package io.millrace.protocol.record;

import java.nio.ByteBuffer;

/// Writes the zigzag variable-length numbers of records: seven bits a byte, the low ones first.
final class Varint {
  private Varint() {}

  /// Bytes that `value` takes, 1 to 5 for what fits an int, 1 to 10 for the rest.
  static int sizeOf(long value) {
    int bits = 64 - Long.numberOfLeadingZeros(zigzag(value) | 1);
    return (bits + 6) / 7;
  }

  static void put(long value, ByteBuffer target) {
    long left = zigzag(value);
    while ((left & ~0x7fL) != 0) {
      target.put((byte) (left | 0x80));
      left >>>= 7;
    }
    target.put((byte) left);
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }
}
