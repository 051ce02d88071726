package io.millrace.simulator;

import org.jspecify.annotations.Nullable;

/// Something that happens at a point of simulated time. Timers of the same time fire in the order
/// they were set.
final class Timer implements Comparable<Timer> {
  private final long atNanos;
  private final long sequence;
  private final String name;
  private final @Nullable SimulatedHost owner;
  private final Runnable action;
  private boolean fired;

  /// `action` runs between the steps of tasks and must not wait. With an `owner`, the timer is
  /// dropped when the owner goes down.
  Timer(long atNanos, long sequence, String name, @Nullable SimulatedHost owner, Runnable action) {
    this.atNanos = atNanos;
    this.sequence = sequence;
    this.name = name;
    this.owner = owner;
    this.action = action;
  }

  long atNanos() {
    return atNanos;
  }

  String name() {
    return name;
  }

  boolean isOwnedBy(SimulatedHost host) {
    return owner == host;
  }

  boolean hasFired() {
    return fired;
  }

  void fire() {
    fired = true;
    action.run();
  }

  @Override
  public int compareTo(Timer other) {
    int order = Long.compare(atNanos, other.atNanos);
    return order != 0 ? order : Long.compare(sequence, other.sequence);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(sequence);
  }
}
