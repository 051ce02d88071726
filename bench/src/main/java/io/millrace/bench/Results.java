package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// All samples of a comparison. Every sample is also appended at once to a file of JSON lines, so
/// that nothing is lost if a later part fails.
final class Results {
  /// One measured value.
  record Sample(int round, BrokerKind broker, Measure measure, double value) {
    String toJson() {
      return String.format(
          Locale.ROOT,
          "{\"round\":%d,\"broker\":\"%s\",\"measure\":\"%s\",\"unit\":\"%s\",\"value\":%.4f}",
          round,
          broker.id(),
          measure.name().toLowerCase(Locale.ROOT),
          measure.unit(),
          value);
    }
  }

  private final Path file;
  private final List<Sample> samples = new ArrayList<>();

  Results(Path file) {
    this.file = file;
  }

  void add(Sample sample) throws IOException {
    samples.add(sample);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file, sample.toJson() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  OptionalDouble median(BrokerKind broker, Measure measure) {
    double[] values =
        samples.stream()
            .filter(sample -> sample.broker() == broker && sample.measure() == measure)
            .mapToDouble(Sample::value)
            .sorted()
            .toArray();
    return values.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Percentiles.median(values));
  }
}
