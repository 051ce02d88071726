package io.millrace.coordinator.group;

import java.nio.ByteBuffer;

/// Copies of what requests and records carry, so that their buffers can be used again.
final class Bytes {
  private Bytes() {}

  static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
