package io.millrace.broker.api;

import io.millrace.host.Clock;
import io.millrace.host.Deadline;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.replication.FetchLimits;
import io.millrace.replication.FetchPosition;
import io.millrace.replication.FetchSession;
import io.millrace.replication.FetchSessions;
import io.millrace.replication.FetchedPartition;
import io.millrace.replication.IsolationLevel;
import io.millrace.replication.PartitionKey;
import io.millrace.storage.AbortedTransaction;
import io.millrace.storage.EpochEndOffset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads committed records, waiting for `minBytes` of them for up to `maxWaitMs`. A reader of
/// committed transactions gets those below the last stable offset, and is told which of them are of
/// aborted ones.
///
/// Versions: 4 is the oldest, with isolation levels; 7 adds fetch sessions (KIP-227); 9 the leader
/// epoch that the client believes in (KIP-320); 10 allows zstd; 12 detects divergence by the last
/// fetched epoch (KIP-595); 13 names topics by id; 15 moves the replica id into a tag (KIP-903); 18
/// lets followers tell their high watermark (KIP-1166).
public final class FetchHandler implements ApiHandler<FetchRequest> {
  /// The session epoch of a fetch that names all its partitions and asks for a new session; above
  /// it they are incremental, below it no session is wanted.
  private static final int INITIAL_EPOCH = 0;

  /// The longest that a fetch waits, whatever the client asks for.
  private static final int MAX_WAIT_MS = 10 * 60 * 1000;

  private final FetchSessions sessions;
  private final Clock clock;
  private final int maxBytes;

