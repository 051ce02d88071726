package io.millrace.coordinator;

import io.millrace.coordinator.group.record.OffsetCommitKey;
import io.millrace.coordinator.group.record.OffsetCommitValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The smallest machine there is: it counts, by name.
final class TallyMachine implements Machine {
  private static final short VALUE_VERSION = 3;

  final TreeMap<String, Long> tallies = new TreeMap<>();
  final List<EndMarker> markers = new ArrayList<>();
  final TreeMap<String, Answer<Long>> waiting = new TreeMap<>();
  final MachineFactory.Context<TallyMachine> context;

  TallyMachine(MachineFactory.Context<TallyMachine> context) {
    this.context = context;
  }

  Decision<Long> add(String name) {
    long next = tallies.getOrDefault(name, 0L) + 1;
    Answer<Long> waits = waiting.remove(name);
    if (waits != null) {
      waits.complete(next);
    }
    return Decision.of(List.of(record(name, next, "")), next);
  }

  /// The tallies of several names, all or none.
  Decision<Long> addAll(List<String> names, String padding) {
    return Decision.of(
        names.stream()
            .map(name -> record(name, tallies.getOrDefault(name, 0L) + 1, padding))
            .toList(),
        (long) names.size());
  }

  Decision<Long> read(String name) {
    return Decision.reply(tallies.getOrDefault(name, 0L));
  }

  /// Answered when somebody adds to the name.
  Decision<Long> awaitNext(String name) {
    Answer<Long> answer = context.answers().open();
    waiting.put(name, answer);
    return Decision.later(List.of(), answer);
  }

  Decision<Long> addIn(String name, Duration delay) {
    context.timers().set(name, delay, (machine, _) -> machine.add(name));
    return Decision.reply(0L);
  }

  Decision<Long> cancel(String name) {
    context.timers().cancel(name);
    return Decision.reply(0L);
  }

  private static StateRecord record(String name, long tally, String padding) {
    return StateRecord.of(
        OffsetCommitKey.builder().group(name).topic("").partition(0).build(),
        OffsetCommitValue.builder().offset(tally).metadata(padding).build(),
        VALUE_VERSION);
  }

  @Override
  public void apply(StateRecord record, Provenance provenance) {
    String name = ((OffsetCommitKey) record.key()).group();
    @Nullable OffsetCommitValue value = (OffsetCommitValue) record.value();
    if (value == null) {
      tallies.remove(name);
    } else {
      tallies.put(name, value.offset());
    }
  }

  @Override
  public void applyMarker(EndMarker marker, long offset) {
    markers.add(marker);
  }

  @Override
  public void begin(Now now) {}
}
