package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Answer;
import io.millrace.coordinator.Now;
import io.millrace.coordinator.StateRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The requests that wait for the transaction of one transactional id to end, in the order in which
/// they came. Soft state.
final class WaitingRequests {
  /// A producer has one request under way, a few with retries and zombies. Who comes when there are
  /// this many is told to come again at once.
  private static final int MAX = 32;

  private ArrayDeque<Waiting<?>> requests = new ArrayDeque<>();

  /// A request as a function of what is known of the transactional id.
  @FunctionalInterface
  interface Rule<A> {
    Step<A> decide(@Nullable Transaction known, Now now);
  }

  private record Waiting<A>(Rule<A> rule, Answer<A> answer, A busy, long deadlineNanos) {
    /// What has become of the transactional id; `known` if the request changed nothing.
    Transaction decideAgain(Transaction known, ArrayDeque<Waiting<?>> stillWaiting, Now now) {
      return switch (rule.decide(known, now)) {
        case Step.Answered<A>(A value) -> {
          answer.complete(value);
          yield known;
        }
        case Step.Changed<A>(Transaction next, A value) -> {
          answer.complete(value);
          yield next;
        }
        case Step.ChangedFirst<A>(Transaction next) -> {
          stillWaiting.add(this);
          yield next;
        }
        case Step.Busy<A> _ -> {
          stillWaiting.add(this);
          yield known;
        }
      };
    }

    void giveUp() {
      answer.complete(busy);
    }
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  /// False if there are too many.
  ///
  /// @param busy the answer if the deadline passes
  <A> boolean add(Rule<A> rule, Answer<A> answer, A busy, long deadlineNanos) {
    if (requests.size() >= MAX) {
      return false;
    }
    requests.add(new Waiting<>(rule, answer, busy, deadlineNanos));
    return true;
  }

  /// Decides about the requests, one after the other, now that what is known has come to be
  /// `known`.
  ///
  /// Adds the records of what they change to `records`, and returns what is known after that.
  Transaction decideAgain(Transaction known, List<StateRecord> records, Now now) {
    ArrayDeque<Waiting<?>> decided = requests;
    requests = new ArrayDeque<>();
    Transaction current = known;
    for (Waiting<?> request : decided) {
      Transaction next = request.decideAgain(current, requests, now);
      if (!next.equals(current)) {
        records.add(next.record());
        current = next;
      }
    }
    return current;
  }

  /// Answers the requests that have waited long enough; how long the next one has still to wait.
  Duration giveUp(Now now) {
    while (!requests.isEmpty()) {
      Waiting<?> first = requests.getFirst();
      if (!now.isPast(first.deadlineNanos())) {
        return Duration.ofNanos(first.deadlineNanos() - now.nanos());
      }
      requests.removeFirst();
      first.giveUp();
    }
    return Duration.ZERO;
  }
}
