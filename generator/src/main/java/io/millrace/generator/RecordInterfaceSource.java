package io.millrace.generator;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// The source of the sealed interface of all kinds of record of one log.
final class RecordInterfaceSource {
  private RecordInterfaceSource() {}

  static String of(String packageName, MessageSchema.Type type, List<MessageSchema> messages) {
    List<MessageSchema> records =
        messages.stream()
            .filter(message -> message.type() == type)
            .sorted(Comparator.comparingInt(message -> message.apiKey().orElse(-1)))
            .toList();
    for (int i = 0; i < records.size(); i++) {
      int key = records.get(i).apiKey().orElse(-1);
      if (key < 0 || (i > 0 && key == records.get(i - 1).apiKey().orElse(-1))) {
        throw new InvalidSchemaException(records.get(i).name() + ": no apiKey of its own");
      }
    }
    String name = type.interfaceName;
    JavaWriter out = new JavaWriter();
    out.doc("Every message of type `" + type.schemaName + "`: [#apiKey] says which.", "");
    out.line("public sealed interface " + name + " extends ApiMessage").indent().indent();
    String permitted =
        records.stream().map(MessageSchema::name).collect(Collectors.joining(",\n        "));
    out.line("permits " + permitted + " {").outdent();
    out.blank();
    out.line(
        "/// Reads the record of this type. One that is unknown was written by something newer,");
    out.line("/// and is an [UnsupportedVersionException].");
    out.open("static " + name + " read(short apiKey, short version, MessageReader reader)");
    out.open("return switch (apiKey)");
    for (MessageSchema record : records) {
      out.line(
          "case "
              + record.apiKey().getAsInt()
              + " -> "
              + record.name()
              + ".read(reader, version);");
    }
    out.line("default -> throw unknown(apiKey);");
    out.close(";");
    out.close();
    versions(out, records, "lowestVersion", "LOWEST_VERSION");
    versions(out, records, "highestVersion", "HIGHEST_VERSION");
    out.blank();
    out.open("private static UnsupportedVersionException unknown(short apiKey)");
    out.line(
        "return new UnsupportedVersionException(\"there is no " + name + " of type \" + apiKey);");
    out.close();
    out.close();
    return MessageSource.head(packageName, out.toString()) + out;
  }

  private static void versions(
      JavaWriter out, List<MessageSchema> records, String method, String constant) {
    out.blank();
    out.line("/// The " + method.replace("V", " v") + " that is known of the record of this type.");
    out.open("static short " + method + "(short apiKey)");
    out.open("return switch (apiKey)");
    for (MessageSchema record : records) {
      out.line(
          "case " + record.apiKey().getAsInt() + " -> " + record.name() + "." + constant + ";");
    }
    out.line("default -> throw unknown(apiKey);");
    out.close(";");
    out.close();
  }
}
