package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.broker.TransactionVerification;
import io.millrace.protocol.RecordData;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.VerificationGuard;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Asks the transaction coordinator about the batches of a produce request that would open a
/// transaction in the log of their partition (KIP-890). What belongs to a transaction that has
/// ended is refused, however late it comes: by the coordinator, or by the log if the end is written
/// while the coordinator is asked.
///
/// Clients from version 12 of Produce on leave it to this to add the partition to their
/// transaction; older ones have to have added it.
public final class ProduceVerification {
  private static final short FIRST_VERSION_WITH_ABORTABLE = 11;
  private static final short FIRST_VERSION_THAT_ADDS = 12;
  private static final int MAX_ATTEMPTS = 3;

  private static final Verdict NOT_NEEDED = new Verdict(VerificationGuard.NONE, ErrorCode.NONE);

  private final TransactionVerification transactions;
  private final PartitionLocator partitions;
  private final BooleanSupplier isRequired;

  /// @param isRequired whether older clients are verified at all
  ///   (`transaction.partition.verification.enable`)
  public ProduceVerification(
      TransactionVerification transactions,
      PartitionLocator partitions,
      BooleanSupplier isRequired) {
    this.transactions = transactions;
    this.partitions = partitions;
    this.isRequired = isRequired;
  }

  /// Whether a batch may be appended, and the guard to append it with.
  record Verdict(VerificationGuard guard, ErrorCode error) {}

  /// The verdicts about a request.
  static final class Verified {
    static final Verified NOTHING = new Verified();

    private final Map<PartitionKey, Verdict> verdicts = new HashMap<>();

    Verdict of(PartitionKey key) {
      return verdicts.getOrDefault(key, NOT_NEEDED);
    }
  }

  private record Opening(
      PartitionKey key,
      Partition partition,
      long producerId,
      short producerEpoch,
      VerificationGuard guard) {
    boolean isGuardGood() {
      return partition.isGood(guard, producerId, producerEpoch);
    }
  }

  /// Waits for the coordinator if any batch would open a transaction.
  ///
  /// The coordinator lets a producer wait for the end of its last transaction. The marker of that
  /// end makes the guards worthless that were made before it, so that the coordinator has to be
  /// asked again: this time it need not wait.
  Verified verify(ProduceRequest request, short version) throws InterruptedException {
    String transactionalId = request.transactionalId();
    if (transactionalId == null) {
      return Verified.NOTHING;
    }
    for (int attempt = 1; ; attempt++) {
      List<Opening> openings = openings(request, version);
      if (openings.isEmpty()) {
        return Verified.NOTHING;
      }
      Verified verified = new Verified();
      if (version < FIRST_VERSION_THAT_ADDS && !isRequired.getAsBoolean()) {
        for (Opening opening : openings) {
          verified.verdicts.put(opening.key(), new Verdict(opening.guard(), ErrorCode.NONE));
        }
        return verified;
      }
      ask(transactionalId, openings, version, verified);
      if (attempt == MAX_ATTEMPTS || openings.stream().allMatch(Opening::isGuardGood)) {
        return verified;
      }
    }
  }

  private List<Opening> openings(ProduceRequest request, short version) {
    List<Opening> openings = new ArrayList<>();
    for (ProduceRequest.TopicProduceData topic : request.topicData()) {
      for (ProduceRequest.PartitionProduceData data : topic.partitionData()) {
        PartitionKey key = ProduceHandler.key(topic, data, version);
        Optional<Partition> partition = partitions.find(key);
        if (partition.isPresent()
            && data.records() instanceof RecordData.Buffer(ByteBuffer batches)) {
          opening(key, partition.get(), batches).ifPresent(openings::add);
        }
      }
    }
    return openings;
  }

  private static Optional<Opening> opening(
      PartitionKey key, Partition partition, ByteBuffer batches) {
    try {
      BatchCursor batch = RecordBatches.over(batches);
      if (!batch.next()
          || !batch.isTransactional()
          || !batch.hasProducerId()
          || !partition.needsVerification(batch.producerId(), batch.producerEpoch())) {
        return Optional.empty();
      }
      return Optional.of(
          new Opening(
              key,
              partition,
              batch.producerId(),
              batch.producerEpoch(),
              partition.beginVerification(
                  batch.producerId(), batch.producerEpoch(), batch.baseSequence())));
    } catch (InvalidBatchException _) {
      // The append says what is wrong with it.
      return Optional.empty();
    }
  }

  private void ask(String transactionalId, List<Opening> openings, short version, Verified verified)
      throws InterruptedException {
    Opening first = openings.getFirst();
    List<Opening> ofOne = new ArrayList<>(openings.size());
    List<TopicPartition> names = new ArrayList<>(openings.size());
    for (Opening opening : openings) {
      if (opening.producerId() == first.producerId()
          && opening.producerEpoch() == first.producerEpoch()) {
        ofOne.add(opening);
        names.add(opening.partition().name());
      } else {
        // A request is of one producer; what is of another cannot be of this transactional id.
        verified.verdicts.put(
            opening.key(), new Verdict(opening.guard(), ErrorCode.INVALID_PRODUCER_ID_MAPPING));
      }
    }
    List<ErrorCode> errors =
        version >= FIRST_VERSION_THAT_ADDS
            ? transactions.add(transactionalId, first.producerId(), first.producerEpoch(), names)
            : transactions.verify(
                transactionalId, first.producerId(), first.producerEpoch(), names);
    for (int i = 0; i < ofOne.size(); i++) {
      Opening opening = ofOne.get(i);
      verified.verdicts.put(
          opening.key(), new Verdict(opening.guard(), forClient(errors.get(i), version)));
    }
  }

  /// What a client of this version makes the right thing of, as Kafka tells it.
  private static ErrorCode forClient(ErrorCode error, short version) {
    return switch (error) {
      // It makes a producer try again, and not look for another leader first.
      case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS ->
          ErrorCode.NOT_ENOUGH_REPLICAS;
      case CONCURRENT_TRANSACTIONS ->
          version >= FIRST_VERSION_THAT_ADDS ? error : ErrorCode.NOT_ENOUGH_REPLICAS;
      case TRANSACTION_ABORTABLE ->
          version >= FIRST_VERSION_WITH_ABORTABLE ? error : ErrorCode.INVALID_TXN_STATE;
      default -> error;
    };
  }
}
