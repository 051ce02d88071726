package io.millrace.coordinator;

import io.millrace.host.Tasks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a command came to: the records that change the state, all or none of them, and the answer,
/// which leaves once they, and everything that was decided before, are committed.
public final class Decision<A> {
  private static final Decision<Void> NONE = new Decision<>(List.of(), null, null);
  private static final long NO_PRODUCER = -1;

  private final List<StateRecord> records;
  private final @Nullable A value;
  private final @Nullable Answer<A> later;
  private final long producerId;
  private final short producerEpoch;
  private final Machine.@Nullable EndMarker marker;
  private final Tasks.@Nullable Body followUp;

  private Decision(List<StateRecord> records, @Nullable A value, @Nullable Answer<A> later) {
    this(records, value, later, NO_PRODUCER, (short) NO_PRODUCER, null, null);
  }

  private Decision(
      List<StateRecord> records,
      @Nullable A value,
      @Nullable Answer<A> later,
      long producerId,
      short producerEpoch,
      Machine.@Nullable EndMarker marker,
      Tasks.@Nullable Body followUp) {
    this.records = records;
    this.value = value;
    this.later = later;
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.marker = marker;
    this.followUp = followUp;
  }

  /// Nothing is to be done and nobody waits for an answer.
  public static Decision<Void> none() {
    return NONE;
  }

  /// Records for whose answer nobody waits.
  public static Decision<Void> write(List<StateRecord> records) {
    return records.isEmpty() ? NONE : new Decision<>(List.copyOf(records), null, null);
  }

  /// An answer that changes nothing.
  public static <A> Decision<A> reply(A answer) {
    return new Decision<>(List.of(), answer, null);
  }

  /// An answer with the records that make it true.
  public static <A> Decision<A> of(List<StateRecord> records, A answer) {
    return new Decision<>(List.copyOf(records), answer, null);
  }

  /// An answer that a later command gives, or that this one has given already ([Answer#complete]).
  public static <A> Decision<A> later(List<StateRecord> records, Answer<A> answer) {
    return new Decision<>(List.copyOf(records), null, answer);
  }

  /// The same; the records belong to a producer's transaction.
  public Decision<A> inTransaction(long transactionProducerId, short transactionProducerEpoch) {
    return new Decision<>(
        records, value, later, transactionProducerId, transactionProducerEpoch, marker, followUp);
  }

  /// The same; a transaction ends in this partition, after the records.
  public Decision<A> ending(Machine.EndMarker end) {
    return new Decision<>(records, value, later, producerId, producerEpoch, end, followUp);
  }

  /// The same; `body` runs, in a task of its own, once the records are committed, and not at all if
  /// this node stops leading the partition before that.
  public Decision<A> then(Tasks.Body body) {
    return new Decision<>(records, value, later, producerId, producerEpoch, marker, body);
  }

  public List<StateRecord> records() {
    return records;
  }

  /// The answer, if it is known and not an [Answer].
  public @Nullable A value() {
    return value;
  }

  /// The answer, if it is given later.
  public @Nullable Answer<A> later() {
    return later;
  }

  public long producerId() {
    return producerId;
  }

  public short producerEpoch() {
    return producerEpoch;
  }

  public Machine.@Nullable EndMarker marker() {
    return marker;
  }

  public Tasks.@Nullable Body followUp() {
    return followUp;
  }
}