  /// `maxBytes`: what one response may hold, in bytes of records (`fetch.max.bytes`).
  public FetchHandler(FetchSessions sessions, Clock clock, int maxBytes) {
    this.sessions = sessions;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  @Override
  public ApiKey api() {
    return ApiKey.FETCH;
  }

  @Override
  public Optional<ApiMessage> failure(ErrorCode error, short version) {
    return version >= 7
        ? Optional.of(FetchResponse.builder().errorCode(error.code()).build())
        : Optional.empty();
  }

  @Override
  public Reply handle(FetchRequest request, RequestContext context) {
    boolean byTopicId = context.version() >= 13;
    Map<PartitionKey, FetchPosition> positions = positions(request, byTopicId);
    if (replicaId(request) >= 0) {
      return new Reply.Now(refuseReplica(positions));
    }
    boolean incremental = request.sessionEpoch() > INITIAL_EPOCH;
    FetchSession session;
    if (incremental) {
      switch (sessions.resume(request.sessionId(), request.sessionEpoch(), byTopicId)) {
        case FetchSessions.Found.Failed(ErrorCode error) -> {
          return new Reply.Now(FetchResponse.builder().errorCode(error.code()).build());
        }
        case FetchSessions.Found.Session(FetchSession found) -> session = found;
      }
    } else {
      if (request.sessionId() != FetchSession.NO_SESSION) {
        sessions.close(request.sessionId());
      }
      boolean wanted = request.sessionEpoch() == INITIAL_EPOCH && context.version() >= 7;
      session = wanted ? sessions.create(byTopicId) : sessions.temporary(byTopicId);
    }
    session.update(positions, forgotten(request, byTopicId));
    return fetch(session, request, incremental);
  }

  private Reply fetch(FetchSession session, FetchRequest request, boolean incremental) {
    int mayHold = Math.clamp(request.maxBytes(), 0, maxBytes);
    FetchLimits limits =
        new FetchLimits(
            IsolationLevel.forId(request.isolationLevel()),
            Math.clamp(request.minBytes(), 0, Math.max(1, mayHold)),
            mayHold,
            incremental);
    int waitMs = Math.clamp(request.maxWaitMs(), 0, MAX_WAIT_MS);
    boolean hasNothingToWaitFor = session.size() == 0;
    Optional<List<FetchedPartition>> answer = session.poll(limits);
    if (answer.isPresent()) {
      return new Reply.Now(finish(session, answer.get()));
    }
    Deadline deadline = clock.deadlineIn(Duration.ofMillis(hasNothingToWaitFor ? 0 : waitMs));
    return new Reply.Later(new WaitingFetch(session, limits, deadline));
  }

  private static int replicaId(FetchRequest request) {
    return Math.max(request.replicaId(), request.replicaState().replicaId());
  }

  /// Brokers fetch from each other over a listener of their own; a client that claims to be one is
  /// told what Kafka tells it.
  private static FetchResponse refuseReplica(Map<PartitionKey, FetchPosition> positions) {
    List<FetchedPartition> refused = new ArrayList<>();
    for (PartitionKey key : positions.keySet()) {
      refused.add(FetchedPartition.failed(key, ErrorCode.TOPIC_AUTHORIZATION_FAILED));
    }
    return response(FetchSession.NO_SESSION, refused);
  }

  private static Map<PartitionKey, FetchPosition> positions(
      FetchRequest request, boolean byTopicId) {
    Map<PartitionKey, FetchPosition> positions = new LinkedHashMap<>();
    for (FetchRequest.FetchTopic topic : request.topics()) {
      for (FetchRequest.FetchPartition partition : topic.partitions()) {
        PartitionKey key =
            byTopicId
                ? PartitionKey.byId(topic.topicId(), partition.partition())
                : PartitionKey.byName(topic.topic(), partition.partition());
        positions.put(
            key,
            new FetchPosition(
                partition.fetchOffset(),
                partition.partitionMaxBytes(),
                partition.currentLeaderEpoch(),
                partition.lastFetchedEpoch()));
      }
    }
    return positions;
  }

  private static List<PartitionKey> forgotten(FetchRequest request, boolean byTopicId) {
    List<PartitionKey> forgotten = new ArrayList<>();
    for (FetchRequest.ForgottenTopic topic : request.forgottenTopicsData()) {
      for (int partition : topic.partitions()) {
        forgotten.add(
            byTopicId
                ? PartitionKey.byId(topic.topicId(), partition)
                : PartitionKey.byName(topic.topic(), partition));
      }
    }
    return forgotten;
  }

  /// A temporary session ends with its only answer.
  private static FetchResponse finish(FetchSession session, List<FetchedPartition> fetched) {
    if (session.id() == FetchSession.NO_SESSION) {
      session.close();
    }
    return response(session.id(), fetched);
  }

  private static FetchResponse response(int sessionId, List<FetchedPartition> fetched) {
    List<FetchResponse.FetchableTopicResponse> topics = new ArrayList<>();
    for (int i = 0; i < fetched.size(); ) {
      PartitionKey first = fetched.get(i).key();
      List<FetchResponse.PartitionData> partitions = new ArrayList<>();
      for (; i < fetched.size() && isSameTopic(first, fetched.get(i).key()); i++) {
        partitions.add(partition(fetched.get(i)));
      }
      topics.add(
          FetchResponse.FetchableTopicResponse.builder()
              .topic(first.topic())
              .topicId(first.topicId())
              .partitions(partitions)
              .build());
    }
    return FetchResponse.builder().sessionId(sessionId).responses(topics).build();
  }

  private static boolean isSameTopic(PartitionKey a, PartitionKey b) {
    return a.topicId().equals(b.topicId()) && a.topic().equals(b.topic());
  }

  private static FetchResponse.PartitionData partition(FetchedPartition fetched) {
    FetchResponse.PartitionData.Builder data =
        FetchResponse.PartitionData.builder()
            .partitionIndex(fetched.key().partition())
            .errorCode(fetched.error().code())
            .highWatermark(fetched.highWatermark())
            .lastStableOffset(fetched.lastStableOffset())
            .logStartOffset(fetched.logStartOffset())
            .records(fetched.records());
    if (!fetched.aborted().isEmpty()) {
      data.abortedTransactions(aborted(fetched.aborted()));
    }
    Optional<EpochEndOffset> diverging = fetched.divergingEpoch();
    if (diverging.isPresent()) {
      data.divergingEpoch(
          FetchResponse.EpochEndOffset.builder()
              .epoch(diverging.get().leaderEpoch())
              .endOffset(diverging.get().endOffset())
              .build());
    }
    return data.build();
  }

  private static List<FetchResponse.AbortedTransaction> aborted(List<AbortedTransaction> all) {
    List<FetchResponse.AbortedTransaction> aborted = new ArrayList<>(all.size());
    for (AbortedTransaction transaction : all) {
      aborted.add(
          FetchResponse.AbortedTransaction.builder()
              .producerId(transaction.producerId())
              .firstOffset(transaction.firstOffset())
              .build());
    }
    return aborted;
  }

  /// A fetch that waits for records.
  private static final class WaitingFetch implements Reply.Answer {
    private final FetchSession session;
    private final FetchLimits limits;
    private final Deadline deadline;
    private volatile boolean abandoned;

    WaitingFetch(FetchSession session, FetchLimits limits, Deadline deadline) {
      this.session = session;
      this.limits = limits;
      this.deadline = deadline;
    }

    @Override
    public ApiMessage await() throws InterruptedException {
      return finish(session, session.await(limits, deadline, () -> abandoned));
    }

    @Override
    public void abandon() {
      abandoned = true;
      if (session.id() == FetchSession.NO_SESSION) {
        session.close();
      } else {
        session.wake();
      }
    }
  }
}
