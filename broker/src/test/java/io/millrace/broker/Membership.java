package io.millrace.broker;

import io.millrace.protocol.message.ErrorCode;
import java.util.Set;

/// A client's part in a group, by one of the protocols, or by none.
interface Membership {
  /// Says to the coordinator that the member is alive, joins and rejoins if need be, and answers
  /// which partitions are the member's now. To be called often; waits as long as a rebalance takes.
  Set<Integer> poll() throws InterruptedException;

  /// Grows whenever partitions were given up: positions of before are worthless then.
  int term();

  String memberId();

  /// The generation or the member epoch, for commits.
  int generation();

  /// A commit was refused.
  void refused(ErrorCode error);

  void leave() throws InterruptedException;

  /// One that owns fixed partitions, without the coordinator's knowledge.
  static Membership fixed(Set<Integer> partitions) {
    return new Membership() {
      @Override
      public Set<Integer> poll() {
        return partitions;
      }

      @Override
      public int term() {
        return 0;
      }

      @Override
      public String memberId() {
        return "";
      }

      @Override
      public int generation() {
        return -1;
      }

      @Override
      public void refused(ErrorCode error) {
        throw new AssertionError("a commit of somebody without a group was refused: " + error);
      }

      @Override
      public void leave() {}
    };
  }
}
