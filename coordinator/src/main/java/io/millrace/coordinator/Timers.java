package io.millrace.coordinator;

import java.time.Duration;

/// What a machine wants to do later. A timer has a name; setting it again replaces it. Timers are
/// soft state.
///
/// Moving a timer to a later time costs a write to a field, so a session's timer may be moved with
/// every heartbeat.
public interface Timers<M extends Machine> {
  /// Has `command` decided once `delay` has passed.
  <A> void set(String name, Duration delay, Command<M, A> command);

  /// Nothing happens if there is no timer of that name.
  void cancel(String name);
}
