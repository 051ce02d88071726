package io.millrace.coordinator.transaction;

/// By which producer id and epoch the producer of a transactional id is known.
///
/// @param epoch while a transaction of version 2 ends, already the epoch of the next one
/// @param previousId the id before the last change of state: the same, unless epochs ran out then
/// @param nextId the id that the producer has from the end of this transaction on, -1 unless epochs
///   have run out
/// @param lastEpoch the epoch before the last bump by this same producer, by which its retries are
///   known (KIP-360); -1 if there is none. It is not written down, as in Kafka: whoever takes over
///   the coordinator's partition does not know it
record ProducerIdentity(long id, short epoch, long previousId, long nextId, short lastEpoch) {
  static final long NO_ID = -1;
  static final short NO_EPOCH = -1;

  /// The highest epoch that a producer is given. The one after it remains for the coordinator,
  /// which can fence that producer in any case.
  static final short LAST_GIVEN_EPOCH = Short.MAX_VALUE - 1;

  /// Of a producer that is not known yet.
  static ProducerIdentity fresh(long id) {
    return new ProducerIdentity(id, (short) 0, id, NO_ID, NO_EPOCH);
  }

  boolean isExhausted() {
    return isExhausted(epoch);
  }

  static boolean isExhausted(short epoch) {
    return epoch >= LAST_GIVEN_EPOCH;
  }

  boolean is(long otherId, short otherEpoch) {
    return id == otherId && epoch == otherEpoch;
  }

  /// Whether it is what the producer is to be known by once the transaction has ended.
  boolean isNext(long otherId, short otherEpoch) {
    return nextId >= 0 && nextId == otherId && otherEpoch == 0;
  }

  boolean hasNext() {
    return nextId >= 0;
  }

  ProducerIdentity withLastEpoch(short newLastEpoch) {
    return new ProducerIdentity(id, epoch, previousId, nextId, newLastEpoch);
  }

  /// A change of state that leaves the identity as it is.
  ProducerIdentity kept() {
    return new ProducerIdentity(id, epoch, id, nextId, lastEpoch);
  }

  ProducerIdentity bumped(short newLastEpoch) {
    return new ProducerIdentity(id, (short) (epoch + 1), id, nextId, newLastEpoch);
  }

  /// Epochs have run out and the producer gets another id at once.
  ProducerIdentity replaced(long newId, short newLastEpoch) {
    return new ProducerIdentity(newId, (short) 0, id, NO_ID, newLastEpoch);
  }

  /// The bump at the end of a transaction (KIP-890). The next id, if there is one, takes effect
  /// when the markers are written.
  ProducerIdentity ending(long newNextId) {
    short bumped = epoch == Short.MAX_VALUE ? epoch : (short) (epoch + 1);
    return new ProducerIdentity(id, bumped, id, newNextId, epoch);
  }

  ProducerIdentity completed() {
    return hasNext()
        ? new ProducerIdentity(nextId, (short) 0, id, NO_ID, lastEpoch)
        : new ProducerIdentity(id, epoch, id, NO_ID, lastEpoch);
  }
}
