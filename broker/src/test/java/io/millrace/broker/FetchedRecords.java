package io.millrace.broker;

import io.millrace.protocol.RecordData;
import io.millrace.protocol.Uuid;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.DecompressionLimit;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.protocol.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// What a consumer makes of a fetched partition: the records that its application gets to see, and
/// where it goes on.
///
/// @param batches headers of everything that came
record FetchedRecords(List<String> values, List<Batch> batches, long nextOffset) {
  private static final byte READ_COMMITTED = 1;
  private static final short ABORT = 0;

  /// The header of a batch.
  record Batch(
      long baseOffset,
      long lastOffset,
      long producerId,
      short producerEpoch,
      int baseSequence,
      int lastSequence,
      boolean isControl) {}

  /// Reads on from `offset` for as long as there is more, as the isolation level allows.
  static FetchedRecords readAll(
      SimulatedClient client, String topic, int partition, boolean isCommitted)
      throws InterruptedException {
    List<String> values = new ArrayList<>();
    List<Batch> batches = new ArrayList<>();
    long offset = 0;
    while (true) {
      FetchedRecords next = read(client, topic, partition, offset, isCommitted);
      if (next.nextOffset == offset) {
        return new FetchedRecords(values, batches, offset);
      }
      values.addAll(next.values);
      batches.addAll(next.batches);
      offset = next.nextOffset;
    }
  }

  /// What is there now; nothing while the broker is away.
  static FetchedRecords read(
      SimulatedClient client, String topic, int partition, long offset, boolean isCommitted)
      throws InterruptedException {
    FetchRequest request =
        Requests.fetch(Requests.topic(topic, Uuid.ZERO, Requests.partition(partition, offset)))
            .isolationLevel(isCommitted ? READ_COMMITTED : 0)
            .build();
    while (true) {
      try {
        FetchResponse response =
            client.once(FetchResponse.class, ApiKey.FETCH, BrokerClient.FETCH_BY_NAME, request);
        FetchResponse.PartitionData data = BrokerClient.onlyPartition(response);
        if (data.errorCode() == ErrorCode.NONE.code()) {
          return of(data, offset, isCommitted);
        } else if (!SimulatedClient.isRetriable(data.errorCode())) {
          throw new AssertionError(
              "a fetch of %s-%d from %d was answered %s"
                  .formatted(topic, partition, offset, ErrorCode.forCode(data.errorCode())));
        }
      } catch (IOException e) {
        // Again, once the broker is back.
      }
      client.backOff();
    }
  }

  private static FetchedRecords of(
      FetchResponse.PartitionData data, long offset, boolean isCommitted) {
    List<String> values = new ArrayList<>();
    List<Batch> batches = new ArrayList<>();
    long nextOffset = offset;
    PriorityQueue<FetchResponse.AbortedTransaction> aborted =
        new PriorityQueue<>(
            Comparator.comparingLong(FetchResponse.AbortedTransaction::firstOffset));
    List<FetchResponse.AbortedTransaction> told = data.abortedTransactions();
    if (isCommitted && told != null) {
      aborted.addAll(told);
    }
    Set<Long> aborting = new HashSet<>();
    if (data.records() instanceof RecordData.Buffer(ByteBuffer bytes)) {
      BatchCursor batch = RecordBatches.over(bytes);
      while (batch.next()) {
        if (!batch.isCrcValid()) {
          throw new AssertionError("the batch at " + batch.baseOffset() + " is corrupt");
        }
        if (isCommitted && batch.lastOffset() >= data.lastStableOffset()) {
          throw new AssertionError("offset " + batch.lastOffset() + " is not stable: " + data);
        }
        while (!aborted.isEmpty() && aborted.element().firstOffset() <= batch.lastOffset()) {
          aborting.add(aborted.remove().producerId());
        }
        batches.add(header(batch));
        read(batch, offset, aborting, values);
        nextOffset = batch.nextOffset();
      }
    }
    return new FetchedRecords(values, batches, nextOffset);
  }

  private static void read(BatchCursor batch, long from, Set<Long> aborting, List<String> values) {
    try (RecordCursor record = batch.records(DecompressionLimit.UNLIMITED)) {
      while (record.next()) {
        if (batch.isControl()) {
          ByteBuffer key = record.key();
          if (key != null && key.getShort(key.position() + 2) == ABORT) {
            aborting.remove(batch.producerId());
          }
        } else if (record.offset() >= from
            && !(batch.isTransactional() && aborting.contains(batch.producerId()))) {
          ByteBuffer value = record.value();
          values.add(value == null ? "" : StandardCharsets.UTF_8.decode(value).toString());
        }
      }
    }
  }

  private static Batch header(BatchCursor batch) {
    return new Batch(
        batch.baseOffset(),
        batch.lastOffset(),
        batch.producerId(),
        batch.producerEpoch(),
        batch.baseSequence(),
        batch.lastSequence(),
        batch.isControl());
  }
}
