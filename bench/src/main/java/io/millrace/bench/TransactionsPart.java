package io.millrace.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Read, process, write in transactions, by [TransactionClient] in a JVM of its own.
final class TransactionsPart implements Part {
  private static final int PARTITIONS = 6;
  private static final int INPUT_RECORDS = 100_000;
  private static final int RECORD_BYTES = 200;

  private final Repository repository;
  private final Duration warmUp;
  private final Duration measured;

  TransactionsPart(Repository repository, Duration warmUp, Duration measured) {
    this.repository = repository;
    this.warmUp = warmUp;
    this.measured = measured;
  }

  @Override
  public void run(BrokerProcess broker, Recorder recorder) throws Exception {
    broker.start();
    Clients.createTopic(broker.bootstrap(), "input", PARTITIONS);
    Clients.createTopic(broker.bootstrap(), "output", PARTITIONS);
    try (var producer = Clients.producer(broker.bootstrap())) {
      for (int i = 0; i < INPUT_RECORDS; i++) {
        var _ =
            producer.send(
                new ProducerRecord<>("input", i % PARTITIONS, null, new byte[RECORD_BYTES]));
      }
    }
    Tool tool =
        Tool.client(
                repository,
                TransactionClient.class,
                List.of(
                    broker.bootstrap(),
                    "input",
                    "output",
                    Long.toString(warmUp.toSeconds()),
                    Long.toString(measured.toSeconds())))
            .orFail();
    double[] figures =
        Arrays.stream(tool.output().strip().split(" ", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    recorder.record(Measure.TRANSACTIONS_RATE, figures[0]);
    recorder.record(Measure.TRANSACTIONS_P50, figures[1] / 1000);
    recorder.record(Measure.TRANSACTIONS_P99, figures[2] / 1000);
  }
}
