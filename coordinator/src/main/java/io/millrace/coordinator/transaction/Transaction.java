package io.millrace.coordinator.transaction;

import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.transaction.record.TransactionLogKey;
import io.millrace.coordinator.transaction.record.TransactionLogValue;
import io.millrace.protocol.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is known of a transactional id: its producer, and its transaction. A value: each change
/// makes another one, which is written down whole.
///
/// @param timeoutMs after which an ongoing transaction is aborted
/// @param partitions of the transaction that are still to get a marker or may be written to
/// @param startMs wall-clock time when the transaction began; -1 if none has
/// @param updatedMs wall-clock time of the last change
/// @param clientVersion the transaction version (KIP-890) that the client spoke: 2, or 0 for
///   everything before
record Transaction(
    String id,
    ProducerIdentity producer,
    int timeoutMs,
    TransactionState state,
    SortedSet<TopicPartition> partitions,
    long startMs,
    long updatedMs,
    short clientVersion) {
  static final short VERSION_0 = 0;

  /// With an epoch per transaction and partitions that need not be added before (KIP-890).
  static final short VERSION_2 = 2;

  private static final int VALUE_VERSION = 1;
  private static final SortedSet<TopicPartition> NO_PARTITIONS =
      Collections.unmodifiableSortedSet(new TreeSet<>());

  /// The first that is known of an id.
  static Transaction created(String id, long producerId, int timeoutMs, long wallMs) {
    return new Transaction(
        id,
        ProducerIdentity.fresh(producerId),
        timeoutMs,
        TransactionState.EMPTY,
        NO_PARTITIONS,
        -1,
        wallMs,
        VERSION_0);
  }

  /// A producer has asked for its id and epoch.
  Transaction initialized(ProducerIdentity newProducer, int newTimeoutMs, long wallMs) {
    check(TransactionState.EMPTY);
    return new Transaction(
        id,
        newProducer,
        newTimeoutMs,
        TransactionState.EMPTY,
        NO_PARTITIONS,
        -1,
        wallMs,
        clientVersion);
  }

  /// Partitions join the transaction, which begins if it has not.
  Transaction adding(Collection<TopicPartition> added, short version, long wallMs) {
    check(TransactionState.ONGOING);
    TreeSet<TopicPartition> all = new TreeSet<>(partitions);
    all.addAll(added);
    return new Transaction(
        id,
        producer.kept(),
        timeoutMs,
        TransactionState.ONGOING,
        Collections.unmodifiableSortedSet(all),
        state == TransactionState.ONGOING ? startMs : wallMs,
        wallMs,
        version);
  }

  /// The transaction's end is decided.
  ///
  /// @param nextId what the producer's id will be, -1 if it stays
  Transaction ending(boolean commit, short version, long nextId, long wallMs) {
    TransactionState next =
        commit ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT;
    check(next);
    return new Transaction(
        id,
        version >= VERSION_2 ? producer.ending(nextId) : producer.kept(),
        timeoutMs,
        next,
        partitions,
        state == TransactionState.ONGOING ? startMs : wallMs,
        wallMs,
        version);
  }

  /// All markers are written.
  Transaction completed(long wallMs) {
    TransactionState next =
        state == TransactionState.PREPARE_COMMIT
            ? TransactionState.COMPLETE_COMMIT
            : TransactionState.COMPLETE_ABORT;
    check(next);
    return new Transaction(
        id, producer.completed(), timeoutMs, next, NO_PARTITIONS, startMs, wallMs, clientVersion);
  }

  private void check(TransactionState next) {
    if (!next.mayFollow(state)) {
      throw new IllegalStateException(id + " cannot go from " + state + " to " + next);
    }
  }

  Transaction withLastEpoch(short lastEpoch) {
    return new Transaction(
        id,
        producer.withLastEpoch(lastEpoch),
        timeoutMs,
        state,
        partitions,
        startMs,
        updatedMs,
        clientVersion);
  }

  StateRecord record() {
    TransactionLogValue.Builder value =
        TransactionLogValue.builder()
            .producerId(producer.id())
            .previousProducerId(producer.previousId())
            .nextProducerId(producer.nextId())
            .producerEpoch(producer.epoch())
            .transactionTimeoutMs(timeoutMs)
            .transactionStatus(state.id())
            .transactionPartitions(state == TransactionState.EMPTY ? null : schemas())
            .transactionLastUpdateTimestampMs(updatedMs)
            .transactionStartTimestampMs(startMs)
            .clientTransactionVersion(clientVersion);
    return StateRecord.of(key(id), value.build(), VALUE_VERSION);
  }

  static TransactionLogKey key(String id) {
    return TransactionLogKey.builder().transactionalId(id).build();
  }

  private List<TransactionLogValue.PartitionsSchema> schemas() {
    TreeMap<String, List<Integer>> byTopic = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>()).add(partition.partition());
    }
    List<TransactionLogValue.PartitionsSchema> schemas = new ArrayList<>(byTopic.size());
    for (Map.Entry<String, List<Integer>> entry : byTopic.entrySet()) {
      schemas.add(
          TransactionLogValue.PartitionsSchema.builder()
              .topic(entry.getKey())
              .partitionIds(entry.getValue())
              .build());
    }
    return schemas;
  }

  static Transaction read(String id, TransactionLogValue value) {
    TreeSet<TopicPartition> partitions = new TreeSet<>();
    List<TransactionLogValue.PartitionsSchema> schemas = value.transactionPartitions();
    if (schemas != null) {
      for (TransactionLogValue.PartitionsSchema schema : schemas) {
        schema
            .partitionIds()
            .forEach(index -> partitions.add(new TopicPartition(schema.topic(), index)));
      }
    }
    return new Transaction(
        id,
        new ProducerIdentity(
            value.producerId(),
            value.producerEpoch(),
            value.previousProducerId(),
            value.nextProducerId(),
            ProducerIdentity.NO_EPOCH),
        value.transactionTimeoutMs(),
        TransactionState.of(value.transactionStatus()),
        Collections.unmodifiableSortedSet(partitions),
        value.transactionStartTimestampMs(),
        value.transactionLastUpdateTimestampMs(),
        value.clientTransactionVersion());
  }
}
