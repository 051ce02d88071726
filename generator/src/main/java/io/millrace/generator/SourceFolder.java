package io.millrace.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The folder of one generated package. Holds the sources until [#write], which writes those that
/// differ from what is there and deletes those that are no longer made.
final class SourceFolder {
  private final Path folder;
  private final SortedMap<String, String> sources = new TreeMap<>();

  SourceFolder(Path root, String packageName) {
    folder = root.resolve(packageName.replace('.', '/'));
  }

  void add(String className, String source) {
    if (sources.put(className + ".java", source) != null) {
      throw new InvalidSchemaException("two schemas make the class " + className);
    }
  }

  void write() throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        if (!sources.containsKey(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
    for (var source : sources.entrySet()) {
      Path file = folder.resolve(source.getKey());
      if (!Files.exists(file) || !Files.readString(file).equals(source.getValue())) {
        Files.writeString(file, source.getValue());
      }
    }
  }
}
