package io.millrace.storage;

import io.millrace.host.Disk;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Writes and reads the producer states of a log as of one offset, in Kafka's `<offset>.snapshot`
/// format (version 1): version, CRC32C of the rest, and for each producer its last batch.
///
/// Kafka forgets all but the last batch there, so that after its restart a batch that a producer
/// had in flight before the last is neither recognised nor accepted. Here a section of our own
/// follows, which Kafka's reader ignores: the earlier batches of each window, in the order of the
/// producers.
final class ProducerSnapshot {
  private static final short VERSION = 1;
  private static final int CHECKED_FROM = 6;
  private static final int PRODUCER_BYTES = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
  private static final int BATCH_BYTES = 4 + 8 + 4 + 8;

  /// "MRPW": begins the section with the windows.
  private static final int WINDOWS_MAGIC = 0x4d525057;

  private ProducerSnapshot() {}

  static Path path(Path directory, long offset) {
    return directory.resolve(LogNames.file(offset, LogNames.SNAPSHOT));
  }

  /// Writes the snapshot as of `offset`.
  static void write(Disk disk, Path directory, long offset, ByteBuffer snapshot)
      throws IOException {
    SmallFile.replaceLazily(disk, path(directory, offset), snapshot);
  }

  static ByteBuffer encode(ProducerStates states) {
    Collection<ProducerState> all = states.all();
    int size =
        CHECKED_FROM
            + 4
            + all.size() * (PRODUCER_BYTES + 1 + BATCH_BYTES * (ProducerState.WINDOW - 1))
            + 4;
    ByteBuffer out = ByteBuffer.allocate(size);
    out.putShort(VERSION).putInt(0).putInt(all.size());
    for (ProducerState state : all) {
      encodeLast(state, out);
    }
    out.putInt(WINDOWS_MAGIC);
    for (ProducerState state : all) {
      int earlier = Math.max(0, state.batchCount() - 1);
      out.put((byte) earlier);
      for (int i = 0; i < earlier; i++) {
        encodeBatch(state, state.slot(i), out);
      }
    }
    out.flip();
    return out.putInt(2, checksum(out));
  }

  private static void encodeLast(ProducerState state, ByteBuffer out) {
    out.putLong(state.producerId()).putShort(state.epoch());
    int slot = state.batchCount() == 0 ? -1 : state.slot(state.batchCount() - 1);
    out.putInt(state.lastSequence())
        .putLong(state.lastOffset())
        .putInt(slot < 0 ? 0 : state.offsetDeltaAt(slot))
        .putLong(state.lastTimestamp())
        .putInt(state.coordinatorEpoch())
        .putLong(state.currentTransactionFirstOffset());
  }

  private static void encodeBatch(ProducerState state, int slot, ByteBuffer out) {
    out.putInt(state.lastSequenceAt(slot))
        .putLong(state.lastOffsetAt(slot))
        .putInt(state.offsetDeltaAt(slot))
        .putLong(state.timestampAt(slot));
  }

  private static int checksum(ByteBuffer snapshot) {
    CRC32C crc = new CRC32C();
    crc.update(snapshot.slice(CHECKED_FROM, snapshot.limit() - CHECKED_FROM));
    return (int) crc.getValue();
  }

  /// Reads a snapshot into `states`, which are empty. False, and nothing read, if it is missing,
  /// damaged or of a version that is not known.
  static boolean read(Disk disk, Path directory, long offset, ProducerStates states, long nowMs)
      throws IOException {
    Optional<ByteBuffer> content = SmallFile.read(disk, path(directory, offset));
    if (content.isEmpty() || !isIntact(content.get())) {
      return false;
    }
    try {
      decode(content.get(), states, nowMs);
      return true;
    } catch (BufferUnderflowException | IllegalArgumentException writtenWrong) {
      states.clear();
      return false;
    }
  }

  private static boolean isIntact(ByteBuffer content) {
    return content.limit() >= CHECKED_FROM + 4
        && content.getShort(0) == VERSION
        && content.getInt(2) == checksum(content);
  }

  private static void decode(ByteBuffer in, ProducerStates states, long nowMs) {
    in.position(CHECKED_FROM);
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / PRODUCER_BYTES) {
      throw new IllegalArgumentException(count + " producers do not fit the snapshot");
    }
    int windows = in.position() + count * PRODUCER_BYTES;
    ByteBuffer earlier = in.slice(windows, in.limit() - windows);
    boolean hasWindows = earlier.remaining() >= 4 && earlier.getInt() == WINDOWS_MAGIC;
    for (int i = 0; i < count; i++) {
      ProducerState state = new ProducerState(in.getLong(), in.getShort());
      int batches = hasWindows ? earlier.get() : 0;
      for (int j = 0; j < batches; j++) {
        state.add(
            state.epoch(),
            earlier.getInt(),
            earlier.getLong(),
            earlier.getInt(),
            earlier.getLong());
      }
      decodeLast(in, state);
      state.seenAt(nowMs);
      states.put(state);
    }
  }

  private static void decodeLast(ByteBuffer in, ProducerState state) {
    int sequence = in.getInt();
    long offset = in.getLong();
    int delta = in.getInt();
    long timestamp = in.getLong();
    if (offset >= 0) {
      state.add(state.epoch(), sequence, offset, delta, timestamp);
    }
    state.setLastTimestamp(timestamp);
    state.restoreTransaction(in.getInt(), in.getLong());
  }
}
