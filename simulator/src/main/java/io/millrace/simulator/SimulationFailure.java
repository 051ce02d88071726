package io.millrace.simulator;

/// A simulation came to an end that its test did not want: a task failed, nothing can happen any
/// more, or it ran for too long. The message has the seed, which replays the run.
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }

  SimulationFailure(String message) {
    super(message);
  }
}
