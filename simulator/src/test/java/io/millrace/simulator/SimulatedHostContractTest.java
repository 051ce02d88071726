package io.millrace.simulator;

import io.millrace.host.Host;
import io.millrace.host.Tasks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;

/// Runs every test with a few seeds.
class SimulatedHostContractTest extends NetContract {
  private static final Path DIR = Path.of("/srv/data");
  private static final int SEEDS = 20;

  private Simulation simulation = new Simulation(0);

  @AfterEach
  void close() {
    simulation.close();
  }

  @Override
  Host host() {
    return simulation.host("node");
  }

  @Override
  Path dir() {
    return DIR;
  }

  @Override
  void run(Tasks.Body body) throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      simulation.close();
      simulation = new Simulation(seed);
      SimulatedHost node = simulation.host("node");
      node.disk().createDirectories(DIR);
      simulation.run(node, "test", body);
    }
  }
}
