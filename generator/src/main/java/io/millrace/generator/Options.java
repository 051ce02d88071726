package io.millrace.generator;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the command was asked to do.
///
/// @param schemas folders of schemas (`*.json`); each message becomes a class
/// @param packageName the package of the generated classes
/// @param out root folder of the generated sources
/// @param apiKeys whether to make the enum `ApiKey` from the request and response schemas
/// @param errorCodeJars the folder with the jars kafka-clients and slf4j-api, to make the enum
///   `ErrorCode` from
record Options(
    List<Path> schemas,
    String packageName,
    Path out,
    boolean apiKeys,
    Optional<Path> errorCodeJars) {
  private static final String USAGE =
      "usage: --package NAME --out DIR [--schemas DIR]... [--api-keys] [--error-codes JAR_DIR]";

  static Options parse(String[] args) {
    List<Path> schemas = new ArrayList<>();
    Optional<Path> errorCodeJars = Optional.empty();
    String packageName = "";
    String out = "";
    boolean apiKeys = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--schemas" -> schemas.add(Path.of(value(args, ++i)));
        case "--package" -> packageName = value(args, ++i);
        case "--out" -> out = value(args, ++i);
        case "--api-keys" -> apiKeys = true;
        case "--error-codes" -> errorCodeJars = Optional.of(Path.of(value(args, ++i)));
        default -> throw new InvalidSchemaException("unknown argument " + args[i] + "; " + USAGE);
      }
    }
    if (packageName.isEmpty() || out.isEmpty()) {
      throw new InvalidSchemaException("--package and --out are needed; " + USAGE);
    }
    return new Options(schemas, packageName, Path.of(out), apiKeys, errorCodeJars);
  }

  private static String value(String[] args, int index) {
    if (index == args.length) {
      throw new InvalidSchemaException(args[index - 1] + " needs a value; " + USAGE);
    }
    return args[index];
  }
}
