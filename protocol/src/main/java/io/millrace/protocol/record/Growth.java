package io.millrace.protocol.record;

import java.nio.ByteBuffer;

/// Makes heap buffers larger.
final class Growth {
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private Growth() {}

  /// `buffer`, or a copy of it with at least twice its capacity, in which `bytes` more fit.
  static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
    if (buffer.remaining() >= bytes) {
      return buffer;
    }
    long needed = (long) buffer.position() + bytes;
    if (needed > LARGEST) {
      throw new IllegalArgumentException(needed + " bytes do not fit one buffer");
    }
    int capacity = (int) Math.max(needed, Math.min(2L * buffer.capacity(), LARGEST));
    return ByteBuffer.allocate(capacity).put(buffer.flip());
  }
}
