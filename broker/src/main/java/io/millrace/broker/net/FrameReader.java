package io.millrace.broker.net;

import io.millrace.host.Clock;
import io.millrace.host.Net;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Cuts a connection's bytes into frames: a length of four bytes, then as many bytes.
///
/// Small frames are served in place from a buffer that also takes what follows them, so that a
/// burst of them costs one read. Larger ones get memory of their own, which grows with what has
/// really arrived: a length that is only claimed allocates little.
///
/// Used by the connection's reading task only.
final class FrameReader {
  /// The smallest request: API key, version, correlation id.
  static final int MIN_FRAME = 8;

  /// The rate that a client has to keep up while it sends a frame.
  private static final int MIN_BYTES_PER_SECOND = 16 * 1024;

  private static final int INPUT_SIZE = 8 * 1024;

  /// What a large frame gets before its bytes are there; more than a usual batch, so that growing,
  /// which copies, stays rare.
  private static final int FIRST_ALLOCATION = 256 * 1024;

  private final Net.Connection connection;
  private final Clock clock;
  private final RequestMemory memory;
  private final int maxFrame;
  private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_SIZE).limit(0);

  /// The buffer of the last frame, if it has one of its own.
  private @Nullable ByteBuffer owned;

  /// When the frame that is arriving began to, 0 if none is.
  private volatile long arrivingSinceNanos;

  private volatile int arrivingSize;

  FrameReader(Net.Connection connection, Clock clock, RequestMemory memory, int maxFrame) {
    this.clock = clock;
    this.connection = connection;
    this.memory = memory;
    this.maxFrame = maxFrame;
  }

  /// Waits for the next frame; null at the end of the stream. Its bytes are valid until [#release].
  ///
  /// Throws [FramingException] for a length that is too small or too large, `EOFException` if the
  /// stream ends inside a frame.
  @Nullable ByteBuffer next() throws IOException, InterruptedException {
    if (!fillTo(Integer.BYTES)) {
      return null;
    }
    int size = input.getInt(input.position());
    if (size < MIN_FRAME || size > maxFrame) {
      throw new FramingException(
          "a frame of " + size + " bytes; allowed are " + MIN_FRAME + " to " + maxFrame);
    }
    input.position(input.position() + Integer.BYTES);
    if (input.remaining() >= size) {
      return inPlace(size);
    }
    arrivingSize = size;
    arrivingSinceNanos = clock.nanos();
    ByteBuffer frame = size <= INPUT_SIZE ? inPlace(size) : large(size);
    arrivingSinceNanos = 0;
    return frame;
  }

  /// The bytes of the last frame are not used any more.
  void release() {
    if (owned != null) {
      memory.release(owned);
      owned = null;
    }
  }

  /// Whether the frame that is arriving takes longer than `graceNanos` and [#MIN_BYTES_PER_SECOND]
  /// allow.
  boolean isOverdue(long now, long graceNanos) {
    long since = arrivingSinceNanos;
    long allowed = graceNanos + 1_000_000_000L * arrivingSize / MIN_BYTES_PER_SECOND;
    return since != 0 && now - since > allowed;
  }

  private ByteBuffer inPlace(int size) throws IOException {
    if (!fillTo(size)) {
      throw new EOFException("the stream ended inside a frame of " + size + " bytes");
    }
    ByteBuffer frame = input.slice(input.position(), size);
    input.position(input.position() + size);
    return frame;
  }

  private ByteBuffer large(int size) throws IOException, InterruptedException {
    ByteBuffer buffer = memory.acquire(Math.min(size, FIRST_ALLOCATION));
    owned = buffer;
    buffer.put(input);
    while (buffer.position() < size) {
      if (!buffer.hasRemaining()) {
        buffer = memory.grow(buffer, (int) Math.min(size, 2L * buffer.capacity()));
        owned = buffer;
      }
      buffer.limit(Math.min(size, buffer.capacity()));
      if (connection.read(buffer) < 0) {
        throw new EOFException("the stream ended inside a frame of " + size + " bytes");
      }
      buffer.limit(buffer.capacity());
    }
    return buffer.flip();
  }

  /// Makes `count` bytes available in [#input]; false if the stream ends with none.
  private boolean fillTo(int count) throws IOException {
    if (input.remaining() >= count) {
      return true;
    }
    input.compact();
    try {
      while (input.position() < count) {
        if (connection.read(input) < 0) {
          if (input.position() == 0 && arrivingSinceNanos == 0) {
            return false;
          }
          throw new EOFException("the stream ended inside a frame");
        }
      }
    } finally {
      input.flip();
    }
    return true;
  }
}
