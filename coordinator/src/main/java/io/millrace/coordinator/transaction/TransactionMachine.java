package io.millrace.coordinator.transaction;

import com.google.re2j.Pattern;
import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Command;
import io.millrace.coordinator.Decision;
import io.millrace.coordinator.Machine;
import io.millrace.coordinator.MachineFactory;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.RecordSchemas;
import io.millrace.coordinator.StateRecord;
import io.millrace.coordinator.transaction.TransactionFollowUps.Ending;
import io.millrace.coordinator.transaction.TransactionFollowUps.TimedOut;
import io.millrace.coordinator.transaction.record.CoordinatorKey;
import io.millrace.coordinator.transaction.record.CoordinatorValue;
import io.millrace.coordinator.transaction.record.TransactionLogKey;
import io.millrace.coordinator.transaction.record.TransactionLogValue;
import io.millrace.host.Tasks;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The transactional ids of one partition of `__transaction_state` (KIP-98, KIP-890).
///
/// What a producer may do is in [TransactionRules]. This class keeps what is known of each id, has
/// requests wait for a transaction that is ending, and sees to what follows a change: the timeout
/// of a transaction that began, the markers of one whose end is decided.
///
/// A transaction ends in three steps: `PREPARE_*` is written and committed, and the producer
/// answered; then a task writes the markers; then [#complete] writes `COMPLETE_*`, and requests
/// that waited are decided in the same breath, so that they share its commit.
public final class TransactionMachine implements Machine {
  /// The records of `__transaction_state`.
  public static final RecordSchemas SCHEMAS =
      new RecordSchemas() {
        @Override
        public ApiMessage readKey(short type, MessageReader reader) {
          return CoordinatorKey.read(type, CoordinatorKey.highestVersion(type), reader);
        }

        @Override
        public ApiMessage readValue(short type, short version, MessageReader reader) {
          return CoordinatorValue.read(type, version, reader);
        }
      };

  /// How long a request waits for a transaction to end before its client is told to come again: a
  /// client that has to come again waits for some 100 ms itself.
  static final Duration PATIENCE = Duration.ofMillis(500);

  private static final Outcome CONCURRENT = new Outcome.Refused(ErrorCode.CONCURRENT_TRANSACTIONS);

  /// How many ids are forgotten by one write.
  private static final int MAX_EXPIRED_AT_ONCE = 1_000;

  private static final String EXPIRY_TIMER = "expiry";

  private final MachineFactory.Context<TransactionMachine> context;
  private final Supplier<TransactionSettings> settings;
  private final TransactionFollowUps followUps;
  private final TreeMap<String, Transaction> byId = new TreeMap<>();

  /// [ProducerIdentity#lastEpoch] of those that have one: soft state.
  private final TreeMap<String, Short> lastEpochs = new TreeMap<>();

  private final TreeMap<String, WaitingRequests> waiting = new TreeMap<>();

  public TransactionMachine(
      MachineFactory.Context<TransactionMachine> context,
      Supplier<TransactionSettings> settings,
      TransactionFollowUps followUps) {
    this.context = context;
    this.settings = settings;
    this.followUps = followUps;
  }

  /// What the log says, to compare machines by.
  public SortedMap<String, Transaction> hardState() {
    TreeMap<String, Transaction> hard = new TreeMap<>();
    byId.forEach((id, known) -> hard.put(id, known.withLastEpoch(ProducerIdentity.NO_EPOCH)));
    return hard;
  }

  @Override
  public void apply(StateRecord record, Provenance provenance) {
    String id = ((TransactionLogKey) record.key()).transactionalId();
    if (record.value() instanceof TransactionLogValue value) {
      short lastEpoch = lastEpochs.getOrDefault(id, ProducerIdentity.NO_EPOCH);
      byId.put(id, Transaction.read(id, value).withLastEpoch(lastEpoch));
    } else {
      byId.remove(id);
      lastEpochs.remove(id);
    }
  }

  @Override
  public void begin(Now now) {
    for (Transaction known : byId.values()) {
      if (known.state() == TransactionState.ONGOING) {
        long leftMs = known.startMs() + known.timeoutMs() - now.wallMs();
        watch(known, Math.clamp(leftMs, 0, known.timeoutMs()));
      } else if (known.state().isPreparing()) {
        // Whoever led the partition before may have written some of the markers, or all.
        setTimer("resume/" + known.id(), Duration.ZERO, (machine, _) -> machine.resume(known.id()));
      }
    }
    setExpiryTimer();
  }

  private void setExpiryTimer() {
    setTimer(
        EXPIRY_TIMER, settings.get().expirationInterval(), (machine, now) -> machine.expire(now));
  }

  private <A> void setTimer(String name, Duration delay, Command<TransactionMachine, A> command) {
    context.timers().set(name, delay, command);
  }

