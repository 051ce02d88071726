package io.millrace.coordinator.group;

/// Where a classic group is between two rebalances.
enum ClassicState {
  /// No members: the group only keeps offsets.
  EMPTY("Empty"),
  /// The members are asked to join again; those that did wait for the others.
  PREPARING_REBALANCE("PreparingRebalance"),
  /// All joined; they wait for the assignment that their leader computes.
  COMPLETING_REBALANCE("CompletingRebalance"),
  /// Every member has its assignment.
  STABLE("Stable");

  private final String text;

  ClassicState(String text) {
    this.text = text;
  }

  /// The name as it is in responses.
  @Override
  public String toString() {
    return text;
  }
}
