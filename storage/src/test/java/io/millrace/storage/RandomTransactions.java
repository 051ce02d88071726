package io.millrace.storage;

import io.millrace.protocol.record.RecordBatchBuilder;
import io.millrace.protocol.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Appends valid batches and markers of many producers at random, and keeps a list of them, from
/// which it says by brute force what a log has to know.
final class RandomTransactions {
  private static final int PRODUCERS = 6;
  private static final long COORDINATORS_PRODUCER = 50;

  enum Kind {
    PLAIN,
    IDEMPOTENT,
    TRANSACTIONAL,
    COMMIT,
    ABORT
  }

  /// A batch; `sequence` is that of its last record.
  record Entry(
      Kind kind,
      long first,
      long last,
      long producerId,
      short epoch,
      int sequence,
      long timestamp,
      int coordinatorEpoch) {}

  /// What is known of a producer after some entries.
  static final class Model {
    short epoch = -1;
    int coordinatorEpoch = -1;
    long open = -1;
    long timestamp = -1;
    final List<Entry> window = new ArrayList<>();

    int lastSequence() {
      return window.isEmpty() ? -1 : window.getLast().sequence();
    }

    int nextSequence() {
      return lastSequence() + 1;
    }
  }

  private record Ended(long producerId, long first, long marker, boolean isAborted) {}

  private final SplittableRandom random;
  private final List<Entry> entries = new ArrayList<>();
  private int coordinatorEpoch;

  RandomTransactions(SplittableRandom random) {
    this.random = random;
  }

  long end() {
    return entries.isEmpty() ? 0 : entries.getLast().last() + 1;
  }

  /// Forgets what lies at or beyond `end`.
  void truncate(long end) {
    entries.removeIf(entry -> entry.last() >= end);
  }

  /// The first offset of the batch that holds `offset`.
  long batchAt(long offset) {
    return entries.stream()
        .filter(entry -> entry.last() >= offset)
        .findFirst()
        .map(Entry::first)
        .orElse(end());
  }

  void step(PartitionLog log) throws IOException {
    int kind = random.nextInt(10);
    if (kind == 0) {
      int count = random.nextInt(1, 4);
      AppendResult result = Fixture.append(log, Fixture.batch(count, random.nextInt(50), 500));
      add(new Entry(Kind.PLAIN, end(), end() + count - 1, -1, (short) -1, -1, 500, -1), result);
    } else if (kind < 7) {
      long producerId = random.nextInt(PRODUCERS);
      data(log, random.nextInt(8) == 0 ? COORDINATORS_PRODUCER : producerId);
    } else {
      Map<Long, Model> models = models();
      List<Long> open =
          models.entrySet().stream()
              .filter(e -> e.getValue().open >= 0)
              .map(Map.Entry::getKey)
              .toList();
      long producerId =
          open.isEmpty() || random.nextInt(10) == 0
              ? random.nextInt(PRODUCERS)
              : open.get(random.nextInt(open.size()));
      marker(log, producerId, models.getOrDefault(producerId, new Model()));
    }
  }

  private void data(PartitionLog log, long producerId) throws IOException {
    Model model = models().getOrDefault(producerId, new Model());
    boolean isCoordinators = producerId == COORDINATORS_PRODUCER;
    boolean isTransactional = isCoordinators || model.open >= 0 || random.nextInt(4) > 0;
    boolean isNewEpoch = model.epoch < 0 || (model.open < 0 && random.nextInt(10) == 0);
    short epoch = (short) (isNewEpoch ? Math.max(0, model.epoch + 1) : model.epoch);
    int sequence = isCoordinators ? -1 : isNewEpoch ? 0 : model.nextSequence();
    int count = random.nextInt(1, 4);
    ByteBuffer batch =
        Fixture.batch(
            new RecordBatchBuilder()
                .producer(producerId, epoch, sequence)
                .transactional(isTransactional),
            count,
            random.nextInt(60),
            1000);
    VerificationGuard guard =
        isTransactional && log.needsVerification(producerId, epoch)
            ? log.beginVerification(producerId, epoch, sequence)
            : VerificationGuard.NONE;
    AppendResult result =
        log.append(
            batch, 0, isCoordinators ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT, guard);
    add(
        new Entry(
            isTransactional ? Kind.TRANSACTIONAL : Kind.IDEMPOTENT,
            end(),
            end() + count - 1,
            producerId,
            epoch,
            isCoordinators ? RecordBatches.NO_SEQUENCE : sequence + count - 1,
            1000 + count - 1,
            -1),
        result);
  }

