package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.storage.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A fetch session and a dumb oracle of it, which looks at all partitions every time, and random
/// operations on both.
final class SessionAndOracle {
  private static final int PARTITIONS = 5;
  private static final int NO_LIMIT = 100_000_000;

  /// What the oracle knows of a partition of the session: where the client is, and what it was
  /// told.
  private static final class Expected {
    private FetchPosition position;
    private long highWatermark = -1;
    private long logStartOffset = -1;

    Expected(FetchPosition position) {
      this.position = position;
    }
  }

  private record Batch(long baseOffset, long nextOffset, int size) {}

  private final SimulatedLogs logs;
  private final SplittableRandom random;
  private final String context;

  /// Whether partitions have limits of their own in this run.
  private final boolean isTight;

  private final Partitions partitions = new Partitions();
  private final List<List<Batch>> batches = new ArrayList<>();
  private final Map<PartitionKey, Expected> expected = new LinkedHashMap<>();
  private final FetchSession session;

  SessionAndOracle(long seed) {
    logs = new SimulatedLogs(seed);
    random = new SplittableRandom(seed);
    context = "seed " + seed;
    isTight = seed % 3 == 0;
    FetchSessions sessions =
        new FetchSessions(logs.host, 10, partitions, _ -> ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    session = sessions.create(false);
  }

  void run() {
    logs.run(this::operate);
    logs.close();
  }

  private void operate() throws IOException {
    for (int i = 0; i < PARTITIONS; i++) {
      partitions.add(logs.lead(i, Durability.REPLICATED));
      batches.add(new ArrayList<>());
    }
    for (int step = 0; step < 300; step++) {
      int index = random.nextInt(PARTITIONS);
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> append(index);
        case 3 -> update(index);
        case 4 -> forget(index);
        case 5 -> deleteRecords(index);
        case 6 -> stopLeading(index);
        case 7 -> pollWithLimits();
        default -> poll();
      }
    }
    session.close();
    assertThat(session.size()).isZero();
  }

  private void append(int index) throws IOException {
    Optional<Partition> partition = partitions.find(name(index));
    if (partition.isEmpty()) {
      return;
    }
    int records = random.nextInt(1, 4);
    var batch = logs.batch(records, random.nextInt(500));
    int size = batch.remaining();
    long base = partition.get().append(batch).baseOffset();
    batches.get(index).add(new Batch(base, base + records, size));
  }

  /// Subscribes to a partition, or moves within it, now and then to where there is nothing.
  private void update(int index) {
    long end = batches.get(index).isEmpty() ? 0 : batches.get(index).getLast().nextOffset();
    long offset = random.nextInt(10) == 0 ? end + 7 : random.nextLong(end + 1);
    int maxBytes = isTight && random.nextInt(4) == 0 ? random.nextInt(1500) : NO_LIMIT;
    int epoch = random.nextInt(10) == 0 ? SimulatedLogs.LEADER_EPOCH + 1 : -1;
    update(key(index), new FetchPosition(offset, maxBytes, epoch, -1));
  }

  private void update(PartitionKey key, FetchPosition position) {
    Expected known = expected.get(key);
    if (known == null) {
      expected.put(key, new Expected(position));
    } else {
      known.position = position;
    }
    session.update(Map.of(key, position), List.of());
    assertThat(session.size()).as(context).isEqualTo(expected.size());
  }

  private void forget(int index) {
    expected.remove(key(index));
    session.update(Map.of(), List.of(key(index)));
    assertThat(session.size()).as(context).isEqualTo(expected.size());
  }

  private void deleteRecords(int index) throws IOException {
    Optional<Partition> partition = partitions.find(name(index));
    if (partition.isPresent()) {
      long start = partition.get().log().logStartOffset();
      long end = partition.get().highWatermark();
      partition.get().deleteRecordsBefore(start + random.nextLong(end - start + 1));
    }
  }

  /// The partition goes to another broker, and comes back.
  private void stopLeading(int index) throws IOException {
    if (partitions.find(name(index)).isEmpty()) {
      partitions.add(logs.lead(index, Durability.REPLICATED));
      // The metadata that brought it back makes clients send their positions again.
      Expected known = expected.get(key(index));
      if (known != null) {
        update(key(index), known.position);
      }
    } else if (random.nextInt(4) == 0) {
      partitions.remove(name(index));
    }
  }

  /// A fetch whose request has no limit: what every partition gives is known exactly.
  private void poll() throws IOException {
    int minBytes = random.nextInt(3) == 0 ? random.nextInt(5000) : 0;
    boolean onlyNews = random.nextInt(5) > 0;
    Map<PartitionKey, String> wanted = new TreeMap<>(SessionAndOracle::compare);
    int bytes = 0;
    boolean urgent = false;
    // A partition's limit gives way to the first batch of all, whichever partition has it.
    boolean hasTightLimit =
        expected.values().stream().anyMatch(each -> each.position.maxBytes() < NO_LIMIT);
    if (hasTightLimit) {
      pollWithLimits();
      return;
    }
    for (Map.Entry<PartitionKey, Expected> entry : expected.entrySet()) {
      Answer answer = answer(entry.getKey(), entry.getValue());
      bytes += answer.bytes;
      urgent |= answer.error != ErrorCode.NONE;
      if (!onlyNews || answer.isNews) {
        wanted.put(entry.getKey(), answer.text());
      }
    }
    FetchLimits limits =
        new FetchLimits(IsolationLevel.READ_UNCOMMITTED, minBytes, NO_LIMIT, onlyNews);
    Optional<List<FetchedPartition>> polled = session.poll(limits);
    assertThat(polled.isPresent()).as(context).isEqualTo(urgent || bytes >= minBytes);
    if (polled.isPresent() && onlyNews) {
      assertThat(texts(polled.get())).as(context).isEqualTo(wanted);
      advance(polled.get());
    } else if (polled.isPresent()) {
      // A full answer has every partition that the session looked at, and so all with news.
      Map<PartitionKey, String> told = texts(polled.get());
      wanted.forEach(
          (key, text) -> {
            if (told.containsKey(key)) {
              assertThat(told.get(key)).as(context).isEqualTo(text);
            }
          });
      advance(polled.get());
    }
  }

