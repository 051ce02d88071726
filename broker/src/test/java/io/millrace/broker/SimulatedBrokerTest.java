package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The broker in the simulator: the same seed gives the same run, event by event.
@Timeout(120)
final class SimulatedBrokerTest {
  private static final int SEEDS = 12;

  @Test
  void theSameSeedGivesTheSameRunAndAnotherSeedAnother() {
    Set<Long> hashes = new HashSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      long hash = SimulatedRun.hash(seed);
      assertThat(SimulatedRun.hash(seed)).as("seed %d", seed).isEqualTo(hash);
      hashes.add(hash);
    }
    assertThat(hashes).hasSize(SEEDS);
  }

  /// The JVMs salt their hashes and compile differently: neither may change anything.
  @Test
  void theSameSeedGivesTheSameRunInAnotherProcess() throws Exception {
    List<String> one = inAnotherProcess("-XX:TieredStopAtLevel=1", "-XX:hashCode=2");
    assertThat(inAnotherProcess("-XX:+UseParallelGC")).isEqualTo(one);
    assertThat(one).hasSize(4).contains("3 " + SimulatedRun.hash(3));
  }

  private static List<String> inAnotherProcess(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (List.of(flags).toString().contains("hashCode")) {
      command.add("-XX:+UnlockExperimentalVMOptions");
    }
    command.addAll(List.of(flags));
    command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx512m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SimulatedRun.class.getName(), "1", "2", "3", "4"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