  private void marker(PartitionLog log, long producerId, Model model) throws IOException {
    coordinatorEpoch = Math.max(coordinatorEpoch + random.nextInt(20) / 19, model.coordinatorEpoch);
    boolean isNewEpoch = random.nextBoolean();
    short epoch = (short) Math.max(0, model.epoch + (isNewEpoch ? 1 : 0));
    boolean isCommit = random.nextBoolean();
    AppendResult result =
        log.appendMarker(
            producerId, epoch, coordinatorEpoch, isCommit, (short) (isNewEpoch ? 2 : 1), 0);
    if (!result.duplicate()) {
      Fixture.Stored stored = Fixture.read(log, end(), 1, end() + 1).getFirst();
      add(
          new Entry(
              isCommit ? Kind.COMMIT : Kind.ABORT,
              end(),
              end(),
              producerId,
              epoch,
              -1,
              BatchHeader.maxTimestamp(stored.bytes(), 0),
              coordinatorEpoch),
          result);
    }
  }

  private void add(Entry entry, AppendResult result) {
    if (result.baseOffset() != entry.first() || result.lastOffset() != entry.last()) {
      throw new AssertionError(entry + " became " + result);
    }
    entries.add(entry);
  }

  Map<Long, Model> models() {
    Map<Long, Model> models = new LinkedHashMap<>();
    replay(models);
    return models;
  }

  private List<Ended> replay(Map<Long, Model> models) {
    List<Ended> ended = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.kind() == Kind.PLAIN) {
        continue;
      }
      Model model = models.computeIfAbsent(entry.producerId(), id -> new Model());
      if (entry.epoch() != model.epoch) {
        model.window.clear();
        model.epoch = entry.epoch();
      }
      model.timestamp = entry.timestamp();
      if (entry.kind() == Kind.COMMIT || entry.kind() == Kind.ABORT) {
        if (model.open >= 0) {
          ended.add(
              new Ended(entry.producerId(), model.open, entry.first(), entry.kind() == Kind.ABORT));
        }
        model.open = -1;
        model.coordinatorEpoch = entry.coordinatorEpoch();
      } else {
        model.window.add(entry);
        if (model.window.size() > ProducerState.WINDOW) {
          model.window.removeFirst();
        }
        if (entry.kind() == Kind.TRANSACTIONAL && model.open < 0) {
          model.open = entry.first();
        }
      }
    }
    return ended;
  }

  List<ActiveProducer> active() {
    List<ActiveProducer> active = new ArrayList<>();
    models()
        .forEach(
            (producerId, model) ->
                active.add(
                    new ActiveProducer(
                        producerId,
                        model.epoch,
                        model.lastSequence(),
                        model.timestamp,
                        model.coordinatorEpoch,
                        model.open)));
    return active;
  }

  /// The batches of a producer that a duplicate is known by. Kafka's snapshots say of the last one
  /// when the producer last wrote anything, a marker too: that is left out.
  static List<Entry> window(@Nullable ProducerState state, Model model) {
    List<Entry> window = new ArrayList<>();
    if (state != null) {
      for (int i = 0; i < state.batchCount(); i++) {
        int slot = state.slot(i);
        window.add(
            new Entry(
                model.window.isEmpty() ? Kind.PLAIN : model.window.get(i).kind(),
                state.firstOffsetAt(slot),
                state.lastOffsetAt(slot),
                state.producerId(),
                state.epoch(),
                state.lastSequenceAt(slot),
                model.window.isEmpty() ? -1 : model.window.get(i).timestamp(),
                -1));
      }
    }
    return window;
  }

  long lastStableOffset(long highWatermark) {
    long stable = highWatermark;
    Map<Long, Model> models = new LinkedHashMap<>();
    for (Ended ended : replay(models)) {
      if (ended.marker() >= highWatermark) {
        stable = Math.min(stable, ended.first());
      }
    }
    for (Model model : models.values()) {
      stable = model.open >= 0 ? Math.min(stable, model.open) : stable;
    }
    return stable;
  }

  /// Producer id, first offset and marker of the aborted transactions that reach into a range.
  List<List<Long>> aborted(long fetchOffset, long upperBound) {
    List<List<Long>> aborted = new ArrayList<>();
    for (Ended ended : replay(new LinkedHashMap<>())) {
      if (ended.isAborted() && ended.marker() >= fetchOffset && ended.first() < upperBound) {
        aborted.add(List.of(ended.producerId(), ended.first(), ended.marker()));
      }
    }
    return aborted;
  }
}
