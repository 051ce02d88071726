package io.millrace.protocol;

import java.nio.ByteBuffer;

/// Record batches as a message carries them: the content of a field of type `records`.
///
/// What was received is a [Buffer], a slice of the frame it came in. What a log answers a fetch
/// with is an implementation of its own that names a range of a file, whose bytes go to the socket
/// without passing through user space.
public interface RecordData {
  RecordData EMPTY = new Buffer(ByteBuffer.allocate(0));

  int sizeInBytes();

  /// Record batches in memory, between position and limit of `bytes`.
  record Buffer(ByteBuffer bytes) implements RecordData {
    @Override
    public int sizeInBytes() {
      return bytes.remaining();
    }
  }
}
