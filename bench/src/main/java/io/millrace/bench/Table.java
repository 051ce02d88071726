package io.millrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The medians as a Markdown table: a column per broker, a ratio to Kafka as shipped per Millrace
/// column, and the aim.
final class Table {
  private Table() {}

  static String of(Results results, List<BrokerKind> brokers) {
    var lines = new ArrayList<String>();
    var heading = new ArrayList<String>();
    heading.add("Median of all rounds");
    brokers.forEach(broker -> heading.add(broker.title()));
    List<BrokerKind> compared = compared(brokers);
    compared.forEach(broker -> heading.add(broker.title() + " ÷ Kafka"));
    heading.add("Aim");
    lines.add(row(heading));
    var rule = new ArrayList<String>();
    for (int i = 0; i < heading.size(); i++) {
      rule.add(i == 0 || i == heading.size() - 1 ? "---" : "---:");
    }
    lines.add(row(rule));
    for (Measure measure : Measure.values()) {
      List<OptionalDouble> medians =
          brokers.stream().map(broker -> results.median(broker, measure)).toList();
      if (medians.stream().noneMatch(OptionalDouble::isPresent)) {
        continue;
      }
      var cells = new ArrayList<String>();
      cells.add(measure.title());
      medians.forEach(
          value -> cells.add(value.isPresent() ? measure.format(value.getAsDouble()) : "–"));
      compared.forEach(broker -> cells.add(ratio(results, broker, measure)));
      cells.add(measure.aim());
      lines.add(row(cells));
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<BrokerKind> compared(List<BrokerKind> brokers) {
    return brokers.contains(BrokerKind.KAFKA)
        ? brokers.stream().filter(BrokerKind::isMillrace).toList()
        : List.of();
  }

  private static String ratio(Results results, BrokerKind broker, Measure measure) {
    OptionalDouble own = results.median(broker, measure);
    OptionalDouble kafka = results.median(BrokerKind.KAFKA, measure);
    if (own.isEmpty() || kafka.isEmpty() || kafka.getAsDouble() == 0) {
      return "–";
    }
    return String.format(Locale.ROOT, "%.2f", own.getAsDouble() / kafka.getAsDouble());
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
