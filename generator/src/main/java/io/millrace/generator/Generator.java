package io.millrace.generator;

import java.io.IOException;
import java.nio.file.Path;

/// The command that a module's build runs in `generate-sources`: reads schemas, writes Java.
///
/// The output depends on nothing but the input, and a file whose content would not change is not
/// touched, so that the compiler sees nothing new when there is nothing new.
public final class Generator {
  private final Options options;

  private Generator(Options options) {
    this.options = options;
  }

  public static void main(String[] args) throws IOException {
    try {
      new Generator(Options.parse(args)).run();
    } catch (InvalidSchemaException e) {
      System.err.println("generator: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() throws IOException {
    SourceFolder sources = new SourceFolder(options.out(), options.packageName());
    sources.add("package-info", PackageInfoSource.of(options.packageName()));
    for (Path jars : options.errorCodeJars()) {
      sources.add("ErrorCode", ErrorCodeSource.of(options.packageName(), KafkaErrors.load(jars)));
    }
    sources.write();
  }
}
