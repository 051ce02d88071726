package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.SimulatedWorker.Flaw;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Transactions in the simulator: see [SimulatedTransactionsRun], whose `main` runs as many seeds
/// as one likes.
@Timeout(300)
final class SimulatedTransactionsTest {
  private static final int SEEDS = 30;

  @Test
  void everyInputIsProcessedExactlyOnceWhateverHappens() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(SimulatedTransactionsRun.run(seed).summary()).isNotEmpty();
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    assertThat(SimulatedTransactionsRun.run(7)).isEqualTo(SimulatedTransactionsRun.run(7));
  }

  /// A check that finds no bug is none.
  @ParameterizedTest
  @EnumSource(value = Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theBugsOfApplicationsAreFound(Flaw flaw) {
    boolean isFound = false;
    for (long seed = 0; seed < SEEDS && !isFound; seed++) {
      try {
        SimulatedTransactionsRun.run(seed, flaw);
      } catch (AssertionError e) {
        // Some bugs have the run wait in vain for the end of the input; this is not what is meant.
        isFound =
            String.valueOf(e.getMessage()).contains(SimulatedTransactionsRun.NOT_EXACTLY_ONCE);
      }
    }
    assertThat(isFound).isTrue();
  }
}
