package io.millrace.bench;

import java.util.List;

/// A big group of which one member leaves while another joins, with both group protocols and their
/// default settings, by [GroupClient] in a JVM of its own.
final class GroupsPart implements Part {
  private final Repository repository;
  private final int members;

  GroupsPart(Repository repository, int members) {
    this.repository = repository;
    this.members = members;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    recorder.record(Measure.GROUPS_CLASSIC, millis(broker, "classic"));
    recorder.record(Measure.GROUPS_CONSUMER, millis(broker, "consumer"));
  }

  private double millis(BrokerProcess broker, String protocol) throws Exception {
    int partitions = 2 * members;
    Clients.createTopic(broker.bootstrap(), protocol, partitions);
    Tool tool =
        Tool.client(
                repository,
                GroupClient.class,
                List.of(
                    broker.bootstrap(),
                    protocol,
                    protocol,
                    Integer.toString(members),
                    Integer.toString(partitions)))
            .orFail();
    return Double.parseDouble(tool.output().strip());
  }
}