  /// A producer wants its id and epoch, and whatever it had begun to be aborted.
  ///
  /// @param freshId a producer id that nobody has, or -1: see [Outcome.NeedsProducerId]
  public Decision<Outcome> init(InitProducerIdRequest request, long freshId, Now now) {
    String id = String.valueOf(request.transactionalId());
    if (id.isEmpty() || (request.producerId() < 0) != (request.producerEpoch() < 0)) {
      return Decision.reply(new Outcome.Refused(ErrorCode.INVALID_REQUEST));
    }
    int timeoutMs = request.transactionTimeoutMs();
    if (timeoutMs <= 0 || timeoutMs > settings.get().maxTimeoutMs()) {
      return Decision.reply(new Outcome.Refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT));
    }
    TransactionRules.Init init =
        new TransactionRules.Init(
            id, timeoutMs, request.producerId(), request.producerEpoch(), freshId);
    return decide(
        id, (known, later) -> TransactionRules.init(known, init, later.wallMs()), CONCURRENT, now);
  }

  /// Partitions join the transaction, which begins if it has not.
  ///
  /// @param isVersion2 whether the client speaks transactions of version 2
  public Decision<Outcome> addPartitions(
      String id,
      long producerId,
      short producerEpoch,
      List<TopicPartition> partitions,
      boolean isVersion2,
      Now now) {
    if (id.isEmpty()) {
      return Decision.reply(new Outcome.Refused(ErrorCode.INVALID_REQUEST));
    }
    short version = isVersion2 ? Transaction.VERSION_2 : Transaction.VERSION_0;
    return decide(
        id,
        (known, later) ->
            TransactionRules.add(
                known, producerId, producerEpoch, partitions, version, later.wallMs()),
        CONCURRENT,
        now);
  }

  /// Whether partitions belong to the transaction, as an error code for each: `NONE` if so,
  /// `TRANSACTION_ABORTABLE` if not.
  public Decision<List<ErrorCode>> verify(
      String id, long producerId, short producerEpoch, List<TopicPartition> partitions, Now now) {
    if (id.isEmpty()) {
      return Decision.reply(all(partitions, ErrorCode.INVALID_REQUEST));
    }
    return decide(
        id,
        (known, _) -> TransactionRules.verify(known, producerId, producerEpoch, partitions),
        all(partitions, ErrorCode.CONCURRENT_TRANSACTIONS),
        now);
  }

  private static List<ErrorCode> all(List<TopicPartition> partitions, ErrorCode error) {
    return partitions.stream().map(_ -> error).toList();
  }

  /// A producer wants to commit or abort its transaction.
  ///
  /// @param isVersion2 whether the client speaks transactions of version 2, whose end gives the
  ///   producer its next epoch
  /// @param freshId as for [#init]
  public Decision<Outcome> end(EndTxnRequest request, boolean isVersion2, long freshId, Now now) {
    String id = request.transactionalId();
    if (id.isEmpty()) {
      return Decision.reply(new Outcome.Refused(ErrorCode.INVALID_REQUEST));
    }
    TransactionRules.End end =
        new TransactionRules.End(
            request.producerId(),
            request.producerEpoch(),
            request.committed(),
            isVersion2,
            freshId);
    return decide(
        id, (known, later) -> TransactionRules.end(known, end, later.wallMs()), CONCURRENT, now);
  }

  /// Aborts a transaction that has taken too long, unless it has ended meanwhile.
  ///
  /// @param freshId as for [#init]
  public Decision<Outcome> timeOut(TimedOut timedOut, long freshId, Now now) {
    return decide(
        timedOut.transactionalId(),
        (known, later) -> TransactionRules.timeOut(known, timedOut, freshId, later.wallMs()),
        CONCURRENT,
        now);
  }

  private Decision<Outcome> onTimeout(TimedOut timedOut, Now now) {
    Decision<Outcome> decision = timeOut(timedOut, ProducerIdentity.NO_ID, now);
    return decision.value() instanceof Outcome.NeedsProducerId
        ? decision.then(() -> followUps.abort(context.partition(), timedOut))
        : decision;
  }

  /// Whether the end of a transaction still has to be seen to by this leader of the partition.
  public Decision<Boolean> isEnding(Ending ending) {
    return Decision.reply(find(ending) != null);
  }

  /// All markers of a transaction are written.
  public Decision<Boolean> complete(Ending ending, Now now) {
    Transaction known = find(ending);
    if (known == null) {
      return Decision.reply(false);
    }
    List<StateRecord> records = new ArrayList<>();
    Transaction next = known.completed(now.wallMs());
    records.add(next.record());
    WaitingRequests requests = waiting.remove(next.id());
    if (requests != null) {
      next = requests.decideAgain(next, records, now);
      if (requests.isEmpty()) {
        context.timers().cancel(waitTimer(next.id()));
      } else {
        waiting.put(next.id(), requests);
      }
    }
    return follow(next, Decision.of(records, true));
  }

  private @Nullable Transaction find(Ending ending) {
    Transaction known = byId.get(ending.transactionalId());
    EndMarker marker = ending.marker();
    return known != null
            && known.state().isPreparing()
            && known.producer().is(marker.producerId(), marker.producerEpoch())
            && marker.coordinatorEpoch() == context.leaderEpoch()
        ? known
        : null;
  }

  public Decision<DescribeTransactionsResponse.TransactionState> describe(String id) {
    return Decision.reply(TransactionViews.describe(id, byId.get(id)));
  }

  /// The transactions that a ListTransactions asks for.
  ///
  /// @param pattern that transactional ids have to match as a whole
  public Decision<List<ListTransactionsResponse.TransactionState>> list(
      ListTransactionsRequest request, @Nullable Pattern pattern, Now now) {
    return Decision.reply(TransactionViews.list(byId.values(), request, pattern, now));
  }

  private <A> Decision<A> decide(String id, WaitingRequests.Rule<A> rule, A busy, Now now) {
    return switch (rule.decide(byId.get(id), now)) {
      case Step.Answered<A>(A answer) -> Decision.reply(answer);
      case Step.Changed<A>(Transaction next, A answer) ->
          follow(next, Decision.of(List.of(next.record()), answer));
      case Step.ChangedFirst<A>(Transaction next) -> {
        Answer<A> answer = await(id, rule, busy, now);
        yield follow(next, Decision.later(List.of(next.record()), answer));
      }
      case Step.Busy<A> _ -> Decision.later(List.of(), await(id, rule, busy, now));
    };
  }

  private <A> Answer<A> await(String id, WaitingRequests.Rule<A> rule, A busy, Now now) {
    Answer<A> answer = context.answers().open();
    WaitingRequests requests = waiting.computeIfAbsent(id, _ -> new WaitingRequests());
    if (requests.isEmpty()) {
      setWaitTimer(id, PATIENCE);
    }
    if (!requests.add(rule, answer, busy, now.nanosIn(PATIENCE))) {
      answer.complete(busy);
    }
    return answer;
  }

  private static String waitTimer(String id) {
    return "wait/" + id;
  }

  private void setWaitTimer(String id, Duration delay) {
    setTimer(waitTimer(id), delay, (machine, now) -> machine.giveUp(id, now));
  }

  private Decision<Void> giveUp(String id, Now now) {
    WaitingRequests requests = waiting.get(id);
    if (requests != null) {
      Duration left = requests.giveUp(now);
      if (requests.isEmpty()) {
        waiting.remove(id);
      } else {
        setWaitTimer(id, left);
      }
    }
    return Decision.none();
  }

  /// Does what has to be done besides writing down that a transactional id has come to be `next`.
  private <A> Decision<A> follow(Transaction next, Decision<A> decision) {
    if (next.producer().lastEpoch() >= 0) {
      lastEpochs.put(next.id(), next.producer().lastEpoch());
    } else {
      lastEpochs.remove(next.id());
    }
    Transaction before = byId.get(next.id());
    if (next.state() == TransactionState.ONGOING) {
      if (before == null || before.state() != TransactionState.ONGOING) {
        watch(next, next.timeoutMs());
      }
    } else {
      context.timers().cancel(timeoutTimer(next.id()));
    }
    return next.state().isPreparing() ? decision.then(finish(next)) : decision;
  }

  private static String timeoutTimer(String id) {
    return "timeout/" + id;
  }

  private void watch(Transaction ongoing, long leftMs) {
    TimedOut timedOut =
        new TimedOut(ongoing.id(), ongoing.producer().id(), ongoing.producer().epoch());
    setTimer(
        timeoutTimer(ongoing.id()),
        Duration.ofMillis(leftMs),
        (machine, now) -> machine.onTimeout(timedOut, now));
  }

  private Decision<Boolean> resume(String id) {
    Transaction known = byId.get(id);
    return known != null && known.state().isPreparing()
        ? Decision.reply(true).then(finish(known))
        : Decision.reply(false);
  }

  private Tasks.Body finish(Transaction preparing) {
    Ending ending =
        new Ending(
            preparing.id(),
            List.copyOf(preparing.partitions()),
            new EndMarker(
                preparing.producer().id(),
                preparing.producer().epoch(),
                context.leaderEpoch(),
                preparing.state() == TransactionState.PREPARE_COMMIT),
            preparing.clientVersion());
    return () -> followUps.finish(context.partition(), ending);
  }

  private Decision<Void> expire(Now now) {
    setExpiryTimer();
    long horizonMs = now.wallMs() - settings.get().idExpirationMs();
    List<StateRecord> tombstones = new ArrayList<>();
    for (Transaction known : byId.values()) {
      if (known.state().isIdle()
          && known.updatedMs() <= horizonMs
          && tombstones.size() < MAX_EXPIRED_AT_ONCE) {
        tombstones.add(StateRecord.tombstone(Transaction.key(known.id())));
      }
    }
    return Decision.write(tombstones);
  }
}
