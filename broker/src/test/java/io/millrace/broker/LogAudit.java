package io.millrace.broker;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a log must be after everything (RELIABILITY.md 2.4, number 3): each producer's sequence
/// numbers without gap and repetition in the order of the offsets, every acknowledged batch where
/// it was said to be, and no value twice.
final class LogAudit {
  private LogAudit() {}

  /// For the log of producers that do not use transactions.
  static void check(
      String topic, int partition, FetchedRecords log, List<SimulatedProducer.Sent> acknowledged) {
    String name = topic + "-" + partition;
    Map<String, Long> offsets = checkSequences(topic, partition, log);
    Set<String> values = new HashSet<>();
    for (String value : log.values()) {
      require(values.add(value), name + ": " + value + " twice");
    }
    for (SimulatedProducer.Sent sent : acknowledged) {
      if (sent.partition() == partition) {
        Long offset = offsets.get(sent.producerId() + "/0/" + sent.baseSequence());
        if (offset == null) {
          throw new AssertionError(name + ": lost " + sent);
        }
        require(sent.offset() < 0 || sent.offset() == offset, name + ": not there " + sent);
      }
    }
  }

  /// Returns the base offsets of batches by producer id, epoch and base sequence.
  static Map<String, Long> checkSequences(String topic, int partition, FetchedRecords log) {
    String name = topic + "-" + partition;
    Map<String, Integer> nextSequences = new TreeMap<>();
    Map<String, Long> offsets = new TreeMap<>();
    long endOffset = 0;
    for (FetchedRecords.Batch batch : log.batches()) {
      require(batch.baseOffset() == endOffset, name + ": a gap before " + batch);
      endOffset = batch.lastOffset() + 1;
      if (batch.isControl() || batch.producerId() < 0) {
        continue;
      }
      String producer = batch.producerId() + "/" + batch.producerEpoch();
      int next = nextSequences.getOrDefault(producer, 0);
      require(batch.baseSequence() == next, name + ": sequence " + next + " was due, not " + batch);
      nextSequences.put(producer, batch.lastSequence() + 1);
      offsets.put(producer + "/" + batch.baseSequence(), batch.baseOffset());
    }
    return offsets;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
