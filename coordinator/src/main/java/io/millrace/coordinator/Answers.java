package io.millrace.coordinator;

/// Where a machine gets answers that it will give later, such as that of a member that waits for a
/// rebalance to end. All that are open when the leadership ends fail with `NOT_COORDINATOR`.
@FunctionalInterface
public interface Answers {
  <A> Answer<A> open();
}
