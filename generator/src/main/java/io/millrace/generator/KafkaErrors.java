package io.millrace.generator;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Kafka's table of error codes, read from its class `Errors`: the schemas do not carry it.
final class KafkaErrors {
  /// One error: the name of the enum constant, its code, Kafka's default text for it (empty for
  /// `NONE`) and whether a client may try again.
  record KafkaError(String name, short code, String message, boolean retriable) {}

  private KafkaErrors() {}

  /// Loads the class from the jars in `folder`: kafka-clients, and slf4j-api that it logs with.
  static List<KafkaError> load(Path folder) throws IOException {
    // Kafka's class asks for a logger when it is loaded; that none is there is no news here.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    try (URLClassLoader loader =
        new URLClassLoader(jarsIn(folder), ClassLoader.getPlatformClassLoader())) {
      Class<?> errors = loader.loadClass("org.apache.kafka.common.protocol.Errors");
      Class<?> retriable = loader.loadClass("org.apache.kafka.common.errors.RetriableException");
      List<KafkaError> result = new ArrayList<>();
      for (Object error : errors.getEnumConstants()) {
        Object exception = errors.getMethod("exception").invoke(error);
        result.add(
            new KafkaError(
                ((Enum<?>) error).name(),
                (short) errors.getMethod("code").invoke(error),
                exception == null ? "" : (String) errors.getMethod("message").invoke(error),
                retriable.isInstance(exception)));
      }
      return result;
    } catch (ReflectiveOperationException e) {
      throw new IOException("cannot read Kafka's error codes from the jars in " + folder, e);
    }
  }

  private static URL[] jarsIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .sorted()
          .map(KafkaErrors::url)
          .toArray(URL[]::new);
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
