package io.millrace.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The checked-out project: where the launcher, the built classes and Apache Kafka's jars are.
public record Repository(Path root) {
  /// The repository that this class was built in.
  public static Repository find() {
    Path built = Path.of(classes()).toAbsolutePath();
    for (Path folder = built; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("peer/pom.xml"))) {
        return new Repository(folder);
      }
    }
    throw new IllegalStateException(built + " is not inside a Millrace repository");
  }

  private static URI classes() {
    try {
      return Repository.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path launcher() {
    return root.resolve("bin/millrace");
  }

  public Path target() {
    return root.resolve("bench/target");
  }

  /// Apache Kafka's jars as a class path of one wildcard.
  public String kafkaClassPath() {
    Path jars = root.resolve("peer/target/kafka");
    if (!Files.isDirectory(jars)) {
      throw new IllegalStateException(
          jars + " does not exist: `mvn -pl peer process-resources` puts Apache Kafka there");
    }
    return jars + "/*";
  }

  /// Apache Kafka's jars and this module's classes: for clients of ours that run in a JVM of their
  /// own, with the same libraries as Kafka's tools.
  public String clientClassPath() {
    return root.resolve("bench/target/classes") + ":" + kafkaClassPath();
  }

  /// The version of Apache Kafka beside which Millrace is run.
  public String kafkaVersion() {
    try (var files = Files.list(root.resolve("peer/target/kafka"))) {
      Optional<String> jar =
          files
              .map(path -> path.getFileName().toString())
              .filter(name -> name.startsWith("kafka_2.13-"))
              .findFirst();
      return jar.orElseThrow().replaceFirst("kafka_2.13-", "").replaceFirst("[.]jar$", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The `java` that runs this program: 25 or newer.
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /// The command that starts a main class in a JVM with this class path.
  static List<String> javaCommand(String classPath, List<String> flags, String mainClass) {
    var command = new ArrayList<String>();
    command.add(java());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, mainClass));
    return command;
  }
}
