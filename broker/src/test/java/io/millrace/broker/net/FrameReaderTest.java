package io.millrace.broker.net;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.jdk.JdkHost;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FrameReaderTest {
  private static final int MAX_FRAME = 3_000_000;

  private final JdkHost host =
      new JdkHost(
          (task, failure) -> {
            throw new AssertionError(task, failure);
          });

  /// RELIABILITY row 41: how the bytes are cut into reads makes no difference.
  @Test
  void framesAreTheSameHoweverTheirBytesArrive() throws Exception {
    for (long seed = 0; seed < 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<byte[]> frames = randomFrames(random);
      RequestMemory memory = new RequestMemory(8_000_000);
      FrameReader reader = reader(cut(encode(frames), random), memory);
      for (byte[] frame : frames) {
        ByteBuffer read = requireNonNull(reader.next());
        byte[] bytes = new byte[read.remaining()];
        read.get(bytes);
        assertThat(bytes).as("seed %d", seed).isEqualTo(frame);
        reader.release();
      }
      assertThat(reader.next()).as("seed %d", seed).isNull();
      assertThat(memory.heldBytes()).as("seed %d", seed).isZero();
    }
  }

  @Test
  void everyByteOfSmallFramesMayBeARead() throws Exception {
    byte[] stream = encode(List.of(bytes(8, 1), bytes(100, 2), bytes(9, 3)));
    List<byte[]> single = new ArrayList<>();
    for (byte b : stream) {
      single.add(new byte[] {b});
    }
    FrameReader reader = reader(single, new RequestMemory(1_000_000));
    for (int size : new int[] {8, 100, 9}) {
      ByteBuffer frame = requireNonNull(reader.next());
      assertThat(frame.remaining()).isEqualTo(size);
      reader.release();
    }
    assertThat(reader.next()).isNull();
  }

  /// RELIABILITY rows 1 and 2.
  @Test
  void impossibleLengthsEndTheConnectionBeforeMemoryIsTaken() {
    for (int length : new int[] {Integer.MIN_VALUE, -1, 0, 7, MAX_FRAME + 1, Integer.MAX_VALUE}) {
      RequestMemory memory = new RequestMemory(1_000_000);
      byte[] claim = ByteBuffer.allocate(12).putInt(length).array();
      assertThatThrownBy(() -> reader(List.of(claim), memory).next())
          .isInstanceOf(FramingException.class)
          .hasMessageContaining(Integer.toString(length));
      assertThat(memory.heldBytes()).isZero();
    }
  }

  /// RELIABILITY row 3: memory follows what arrived, not what was claimed.
  @Test
  void aLargeClaimAllocatesLittle() {
    RequestMemory memory = new RequestMemory(100_000_000);
    byte[] claim = ByteBuffer.allocate(1000).putInt(MAX_FRAME).array();
    assertThatThrownBy(() -> reader(List.of(claim), memory).next())
        .isInstanceOf(EOFException.class);
    assertThat(memory.heldBytes()).isLessThanOrEqualTo(256 * 1024);
  }

  /// RELIABILITY row 4: "GET " is a length of 1.2 GB, "SSH-" one of 1.4 GB, a TLS record 352 MB.
  @Test
  void otherProtocolsAreNotFrames() {
    for (String opening :
        List.of("GET / HTTP/1.1\r\n", "SSH-2.0-OpenSSH", "\u0016\u0003\u0001\u0002\u0000")) {
      byte[] bytes = opening.getBytes(StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> reader(List.of(bytes), new RequestMemory(1_000_000)).next())
          .isInstanceOf(FramingException.class);
    }
  }

  @Test
  void theEndInsideAFrameIsAnError() {
    byte[] stream = Arrays.copyOf(encode(List.of(bytes(100, 1))), 50);
    assertThatThrownBy(() -> reader(List.of(stream), new RequestMemory(1_000_000)).next())
        .isInstanceOf(EOFException.class);
  }

  private FrameReader reader(List<byte[]> pieces, RequestMemory memory) {
    return new FrameReader(new ScriptedConnection(pieces), host.clock(), memory, MAX_FRAME);
  }

  private static List<byte[]> randomFrames(SplittableRandom random) {
    List<byte[]> frames = new ArrayList<>();
    for (int i = random.nextInt(1, 12); i > 0; i--) {
      int limit = random.nextInt(4) == 0 ? MAX_FRAME : 20_000;
      frames.add(bytes(random.nextInt(FrameReader.MIN_FRAME, limit), random.nextInt()));
    }
    return frames;
  }

  private static byte[] bytes(int size, int seed) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] encode(List<byte[]> frames) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      stream.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
      stream.writeBytes(frame);
    }
    return stream.toByteArray();
  }

  private static List<byte[]> cut(byte[] stream, SplittableRandom random) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < stream.length; ) {
      int limit = random.nextBoolean() ? 7 : 100_000;
      int size = Math.min(stream.length - at, random.nextInt(1, limit));
      pieces.add(Arrays.copyOfRange(stream, at, at + size));
      at += size;
    }
    return pieces;
  }
}