  /// Whatever the limits, what is given is a beginning of what there is, and fits.
  private void pollWithLimits() throws IOException {
    int maxBytes = random.nextInt(3000);
    FetchLimits limits = new FetchLimits(IsolationLevel.READ_COMMITTED, 0, maxBytes, true);
    List<FetchedPartition> told = session.poll(limits).orElseThrow();
    int bytes = 0;
    int given = 0;
    for (FetchedPartition each : told) {
      int size = each.records().sizeInBytes();
      List<Long> offsets = SimulatedLogs.baseOffsets(each.records());
      Expected known = known(each);
      bytes += size;
      given += offsets.size();
      if (size > 0) {
        assertThat(offsets)
            .as(context)
            .isEqualTo(
                from(each.key().partition(), known.position.fetchOffset()).stream()
                    .map(Batch::baseOffset)
                    .limit(offsets.size())
                    .toList());
        assertThat(size <= known.position.maxBytes() || offsets.size() == 1).as(context).isTrue();
      }
    }
    assertThat(bytes <= maxBytes || given == 1).as(context).isTrue();
    boolean hasSomething =
        expected.entrySet().stream()
            .anyMatch(entry -> answer(entry.getKey(), entry.getValue()).bytes > 0);
    assertThat(given > 0)
        .as("%s: something is given if there is anything", context)
        .isEqualTo(hasSomething);
    advance(told);
  }

  private record Answer(
      ErrorCode error,
      int bytes,
      long firstOffset,
      long highWatermark,
      long start,
      boolean isNews) {
    String text() {
      return error
          + " "
          + bytes
          + " bytes from "
          + firstOffset
          + ", to "
          + highWatermark
          + ", start "
          + start;
    }
  }

  private Answer answer(PartitionKey key, Expected known) {
    Optional<Partition> partition = partitions.find(key);
    long offset = known.position.fetchOffset();
    ErrorCode error = ErrorCode.NONE;
    if (partition.isEmpty()) {
      error = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    } else if (known.position.currentLeaderEpoch() > SimulatedLogs.LEADER_EPOCH) {
      error = ErrorCode.UNKNOWN_LEADER_EPOCH;
    } else if (offset < partition.get().log().logStartOffset()
        || offset > partition.get().log().logEndOffset()) {
      error = ErrorCode.OFFSET_OUT_OF_RANGE;
    }
    if (error != ErrorCode.NONE || partition.isEmpty()) {
      return new Answer(error, 0, -1, -1, -1, true);
    }
    List<Batch> given = from(key.partition(), offset);
    int bytes = given.stream().mapToInt(Batch::size).sum();
    long end = partition.get().highWatermark();
    long start = partition.get().log().logStartOffset();
    boolean isNews = bytes > 0 || end != known.highWatermark || start != known.logStartOffset;
    long first = given.isEmpty() ? -1 : given.getFirst().baseOffset();
    return new Answer(ErrorCode.NONE, bytes, first, end, start, isNews);
  }

  /// The batches from the one that has `offset` on.
  private List<Batch> from(int index, long offset) {
    return batches.get(index).stream().filter(batch -> batch.nextOffset() > offset).toList();
  }

  private static Map<PartitionKey, String> texts(List<FetchedPartition> told) throws IOException {
    Map<PartitionKey, String> texts = new TreeMap<>(SessionAndOracle::compare);
    for (FetchedPartition each : told) {
      List<Long> offsets = SimulatedLogs.baseOffsets(each.records());
      Answer answer =
          new Answer(
              each.error(),
              each.records().sizeInBytes(),
              offsets.isEmpty() ? -1 : offsets.getFirst(),
              each.highWatermark(),
              each.logStartOffset(),
              true);
      assertThat(texts.put(each.key(), answer.text())).isNull();
    }
    return texts;
  }

  private static int compare(PartitionKey a, PartitionKey b) {
    return Integer.compare(a.partition(), b.partition());
  }

  /// The client takes in what it was told, and mostly says so with its next fetch.
  private void advance(List<FetchedPartition> told) {
    for (FetchedPartition each : told) {
      Expected known = known(each);
      known.highWatermark = each.highWatermark();
      known.logStartOffset = each.logStartOffset();
      each.release();
      if (each.records().sizeInBytes() > 0 && random.nextInt(5) > 0) {
        FetchPosition old = known.position;
        long next = Math.max(old.fetchOffset(), each.highWatermark());
        if (random.nextInt(3) == 0) {
          next = old.fetchOffset() + 1;
        }
        update(each.key(), new FetchPosition(next, old.maxBytes(), old.currentLeaderEpoch(), -1));
      } else if (each.error() != ErrorCode.NONE) {
        update(each.key(), new FetchPosition(Math.max(0, each.logStartOffset()), NO_LIMIT, -1, -1));
      }
    }
  }

  private Expected known(FetchedPartition told) {
    Expected known = expected.get(told.key());
    if (known == null) {
      throw new AssertionError(context + ": told of " + told.key() + ", which nobody asked for");
    }
    return known;
  }

  private static PartitionKey key(int index) {
    return PartitionKey.byName(SimulatedLogs.TOPIC, index);
  }

  private static TopicPartition name(int index) {
    return new TopicPartition(SimulatedLogs.TOPIC, index);
  }
}
