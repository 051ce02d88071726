package io.millrace.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.sun.management.ThreadMXBean;
import io.millrace.protocol.message.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.compress.ZstdCompression;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

/// Rows 22 and 23 of the table of bad inputs, and streams that are not what we write ourselves.
final class DecompressionTest {
  private static final int LIMIT_BYTES = 4 << 20;
  private static final int BOMB_BYTES = 64 << 20;

  /// The largest block of a codec, and what is small.
  private static final int SLACK_BYTES = 6 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Loading the native libraries allocates, which is not what is measured.
  @BeforeAll
  static void loadCodecs() {
    for (Compression compression : Compression.values()) {
      ByteBuffer stream = compression.compress(ByteBuffer.allocate(1), compression.defaultLevel());
      compression.decompress(stream, DecompressionLimit.UNLIMITED);
    }
  }

  private static void assertRefused(Compression compression, byte[] stream, ErrorCode code) {
    for (ByteBuffer form : List.of(ByteBuffer.wrap(stream), direct(stream))) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(
              () -> compression.decompress(form, DecompressionLimit.ofBytes(LIMIT_BYTES)))
          .asInstanceOf(type(InvalidBatchException.class))
          .satisfies(e -> assertThat(e.errorCode()).as(e.getMessage()).isEqualTo(code));
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
          .isLessThan(3L * LIMIT_BYTES + SLACK_BYTES);
    }
  }

  private static String decompressed(Compression compression, byte[] stream) {
    ByteBuffer result =
        compression.decompress(ByteBuffer.wrap(stream), DecompressionLimit.ofBytes(LIMIT_BYTES));
    assertThat(compression.decompress(direct(stream), DecompressionLimit.ofBytes(LIMIT_BYTES)))
        .isEqualTo(result);
    return StandardCharsets.UTF_8.decode(result).toString();
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] compress(Compression compression, String text) {
    return array(
        compression.compress(
            ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), compression.defaultLevel()));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void row22BombsAreDefusedAtTheLimit(Compression compression) {
    byte[] bomb =
        array(compression.compress(ByteBuffer.allocate(BOMB_BYTES), compression.defaultLevel()));
    assertThat(bomb.length).isLessThan(BOMB_BYTES / 20);
    assertRefused(compression, bomb, ErrorCode.MESSAGE_TOO_LARGE);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void row22BombsOfRecordsAreDefusedAtTheLimit(Compression compression) {
    byte[] oneLarge = TestBatch.record(new byte[] {0}, 0, 0, -1, 64 << 20, new byte[64 << 20], 0);
    assertBombRefused(compression, 1, oneLarge);
    // Any number of records of one byte each: they are not read beyond the limit.
    byte[] small = new byte[64 << 20];
    byte[] record = TestBatch.record(new byte[] {0}, 0, 0, -1, -1, 0);
    for (int i = 0; i + record.length <= small.length; i += record.length) {
      System.arraycopy(record, 0, small, i, record.length);
    }
    assertBombRefused(compression, small.length / record.length, small);
  }

  private static void assertBombRefused(Compression compression, int count, byte[] records) {
    ByteBuffer stored = compression.compress(ByteBuffer.wrap(records), compression.defaultLevel());
    ByteBuffer batch = TestBatch.raw(compression, count, array(stored));
    BatchCursor cursor = BatchValidator.single(batch);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(
            () -> {
              try (RecordCursor all = cursor.records(DecompressionLimit.ofBytes(LIMIT_BYTES))) {
                while (all.next()) {
                  assertThat(all.hasKey()).isFalse();
                }
              }
            })
        .asInstanceOf(type(InvalidBatchException.class))
        .satisfies(e -> assertThat(e.errorCode()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
    if (count == 1) {
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
          .isLessThan(3L * LIMIT_BYTES + SLACK_BYTES);
    }
  }

  @Test
  void row22TheRatioCounts() {
    byte[] bomb = array(Compression.ZSTD.compress(ByteBuffer.allocate(BOMB_BYTES), 3));
    DecompressionLimit limit = new DecompressionLimit(Long.MAX_VALUE, 1000, Integer.MAX_VALUE);
    assertThat(limit.allowedBytes(bomb.length)).isLessThan(BOMB_BYTES);
    assertThatThrownBy(() -> Compression.ZSTD.decompress(ByteBuffer.wrap(bomb), limit))
        .isInstanceOf(InvalidBatchException.class);
    byte[] small = array(Compression.ZSTD.compress(ByteBuffer.allocate(8 << 20), 3));
    assertThat(Compression.ZSTD.decompress(ByteBuffer.wrap(small), limit).remaining())
        .isEqualTo(8 << 20);
  }

  @ParameterizedTest
  @EnumSource
  void theLimitIsExact(Compression compression) {
    for (int size : new int[] {1, 4096, 65_535, 65_536, 100_000}) {
      byte[] content = new byte[size];
      new SplittableRandom(size).nextBytes(content);
      ByteBuffer stream =
          compression.compress(ByteBuffer.wrap(content), compression.defaultLevel());
      assertThat(compression.decompress(stream, DecompressionLimit.ofBytes(size)))
          .isEqualTo(ByteBuffer.wrap(content));
      if (size > 1) {
        assertThatThrownBy(
                () -> compression.decompress(stream, DecompressionLimit.ofBytes(size - 1)))
            .isInstanceOf(InvalidBatchException.class);
      }
    }
  }

  @Test
  void row23SnappyBlockSizesAreNotBelieved() {
    byte[] header = array(XerialSnappy.compress(ByteBuffer.allocate(0)));
    ErrorCode corrupt = ErrorCode.CORRUPT_MESSAGE;
    for (int size : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 100, 1}) {
      byte[] chunk = ByteBuffer.allocate(8).putInt(size).array();
      byte[] truncated = size == 1 ? new byte[] {0, 0, 0, 1} : chunk;
      assertRefused(Compression.SNAPPY, concat(header, truncated), corrupt);
    }
    assertRefused(Compression.SNAPPY, concat(header, new byte[4]), corrupt);
    assertRefused(Compression.SNAPPY, concat(header, new byte[3]), corrupt);
    assertRefused(Compression.SNAPPY, new byte[0], corrupt);
    // A block that says it becomes 2 GiB, or 4 GiB, framed and not.
    byte[] large = {-1, -1, -1, -1, 7, 0, 0, 0};
    byte[] larger = {-1, -1, -1, -1, 15, 0, 0, 0};
    for (byte[] block : List.of(large, larger)) {
      assertRefused(Compression.SNAPPY, concat(header, new byte[] {0, 0, 0, 8}, block), corrupt);
      assertRefused(Compression.SNAPPY, block, corrupt);
    }
  }

  @Test
  void row23ALargeSnappyBlockIsNotDecompressed() throws IOException {
    byte[] raw = Snappy.compress(new byte[LIMIT_BYTES + 1]);
    assertRefused(Compression.SNAPPY, raw, ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void snappyComesRawAndStrungTogetherToo() throws IOException {
    assertThat(decompressed(Compression.SNAPPY, Snappy.compress("raw, not framed")))
        .isEqualTo("raw, not framed");
    byte[] one = compress(Compression.SNAPPY, "one");
    assertThat(decompressed(Compression.SNAPPY, concat(one, one))).isEqualTo("oneone");
  }

  @Test
  void row23ZstdWindows() {
    // Frame header: no content size, a window of 2^(10 + exponent), then the last block, stored.
    for (int exponent = 0; exponent <= 31; exponent++) {
      byte[] frame = {
        0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (exponent << 3), 0x11, 0, 0, 'h', 'i'
      };
      if (10 + exponent <= 27) {
        assertThat(decompressed(Compression.ZSTD, frame)).isEqualTo("hi");
      } else {
        assertRefused(Compression.ZSTD, frame, ErrorCode.CORRUPT_MESSAGE);
      }
    }
  }

  @Test
  void zstdAtItsHighestLevelPasses() throws IOException {
    ByteBufferOutputStream out = new ByteBufferOutputStream(1024);
    try (var stream =
        new ZstdCompression.Builder()
            .level(22)
            .build()
            .wrapForOutput(out, RecordBatch.CURRENT_MAGIC_VALUE)) {
      stream.write("x".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    }
    out.buffer().flip();
    assertThat(decompressed(Compression.ZSTD, array(out.buffer()))).isEqualTo("x".repeat(100_000));
  }

  @Test
  void zstdFramesFollowEachOther() {
    byte[] one = compress(Compression.ZSTD, "one");
    assertThat(decompressed(Compression.ZSTD, concat(one, one))).isEqualTo("oneone");
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    assertThat(decompressed(Compression.ZSTD, concat(skippable, one, skippable))).isEqualTo("one");
    assertRefused(
        Compression.ZSTD, concat(one, new byte[] {1, 2, 3, 4, 5}), ErrorCode.CORRUPT_MESSAGE);
  }

  @Test
  void gzipMembersAndHeaders() throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(plain)) {
      gzip.write("plain".getBytes(StandardCharsets.UTF_8));
    }
    byte[] member = plain.toByteArray();
    assertThat(decompressed(Compression.GZIP, concat(member, member))).isEqualTo("plainplain");
    assertThat(decompressed(Compression.GZIP, concat(member, new byte[30]))).isEqualTo("plain");
    byte[] allFields = member.clone();
    allFields[3] = 0x1e;
    byte[] head = java.util.Arrays.copyOf(allFields, 10);
    byte[] body = java.util.Arrays.copyOfRange(allFields, 10, allFields.length);
    byte[] fields = {2, 0, 'x', 'x', 'n', 0, 'c', 'c', 0, 1, 1};
    assertThat(decompressed(Compression.GZIP, concat(head, fields, body))).isEqualTo("plain");
    byte[] wrongCrc = member.clone();
    wrongCrc[member.length - 8]++;
    assertRefused(Compression.GZIP, wrongCrc, ErrorCode.CORRUPT_MESSAGE);
    byte[] wrongSize = member.clone();
    wrongSize[member.length - 1]++;
    assertRefused(Compression.GZIP, wrongSize, ErrorCode.CORRUPT_MESSAGE);
  }

  @Test
  void row22EndlessEmptyGzipMembersEnd() {
    byte[] empty = compress(Compression.GZIP, "");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < 50_000; i++) {
      out.writeBytes(empty);
    }
    assertThat(decompressed(Compression.GZIP, out.toByteArray())).isEmpty();
  }

  private static byte[] lz4(int flags, int blockDescriptor, byte[]... parts) {
    byte[] descriptor = {(byte) flags, (byte) blockDescriptor};
    int hash = net.jpountz.xxhash.XXHashFactory.safeInstance().hash32().hash(descriptor, 0, 2, 0);
    byte[] head =
        ByteBuffer.allocate(7)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0x184d2204)
            .put(descriptor)
            .put((byte) (hash >> 8))
            .array();
    return concat(head, concat(parts));
  }

  private static byte[] word(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  @Test
  void row23Lz4Frames() {
    byte[] stored = concat(word(0x80000002), new byte[] {'h', 'i'});
    byte[] end = new byte[4];
    assertThat(decompressed(Compression.LZ4, lz4(0x60, 0x40, stored, end))).isEqualTo("hi");
    assertThat(decompressed(Compression.LZ4, lz4(0x60, 0x70, stored, stored, end, new byte[9])))
        .isEqualTo("hihi");
    assertThat(decompressed(Compression.LZ4, lz4(0x64, 0x40, stored, end, new byte[4])))
        .isEqualTo("hi");
    int hash =
        net.jpountz.xxhash.XXHashFactory.safeInstance()
            .hash32()
            .hash(new byte[] {'h', 'i'}, 0, 2, 0);
    assertThat(decompressed(Compression.LZ4, lz4(0x70, 0x40, stored, word(hash), end)))
        .isEqualTo("hi");
    List<byte[]> bad =
        List.of(
            lz4(0x70, 0x40, stored, word(hash + 1), end),
            lz4(0x64, 0x40, stored, end),
            lz4(0x60, 0x40, stored),
            lz4(0x60, 0x40),
            lz4(0x40, 0x40, stored, end),
            lz4(0x61, 0x40, stored, end),
            lz4(0x62, 0x40, stored, end),
            lz4(0xa0, 0x40, stored, end),
            lz4(0x60, 0x30, stored, end),
            lz4(0x60, 0xc0, stored, end),
            lz4(0x60, 0x41, stored, end),
            lz4(0x60, 0x40, word(65_537), new byte[65_537], end),
            lz4(0x60, 0x40, word(0x7fffffff), end),
            lz4(0x60, 0x40, word(-1), end),
            // A match that reaches before the beginning of the block, and a literal past its end.
            lz4(0x60, 0x40, word(4), new byte[] {0x10, 'a', 9, 0}, end),
            lz4(0x60, 0x40, word(2), new byte[] {0x70, 'a'}, end),
            new byte[] {4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0},
            new byte[0]);
    bad.forEach(frame -> assertRefused(Compression.LZ4, frame, ErrorCode.CORRUPT_MESSAGE));
  }
}
