package io.millrace.coordinator.transaction;

import io.millrace.protocol.message.ErrorCode;

/// What a producer's request came to.
public sealed interface Outcome {
  /// Done. The id and epoch are what the producer has from now on; -1 where the request is none
  /// that gives them.
  record Done(long producerId, short producerEpoch) implements Outcome {}

  record Refused(ErrorCode error) implements Outcome {}

  /// Nothing was done: the request is to be made again with a producer id that nobody has.
  record NeedsProducerId() implements Outcome {}

  Outcome DONE = new Done(ProducerIdentity.NO_ID, ProducerIdentity.NO_EPOCH);
}
