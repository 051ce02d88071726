package io.millrace.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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
    if (options.errorCodeJars().isPresent()) {
      List<KafkaErrors.KafkaError> errors = KafkaErrors.load(options.errorCodeJars().get());
      sources.add("ErrorCode", ErrorCodeSource.of(options.packageName(), errors));
    }
    List<MessageSchema> messages = new ArrayList<>();
    for (Path folder : options.schemas()) {
      messages.addAll(readAll(folder));
    }
    for (MessageSchema message : messages) {
      sources.add(message.name(), MessageSource.of(options.packageName(), message));
    }
    for (MessageSchema.Type type : MessageSchema.Type.values()) {
      if (type.hasInterface() && messages.stream().anyMatch(message -> message.type() == type)) {
        sources.add(
            type.interfaceName, RecordInterfaceSource.of(options.packageName(), type, messages));
      }
    }
    if (options.apiKeys()) {
      sources.add("ApiKey", ApiKeySource.of(options.packageName(), messages));
    }
    sources.write();
  }

  private static List<MessageSchema> readAll(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    List<MessageSchema> messages = new ArrayList<>();
    for (Path file : files) {
      try {
        SchemaReader.read(Files.readString(file)).ifPresent(messages::add);
      } catch (InvalidSchemaException e) {
        throw new InvalidSchemaException(file + ": " + e.getMessage());
      }
    }
    return messages;
  }
}
