package io.millrace.storage;

import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.util.List;

/// What a checkpoint keeps of a log: everything up to `endOffset` is on stable storage, at the end
/// of the last of `segments`.
///
/// `isExact` says that there is nothing beyond, since the log was closed in order: it can be opened
/// without a look at its files. `snapshotOffset` names the producer snapshot to begin with (-1 if
/// there is none), `hasProducers` whether there are producers to know of at all.
record LogState(
    TopicPartition partition,
    Uuid topicId,
    boolean isExact,
    long logStartOffset,
    long endOffset,
    boolean hasProducers,
    long snapshotOffset,
    List<SegmentState> segments,
    List<LeaderEpochs.Entry> epochs) {

  LogState inexact() {
    return new LogState(
        partition,
        topicId,
        false,
        logStartOffset,
        endOffset,
        hasProducers,
        snapshotOffset,
        segments,
        epochs);
  }
}
