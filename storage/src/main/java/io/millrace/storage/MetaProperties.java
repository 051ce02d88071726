package io.millrace.storage;

import io.millrace.host.Disk;
import io.millrace.host.Entropy;
import io.millrace.protocol.TopicPartition;
import io.millrace.protocol.Uuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Whose log directory this is: `meta.properties`, in Kafka's format (version 1).
record MetaProperties(int nodeId, String clusterId, Uuid directoryId) {
  static final String FILE = "meta.properties";

  /// Reads the file, or writes it into a directory that is new. What does not fit is refused with
  /// the way out, never mended: a wrong identity would mix the data of two clusters.
  static MetaProperties readOrFormat(
      Disk disk, Entropy entropy, Path directory, LogDirectoryOptions options) throws IOException {
    Path path = directory.resolve(FILE);
    Optional<String> text = SmallFile.readText(disk, path);
    if (text.isEmpty()) {
      return format(disk, entropy, directory, options);
    }
    MetaProperties found = parse(path, text.get());
    if (found.nodeId != options.nodeId()) {
      throw new LogDirectoryException(
          directory
              + " belongs to node "
              + found.nodeId
              + ", and this is node "
              + options.nodeId()
              + ": set node.id to "
              + found.nodeId
              + " or use another directory");
    }
    Optional<String> wanted = options.clusterId();
    if (wanted.isPresent() && !wanted.get().equals(found.clusterId)) {
      throw new LogDirectoryException(
          directory
              + " belongs to cluster "
              + found.clusterId
              + ", and this node to cluster "
              + wanted.get()
              + ": use another directory");
    }
    return found;
  }

  private static MetaProperties format(
      Disk disk, Entropy entropy, Path directory, LogDirectoryOptions options) throws IOException {
    for (String name : disk.list(directory)) {
      Optional<TopicPartition> partition = LogNames.partition(name);
      if (partition.isPresent() && disk.isDirectory(directory.resolve(name))) {
        throw new LogDirectoryException(
            directory
                + " holds partitions such as "
                + name
                + " but no "
                + FILE
                + ": put it back, or use an empty directory");
      }
    }
    MetaProperties made =
        new MetaProperties(
            options.nodeId(),
            options.clusterId().orElseGet(() -> randomId(entropy).toString()),
            randomId(entropy));
    SmallFile.replace(disk, directory.resolve(FILE), made.toText());
    return made;
  }

  /// A random id of type 4 whose text does not begin with a dash, which tools would take for an
  /// option.
  private static Uuid randomId(Entropy entropy) {
    while (true) {
      long high = (entropy.nextLong() & ~0xf000L) | 0x4000L;
      long low = (entropy.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
      Uuid id = new Uuid(high, low);
      if (!id.toString().startsWith("-")) {
        return id;
      }
    }
  }

  private String toText() {
    return "version=1\ncluster.id="
        + clusterId
        + "\nnode.id="
        + nodeId
        + "\ndirectory.id="
        + directoryId
        + "\n";
  }

  private static MetaProperties parse(Path path, String text) throws LogDirectoryException {
    Map<String, String> values = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (!line.startsWith("#") && equals > 0) {
        values.put(line.substring(0, equals).trim(), line.substring(equals + 1).trim());
      }
    }
    if (!"1".equals(values.get("version"))) {
      throw damaged(path, "version", "1", values);
    }
    String clusterId = values.getOrDefault("cluster.id", "");
    if (clusterId.isEmpty()) {
      throw damaged(path, "cluster.id", "a cluster id", values);
    }
    try {
      return new MetaProperties(
          Integer.parseInt(values.getOrDefault("node.id", "")),
          clusterId,
          Uuid.parse(values.getOrDefault("directory.id", "")));
    } catch (NumberFormatException e) {
      throw damaged(path, "node.id", "a number", values);
    } catch (IllegalArgumentException e) {
      throw damaged(path, "directory.id", "an id", values);
    }
  }

  private static LogDirectoryException damaged(
      Path path, String name, String wanted, Map<String, String> values) {
    String value = values.get(name);
    return new LogDirectoryException(
        path
            + " cannot be used: "
            + name
            + (value == null ? " is missing" : " is '" + value + "'")
            + " and has to be "
            + wanted
            + ". Restore the file from a copy, or write it anew with version, cluster.id, node.id"
            + " and directory.id");
  }
}
