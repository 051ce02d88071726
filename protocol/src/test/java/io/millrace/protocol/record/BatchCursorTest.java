package io.millrace.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/// What a scan over a possibly torn file is told.
final class BatchCursorTest {
  private static final ByteBuffer BATCH =
      new RecordBatchBuilder().append(1, new byte[3], new byte[100]).build();

  private static BatchStatus statusOf(ByteBuffer bytes) {
    BatchCursor cursor = RecordBatches.over(bytes);
    assertThat(cursor.next()).isEqualTo(cursor.status() == BatchStatus.COMPLETE);
    return cursor.status();
  }

  @Test
  void everyTruncationIsIncomplete() {
    for (int size = 0; size <= BATCH.remaining(); size++) {
      ByteBuffer torn = BATCH.duplicate().limit(size);
      BatchStatus expected =
          size == 0
              ? BatchStatus.END
              : size < BATCH.remaining() ? BatchStatus.INCOMPLETE : BatchStatus.COMPLETE;
      assertThat(statusOf(torn)).as("%d bytes", size).isEqualTo(expected);
    }
  }

  @Test
  void anIncompleteBatchSaysWhatItTakes() {
    BatchCursor cursor = new BatchCursor();
    cursor.wrap(BATCH.duplicate().limit(11)).next();
    assertThat(cursor.requiredBytes()).isEqualTo(RecordBatches.HEADER_SIZE);
    cursor.wrap(BATCH.duplicate().limit(12)).next();
    assertThat(cursor.requiredBytes()).isEqualTo(BATCH.remaining());
    assertThat(cursor.wrap(BATCH).next()).isTrue();
  }

  @Test
  void aTornTailStopsTheCursorWhereItBegins() {
    ByteBuffer log = ByteBuffer.allocate(2 * BATCH.remaining() - 1);
    log.put(BATCH.duplicate()).put(BATCH.slice(0, BATCH.remaining() - 1)).flip();
    BatchCursor cursor = RecordBatches.over(log);
    assertThat(cursor.next()).isTrue();
    for (int i = 0; i < 2; i++) {
      assertThat(cursor.next()).isFalse();
      assertThat(cursor.status()).isEqualTo(BatchStatus.INCOMPLETE);
      assertThat(cursor.position()).isEqualTo(BATCH.remaining());
    }
    assertThat(cursor.moveTo(0)).isEqualTo(BatchStatus.COMPLETE);
    assertThatThrownBy(() -> cursor.moveTo(log.limit() + 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void impossibleSizesAreCorrupt() {
    for (int length : new int[] {Integer.MIN_VALUE, -1, 0, 13, 48}) {
      assertThat(statusOf(TestBatch.copy(BATCH).putInt(RecordBatches.LENGTH, length)))
          .as("length %d", length)
          .isEqualTo(BatchStatus.CORRUPT_SIZE);
    }
    for (int length : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 11}) {
      assertThat(statusOf(TestBatch.copy(BATCH).putInt(RecordBatches.LENGTH, length)))
          .isEqualTo(BatchStatus.CORRUPT_SIZE);
    }
    assertThat(statusOf(TestBatch.copy(BATCH).putInt(RecordBatches.LENGTH, Integer.MAX_VALUE - 12)))
        .isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(statusOf(ByteBuffer.allocate(4096))).isEqualTo(BatchStatus.CORRUPT_SIZE);
  }

  @Test
  void batchesAboveTheLimitAreCorrupt() {
    BatchCursor exact = RecordBatches.over(BATCH, BATCH.remaining());
    assertThat(exact.next()).isTrue();
    BatchCursor below = RecordBatches.over(BATCH, BATCH.remaining() - 1);
    assertThat(below.next()).isFalse();
    assertThat(below.status()).isEqualTo(BatchStatus.CORRUPT_SIZE);
  }

  @Test
  void otherMagicsAreToldApart() {
    for (int magic = Byte.MIN_VALUE; magic <= Byte.MAX_VALUE; magic++) {
      ByteBuffer batch = TestBatch.copy(BATCH).put(RecordBatches.MAGIC_POSITION, (byte) magic);
      BatchStatus expected =
          switch (magic) {
            case 0, 1 -> BatchStatus.LEGACY_MAGIC;
            case 2 -> BatchStatus.COMPLETE;
            default -> BatchStatus.UNKNOWN_MAGIC;
          };
      assertThat(statusOf(batch)).as("magic %d", magic).isEqualTo(expected);
    }
    // The smallest message of magic 0 is smaller than a header of magic 2.
    ByteBuffer old = ByteBuffer.allocate(26).putInt(RecordBatches.LENGTH, 14);
    assertThat(statusOf(old)).isEqualTo(BatchStatus.LEGACY_MAGIC);
  }

  @Test
  void everyFlippedBitOfWhatItCoversFailsTheChecksum() {
    for (int position = RecordBatches.CRC; position < BATCH.remaining(); position++) {
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        ByteBuffer flipped = TestBatch.copy(BATCH);
        flipped.put(position, (byte) (flipped.get(position) ^ (1 << bit)));
        BatchCursor cursor = RecordBatches.over(flipped);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.isCrcValid()).as("byte %d bit %d", position, bit).isFalse();
      }
    }
  }

  @Test
  void littleEndianBuffersAreRefused() {
    assertThatThrownBy(() -> RecordBatches.over(BATCH.duplicate().order(ByteOrder.LITTLE_ENDIAN)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sequencesGoOnAtZero() {
    assertThat(RecordBatches.incrementSequence(Integer.MAX_VALUE, 1)).isZero();
    assertThat(RecordBatches.incrementSequence(Integer.MAX_VALUE - 1, 3)).isEqualTo(1);
    assertThat(RecordBatches.incrementSequence(5, 0)).isEqualTo(5);
  }
}
