package io.millrace.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Damaged batches are refused as such, whatever the damage, and cost no more than the limit.
///
/// `-Dmillrace.fuzz.rounds=n` makes it longer.
final class BatchFuzzTest {
  private static final int ROUNDS = Integer.getInteger("millrace.fuzz.rounds", 1_500);
  private static final int LIMIT_BYTES = 1 << 20;
  private static final long ALLOCATION_LIMIT = 3L * LIMIT_BYTES + (6 << 20);

  private static final BatchValidator.Rules RULES =
      new BatchValidator.Rules(
          1 << 20,
          TimestampType.CREATE_TIME,
          Long.MAX_VALUE,
          Long.MAX_VALUE,
          false,
          DecompressionLimit.ofBytes(LIMIT_BYTES),
          null);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Loading the native libraries allocates, which is not what is measured.
  @BeforeAll
  static void loadCodecs() {
    for (Compression compression : Compression.values()) {
      ByteBuffer stream = compression.compress(ByteBuffer.allocate(1), compression.defaultLevel());
      compression.decompress(stream, DecompressionLimit.UNLIMITED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void damageIsRefusedAndNothingElseHappens(Compression compression) {
    int accepted = 0;
    for (long seed = 0; seed < ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ByteBuffer batch =
          TestRecord.batch(compression, TestRecord.random(random, random.nextInt(1, 30)));
      ByteBuffer damaged = damage(random, batch);
      if (random.nextInt(10) > 0) {
        TestBatch.withCrc(damaged);
      }
      if (random.nextBoolean()) {
        damaged = TestBatch.direct(damaged);
      }
      accepted += validate(damaged, compression + " seed " + seed) ? 1 : 0;
    }
    // Most of the damage is met where it is noticed; what is not are changes of what records say.
    assertThat(accepted).isLessThan(ROUNDS * 3 / 4);
  }

  private static boolean validate(ByteBuffer entry, String what) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    boolean accepted;
    try {
      BatchCursor batch = BatchValidator.single(entry);
      BatchValidator.validate(batch, RULES, 0);
      accepted = true;
    } catch (InvalidBatchException e) {
      accepted = false;
    } catch (RuntimeException | Error e) {
      return fail(what, e);
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as(what)
        .isLessThan(ALLOCATION_LIMIT);
    return accepted;
  }

  private static ByteBuffer damage(SplittableRandom random, ByteBuffer batch) {
    ByteBuffer damaged = TestBatch.copy(batch);
    int start = random.nextInt(8) == 0 ? 0 : RecordBatches.HEADER_SIZE;
    return switch (random.nextInt(5)) {
      case 0 -> truncated(damaged, random.nextInt(start, batch.limit()));
      case 1 -> flipped(random, damaged, start, 1);
      case 2 -> flipped(random, damaged, start, random.nextInt(2, 20));
      case 3 -> {
        byte[] noise = new byte[damaged.limit() - start];
        random.nextBytes(noise);
        yield damaged.put(start, noise);
      }
      default -> extremes(random, damaged, start);
    };
  }

  /// Cut, with a length field that knows of it.
  private static ByteBuffer truncated(ByteBuffer batch, int size) {
    if (size > RecordBatches.HEADER_SIZE) {
      batch.putInt(RecordBatches.LENGTH, size - RecordBatches.LOG_OVERHEAD);
    }
    return batch.limit(size).slice();
  }

  private static ByteBuffer flipped(
      SplittableRandom random, ByteBuffer batch, int start, int times) {
    for (int i = 0; i < times; i++) {
      int position = random.nextInt(start, batch.limit());
      batch.put(position, (byte) (batch.get(position) ^ (1 << random.nextInt(Byte.SIZE))));
    }
    return batch;
  }

  /// Runs of the bytes in which sizes go wrong.
  private static ByteBuffer extremes(SplittableRandom random, ByteBuffer batch, int start) {
    byte[] extremes = {0, 1, -1, Byte.MAX_VALUE, Byte.MIN_VALUE};
    int position = random.nextInt(start, batch.limit());
    int end = Math.min(batch.limit(), position + random.nextInt(1, 9));
    while (position < end) {
      batch.put(position++, extremes[random.nextInt(extremes.length)]);
    }
    return batch;
  }

  @ParameterizedTest
  @EnumSource
  void noiseIsNotDecompressed(Compression compression) {
    for (long seed = 0; seed < ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      ByteBuffer batch = TestBatch.raw(compression, random.nextInt(1, 10), noise);
      assertThat(validate(batch, compression + " seed " + seed)).isFalse();
    }
  }

  /// The reverse does not hold: Kafka takes every negative size for null, we only -1.
  @Test
  void whatWeAcceptKafkaReadsAlike() {
    for (long seed = 0; seed < 2L * ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ByteBuffer batch =
          TestRecord.batch(Compression.NONE, TestRecord.random(random, random.nextInt(1, 5)));
      ByteBuffer damaged = flipped(random, TestBatch.copy(batch), RecordBatches.HEADER_SIZE, 1);
      TestBatch.withCrc(damaged);
      List<String> ours = read(damaged);
      List<String> kafkas = kafkaReads(damaged);
      if (ours != null) {
        assertThat(kafkas).as("seed %d", seed).isEqualTo(ours);
      }
    }
  }

  private static @Nullable List<String> read(ByteBuffer entry) {
    List<String> all = new ArrayList<>();
    try (RecordCursor cursor = BatchValidator.single(entry).records(DecompressionLimit.UNLIMITED)) {
      while (cursor.next()) {
        all.add(
            cursor.offset()
                + " "
                + cursor.timestamp()
                + " "
                + hash(cursor.key())
                + " "
                + hash(cursor.value())
                + " "
                + cursor.headerCount());
      }
      return all;
    } catch (InvalidBatchException e) {
      return null;
    }
  }

  private static @Nullable List<String> kafkaReads(ByteBuffer entry) {
    List<String> all = new ArrayList<>();
    try {
      for (Record r : MemoryRecords.readableRecords(entry.duplicate()).records()) {
        all.add(
            r.offset()
                + " "
                + r.timestamp()
                + " "
                + hash(r.key())
                + " "
                + hash(r.value())
                + " "
                + r.headers().length);
      }
      return all;
    } catch (RuntimeException e) {
      return null;
    }
  }

  private static int hash(@Nullable ByteBuffer bytes) {
    return bytes == null ? 0 : bytes.hashCode();
  }
}
