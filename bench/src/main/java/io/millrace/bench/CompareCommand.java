package io.millrace.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures Millrace and Apache Kafka side by side: in every round each broker runs every part on a
/// fresh directory, in turn, and the table shows medians over the rounds.
@Command(
    name = "compare",
    description = "Compares Millrace with Apache Kafka on this machine.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  /// The parts by their names on the command line.
  enum PartName {
    PRODUCE,
    CONSUME,
    START,
    LATENCY,
    PARTITIONS,
    GROUPS,
    COMMITS,
    TRANSACTIONS,
    IDLE_GROUPS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--only",
      split = ",",
      description =
          "Parts to run: ${COMPLETION-CANDIDATES}. Default: all. Consume includes produce.")
  private List<PartName> only = List.of(PartName.values());

  @Option(
      names = "--brokers",
      split = ",",
      converter = BrokerKindConverter.class,
      description =
          "millrace-fsync, millrace-replicated, kafka, kafka-flush (flush.messages=1, for"
              + " orientation). Default: the first three.")
  private List<BrokerKind> brokers =
      List.of(BrokerKind.MILLRACE_FSYNC, BrokerKind.MILLRACE_REPLICATED, BrokerKind.KAFKA);

  @Option(names = "--rounds", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--size",
      description = "GB (10^9 bytes) to produce and consume per round. Default: ${DEFAULT-VALUE}.")
  private double size = 2;

  @Option(names = "--partitions", description = "Default: ${DEFAULT-VALUE}.")
  private int partitions = 2000;

  @Option(
      names = "--members",
      description = "Members of the group, on twice as many partitions. Default: ${DEFAULT-VALUE}.")
  private int members = 200;

  @Option(names = "--idle-groups", description = "Default: ${DEFAULT-VALUE}.")
  private int idleGroups = 10_000;

  @Option(
      names = "--latency-seconds",
      description =
          "Measured time per round of latency, commits and transactions, after half of it as"
              + " warm-up. Default: ${DEFAULT-VALUE}.")
  private int latencySeconds = 30;

  @Option(
      names = "--idle-seconds",
      description =
          "Wait before memory and CPU of an idle broker are read. Default: ${DEFAULT-VALUE}.")
  private int idleSeconds = 10;

  @Option(
      names = "--work",
      description = "Folder for the brokers' data. Default: bench/target/run.")
  private Path work = Path.of("");

  private final Repository repository = Repository.find();

  @Override
  public Integer call() throws Exception {
    String stamp = Instant.now().toString().replaceAll("[:.]", "-");
    Path folder = repository.target().resolve("results");
    Path runs =
        work.toString().isEmpty() ? repository.target().resolve("run") : work.toAbsolutePath();
    var results = new Results(folder.resolve(stamp + ".jsonl"));
    Map<PartName, Part> parts = parts();
    if (parts.containsKey(PartName.START) || parts.containsKey(PartName.PARTITIONS)) {
      warmClientUp(runs);
    }
    boolean complete = true;
    for (int round = 1; round <= rounds; round++) {
      for (var part : parts.entrySet()) {
        for (BrokerKind kind : rotated(round)) {
          complete &= run(round, kind, part.getKey(), part.getValue(), runs, results);
        }
      }
    }
    String report = heading() + "\n" + Table.of(results, brokers);
    Path table = folder.resolve(stamp + ".md");
    Files.writeString(table, report);
    System.out.println(
        "\n"
            + report
            + "\nTable: "
            + table
            + "\nEvery sample: "
            + folder.resolve(stamp + ".jsonl"));
    return complete ? 0 : 1;
  }

  private Map<PartName, Part> parts() {
    var parts = new EnumMap<PartName, Part>(PartName.class);
    for (PartName name : only) {
      // Consuming includes producing.
      if (name != PartName.PRODUCE || !only.contains(PartName.CONSUME)) {
        parts.put(name, part(name));
      }
    }
    return parts;
  }

  private Part part(PartName name) {
    Duration warmUp = Duration.ofSeconds(latencySeconds / 2);
    Duration measured = Duration.ofSeconds(latencySeconds);
    Duration idle = Duration.ofSeconds(idleSeconds);
    return switch (name) {
      case PRODUCE -> new ThroughputPart(repository, size, false);
      case CONSUME -> new ThroughputPart(repository, size, true);
      case START -> new StartPart(idle);
      case LATENCY -> new LatencyPart(repository, warmUp, measured);
      case PARTITIONS -> new PartitionsPart(partitions);
      case GROUPS -> new GroupsPart(repository, members);
      case COMMITS -> new CommitsPart(repository, warmUp, measured);
      case TRANSACTIONS -> new TransactionsPart(repository, warmUp, measured);
      case IDLE_GROUPS -> new IdleGroupsPart(idleGroups, idle, measured);
    };
  }

  /// The brokers, each round beginning with another one.
  private List<BrokerKind> rotated(int round) {
    var order = new ArrayList<>(brokers);
    Collections.rotate(order, round - 1);
    return order;
  }

  /// One start whose figures are thrown away: the client in this JVM is compiled by then.
  private void warmClientUp(Path runs) throws Exception {
    for (int i = 0; i < 2; i++) {
      for (BrokerKind kind : brokers) {
        Path folder = runs.resolve("warm-up-" + kind.id());
        deleteRecursively(folder);
        try (var broker = BrokerProcess.create(kind, repository, folder, Map.of())) {
          new StartPart(Duration.ZERO).run(broker, (_, _) -> {});
        }
        deleteRecursively(folder);
      }
    }
  }

  /// Returns whether the part ran to its end; a failure is shown and does not end the comparison.
  private boolean run(
      int round, BrokerKind kind, PartName name, Part part, Path runs, Results results)
      throws IOException {
    Path folder = runs.resolve(kind.id());
    deleteRecursively(folder);
    try (var broker = BrokerProcess.create(kind, repository, folder, Map.of())) {
      part.run(
          broker,
          (measure, value) -> {
            System.out.printf(
                "round %d  %-20s %s: %s%n",
                round, kind.id(), measure.title(), measure.format(value));
            results.add(new Results.Sample(round, kind, measure, value));
          });
    } catch (Exception e) {
      System.err.printf("round %d  %s: %s failed: %s%n", round, kind.id(), name, e);
      e.printStackTrace();
      return false;
    }
    deleteRecursively(folder);
    return true;
  }

  private String heading() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.replaceFirst(".*: ", ""))
            .orElse("unknown CPU");
    return """
        ## Millrace beside Apache Kafka %s

        `acks=all`, records of 1 KB, batches of 64 KB, %s GB; durability mode in the heading of each column.
        %d rounds, brokers in turn, fresh directories; client on the same machine.
        %d × %s, JDK %s, %s
        """
        .formatted(
            repository.kafkaVersion(),
            size,
            rounds,
            Runtime.getRuntime().availableProcessors(),
            cpu,
            Runtime.version(),
            Instant.now());
  }

  private static void deleteRecursively(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path visited, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  static final class BrokerKindConverter implements picocli.CommandLine.ITypeConverter<BrokerKind> {
    @Override
    public BrokerKind convert(String value) {
      for (BrokerKind kind : BrokerKind.values()) {
        if (kind.id().equals(value)) {
          return kind;
        }
      }
      throw new picocli.CommandLine.TypeConversionException("no broker of this name: " + value);
    }
  }
}
