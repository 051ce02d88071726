package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Groups in the simulator: see [SimulatedGroupsRun], whose `main` runs as many seeds as one likes.
@Timeout(300)
final class SimulatedGroupsTest {
  private static final int SEEDS = 30;

  @Test
  void nothingIsLostWhateverHappensToGroups() {
    SimulatedSeeds.chosen(SEEDS)
        .forEach(seed -> assertThat(SimulatedGroupsRun.run(seed).summary()).isNotEmpty());
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    assertThat(SimulatedGroupsRun.run(7)).isEqualTo(SimulatedGroupsRun.run(7));
  }
}
