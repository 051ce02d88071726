package io.millrace.bench;

import java.io.IOException;

/// One part of the comparison: what is done once per round with each broker.
interface Part {
  /// Uses a broker that has not been started yet, on a fresh directory; whoever calls closes it and
  /// deletes the directory.
  void run(BrokerProcess broker, Recorder recorder) throws Exception;

  /// Takes the samples of one run.
  interface Recorder {
    void record(Measure measure, double value) throws IOException;
  }
}
