package io.millrace.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Offset commits at a fixed rate, by [CommitClient] in a JVM of its own: how many are sustained,
/// and what each costs the broker.
final class CommitsPart implements Part {
  static final int COMMITS_PER_SECOND = 10_000;

  private final Repository repository;
  private final Duration warmUp;
  private final Duration measured;

  CommitsPart(Repository repository, Duration warmUp, Duration measured) {
    this.repository = repository;
    this.warmUp = warmUp;
    this.measured = measured;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    Clients.createTopic(broker.bootstrap(), "commits", 1);
    Clients.awaitGroups(broker.bootstrap());
    List<String> command =
        Tool.clientCommand(
            repository,
            CommitClient.class,
            List.of(
                broker.bootstrap(),
                "commits",
                Integer.toString(COMMITS_PER_SECOND),
                Long.toString(warmUp.toSeconds()),
                Long.toString(measured.toSeconds())));
    Process client =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = client.inputReader()) {
      expect(output);
      long startNs = System.nanoTime();
      double before = ProcessUsage.cpuSecondsOf(broker.handle());
      String line = expect(output);
      double used = ProcessUsage.cpuSecondsOf(broker.handle()) - before;
      double seconds = (System.nanoTime() - startNs) / 1e9;
      double[] figures =
          Arrays.stream(line.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
      recorder.record(Measure.COMMITS_RATE, figures[0] / measured.toSeconds());
      recorder.record(Measure.COMMITS_CPU, used * 1e6 / figures[0]);
      recorder.record(Measure.COMMITS_CORES, used / seconds);
      recorder.record(Measure.COMMITS_P99, figures[2] / 1000);
    } finally {
      client.destroyForcibly();
    }
  }

  private static String expect(BufferedReader output) throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the client ended early: see above");
    }
    return line;
  }
}
