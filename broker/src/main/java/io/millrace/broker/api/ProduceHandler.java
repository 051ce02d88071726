package io.millrace.broker.api;

import io.millrace.broker.PartitionLocator;
import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.metadata.TopicNames;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.RecordData;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.record.BatchCursor;
import io.millrace.protocol.record.Compression;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatches;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.AppendResult;
import io.millrace.storage.LogDirectoryFailedException;
import io.millrace.storage.VerificationGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Appends record batches: one per partition of the request.
///
/// `acks` is 0 (no response; an error closes the connection), 1 (answered when the leader has
/// appended) or -1 (answered when the records are committed, within the request's timeout).
///
/// Versions: 3 is the oldest, with record batches of version 2; 5 adds the log start offset; 7
/// allows zstd; 8 adds error messages; 10 tells the current leader (KIP-951); 11 adds
/// TRANSACTION_ABORTABLE; 12 is of transaction version 2, whose partitions are added to the
/// transaction as they are written to (KIP-890); 13 names topics by id.
public final class ProduceHandler implements ApiHandler<ProduceRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(ProduceHandler.class);

  private static final short ACKS_NONE = 0;
  private static final short ACKS_LEADER = 1;
  private static final short ACKS_ALL = -1;
  private static final short FIRST_VERSION_WITH_ZSTD = 7;
  private static final short FIRST_VERSION_WITH_IDS = 13;

  private final PartitionLocator partitions;
  private final Clock clock;
  private final ProduceVerification verification;

  public ProduceHandler(
      PartitionLocator partitions, Clock clock, ProduceVerification verification) {
    this.partitions = partitions;
    this.clock = clock;
    this.verification = verification;
  }

  @Override
  public ApiKey api() {
    return ApiKey.PRODUCE;
  }

  @Override
  public Reply handle(ProduceRequest request, RequestContext context)
      throws IOException, InterruptedException {
    short acks = request.acks();
    ProduceVerification.Verified verified = verification.verify(request, context.version());
    Appends appends = new Appends(request.topicData().size());
    for (ProduceRequest.TopicProduceData topic : request.topicData()) {
      List<Append> ofTopic = new ArrayList<>(topic.partitionData().size());
      for (ProduceRequest.PartitionProduceData data : topic.partitionData()) {
        PartitionKey key = key(topic, data, context.version());
        ofTopic.add(append(key, data, verified.of(key), request, context.version()));
      }
      appends.add(topic, ofTopic);
    }
    if (acks == ACKS_NONE) {
      Optional<Append> failed = appends.firstFailed();
      return failed.isEmpty()
          ? new Reply.Silent()
          : new Reply.Close("a produce request without acks failed: " + failed.get());
    }
    if (acks != ACKS_ALL || appends.areCommitted()) {
      return new Reply.Now(appends.response());
    }
    Deadline deadline = clock.deadlineIn(Duration.ofMillis(Math.max(0, request.timeoutMs())));
    return new Reply.Later(() -> appends.awaitCommitted(deadline));
  }

  static PartitionKey key(
      ProduceRequest.TopicProduceData topic,
      ProduceRequest.PartitionProduceData data,
      short version) {
    return version >= FIRST_VERSION_WITH_IDS
        ? PartitionKey.byId(topic.topicId(), data.index())
        : PartitionKey.byName(topic.name(), data.index());
  }

  private Append append(
      PartitionKey key,
      ProduceRequest.PartitionProduceData data,
      ProduceVerification.Verdict verdict,
      ProduceRequest request,
      short version) {
    short acks = request.acks();
    if (acks != ACKS_NONE && acks != ACKS_LEADER && acks != ACKS_ALL) {
      return Append.failed(
          data.index(), ErrorCode.INVALID_REQUIRED_ACKS, "acks is " + acks + ", not 0, 1 or -1");
    }
    if (verdict.error() != ErrorCode.NONE) {
      return Append.failed(
          data.index(),
          verdict.error(),
          "the transaction coordinator does not let the batch into the transaction of "
              + request.transactionalId());
    }
    Optional<Partition> found = partitions.find(key);
    if (found.isEmpty()) {
      return Append.failed(data.index(), partitions.whyMissing(key), null);
    }
    Partition partition = found.get();
    if (TopicNames.isInternal(partition.name().topic())) {
      return Append.failed(
          data.index(),
          ErrorCode.INVALID_TOPIC_EXCEPTION,
          "only the coordinators write to " + partition.name().topic());
    }
    if (acks == ACKS_ALL && !partition.hasEnoughReplicas()) {
      return Append.failed(
          data.index(),
          ErrorCode.NOT_ENOUGH_REPLICAS,
          partition.name() + " has fewer replicas in sync than min.insync.replicas");
    }
    if (!(data.records() instanceof RecordData.Buffer(ByteBuffer batches))) {
      return Append.failed(
          data.index(), ErrorCode.INVALID_RECORD, "the request carries no records");
    }
    try {
      Optional<Append> refused = refusal(data.index(), batches, request, version);
      if (refused.isPresent()) {
        return refused.get();
      }
      return append(partition, data.index(), batches, verdict.guard());
    } catch (InvalidBatchException e) {
      LOG.info("Refused records for {}: {}", partition.name(), e.getMessage());
      return Append.failed(data.index(), e.errorCode(), e.getMessage());
    }
  }

  /// What forbids a batch before the log looks at it, if anything does.
  private static Optional<Append> refusal(
      int index, ByteBuffer batches, ProduceRequest request, short version) {
    BatchCursor batch = RecordBatches.over(batches);
    if (!batch.next()) {
      return Optional.empty();
    }
    if (batch.isTransactional() && request.transactionalId() == null) {
      // The request has no transactional id that the batch could belong to (CVE-2018-17196).
      return Optional.of(
          Append.failed(
              index,
              ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
              "the batch is of a transaction, but the request has no transactional id"));
    }
    if (version < FIRST_VERSION_WITH_ZSTD && batch.compression() == Compression.ZSTD) {
      return Optional.of(
          Append.failed(
              index,
              ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
              "zstd needs version " + FIRST_VERSION_WITH_ZSTD + " of Produce"));
    }
    return Optional.empty();
  }

  private static Append append(
      Partition partition, int index, ByteBuffer batches, VerificationGuard guard) {
    try {
      AppendResult result = partition.append(batches, guard);
      return new Append(index, partition, result, ErrorCode.NONE, null);
    } catch (LogDirectoryFailedException e) {
      return Append.failed(index, ErrorCode.KAFKA_STORAGE_ERROR, e.getMessage());
    } catch (IOException e) {
      LOG.error("Cannot append to {}", partition.name(), e);
      return Append.failed(index, ErrorCode.KAFKA_STORAGE_ERROR, e.getMessage());
    }
  }

  /// What became of the records for one partition; `partition` and `result` are null if `error` is
  /// set.
  private record Append(
      int index,
      @Nullable Partition partition,
      @Nullable AppendResult result,
      ErrorCode error,
      @Nullable String message) {

    static Append failed(int index, ErrorCode error, @Nullable String message) {
      return new Append(index, null, null, error, message);
    }

    boolean isCommitted() {
      return partition == null || result == null || partition.isCommitted(result.lastOffset() + 1);
    }

    Append awaitCommitted(Deadline deadline) throws InterruptedException {
      if (partition == null || result == null) {
        return this;
      }
      ErrorCode outcome = partition.awaitCommitted(result.lastOffset() + 1, deadline);
      return outcome == ErrorCode.NONE ? this : failed(index, outcome, null);
    }

    ProduceResponse.PartitionProduceResponse response() {
      ProduceResponse.PartitionProduceResponse.Builder response =
          ProduceResponse.PartitionProduceResponse.builder()
              .index(index)
              .errorCode(error.code())
              .errorMessage(message);
      if (result == null) {
        return response.baseOffset(-1).build();
      }
      return response
          .baseOffset(result.baseOffset())
          .logAppendTimeMs(result.logAppendTimeMs())
          .logStartOffset(result.logStartOffset())
          .build();
    }
  }

  /// The appends of one request, by topic in the order of the request.
  private static final class Appends {
    private final List<ProduceRequest.TopicProduceData> topics;
    private final List<List<Append>> byTopic;

    Appends(int topicCount) {
      topics = new ArrayList<>(topicCount);
      byTopic = new ArrayList<>(topicCount);
    }

    void add(ProduceRequest.TopicProduceData topic, List<Append> appends) {
      // The request's records are gone once it is handled; only the topic's name is still needed.
      topics.add(topic);
      byTopic.add(appends);
    }

    Optional<Append> firstFailed() {
      for (List<Append> appends : byTopic) {
        for (Append append : appends) {
          if (append.error != ErrorCode.NONE) {
            return Optional.of(append);
          }
        }
      }
      return Optional.empty();
    }

    boolean areCommitted() {
      for (List<Append> appends : byTopic) {
        for (Append append : appends) {
          if (!append.isCommitted()) {
            return false;
          }
        }
      }
      return true;
    }

    ApiMessage awaitCommitted(Deadline deadline) throws InterruptedException {
      for (List<Append> appends : byTopic) {
        for (int i = 0; i < appends.size(); i++) {
          appends.set(i, appends.get(i).awaitCommitted(deadline));
        }
      }
      return response();
    }

    ApiMessage response() {
      List<ProduceResponse.TopicProduceResponse> responses = new ArrayList<>(topics.size());
      for (int i = 0; i < topics.size(); i++) {
        List<ProduceResponse.PartitionProduceResponse> partitions = new ArrayList<>();
        for (Append append : byTopic.get(i)) {
          partitions.add(append.response());
        }
        responses.add(
            ProduceResponse.TopicProduceResponse.builder()
                .name(topics.get(i).name())
                .topicId(topics.get(i).topicId())
                .partitionResponses(partitions)
                .build());
      }
      return ProduceResponse.builder().responses(responses).build();
    }
  }
}
