package io.millrace.generator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// The source file of a message.
final class MessageSource {
  private static final Map<String, String> IMPORTS = new LinkedHashMap<>();

  static {
    IMPORTS.put("ApiMessage", "io.millrace.protocol");
    IMPORTS.put("FieldText", "io.millrace.protocol");
    IMPORTS.put("MessageReader", "io.millrace.protocol");
    IMPORTS.put("MessageWriter", "io.millrace.protocol");
    IMPORTS.put("RawTaggedField", "io.millrace.protocol");
    IMPORTS.put("RecordData", "io.millrace.protocol");
    IMPORTS.put("UnsupportedVersionException", "io.millrace.protocol");
    IMPORTS.put("Uuid", "io.millrace.protocol");
    IMPORTS.put("ByteBuffer", "java.nio");
    IMPORTS.put("ArrayList", "java.util");
    IMPORTS.put("Collections", "java.util");
    IMPORTS.put("List", "java.util");
    IMPORTS.put("Nullable", "org.jspecify.annotations");
  }

  private MessageSource() {}

  static String of(String packageName, MessageSchema message) {
    JavaWriter body = new JavaWriter();
    new StructSource(message, message.body(), body).write();
    return head(packageName, body.toString()) + body;
  }

  /// The package and the imports that `body` needs.
  static String head(String packageName, String body) {
    JavaWriter out = new JavaWriter();
    out.line("// Generated from Kafka's message schemas. Do not edit.");
    out.line("package " + packageName + ";");
    out.blank();
    IMPORTS.forEach(
        (name, from) -> {
          if (Pattern.compile("\\b" + name + "\\b").matcher(body).find()) {
            out.line("import " + from + "." + name + ";");
          }
        });
    return out.blank().toString();
  }
}
