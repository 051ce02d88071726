package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DeterminismTest {
  private static final int SEEDS = 50;

  @Test
  void theSameSeedGivesTheSameRunAndAnotherSeedAnother() {
    Set<Long> hashes = new HashSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      long hash = Scenario.hash(seed);
      assertThat(Scenario.hash(seed)).as("seed %d", seed).isEqualTo(hash);
      hashes.add(hash);
    }
    assertThat(hashes).hasSize(SEEDS);
  }

  /// One JVM interprets, one compiles at once: neither may change anything.
  @Test
  void theSameSeedGivesTheSameRunInAnotherProcess() throws Exception {
    List<String> interpreted = inAnotherProcess("-Xint");
    assertThat(inAnotherProcess("-Xcomp", "-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC"))
        .isEqualTo(interpreted);
    assertThat(interpreted).hasSize(3).contains("1 " + Scenario.hash(1));
  }

  private static List<String> inAnotherProcess(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Scenario.class.getName(), "1", "2", "3"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
